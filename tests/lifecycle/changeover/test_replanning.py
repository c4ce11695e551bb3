"""Replanning: what comes back, what it moves, and that the steps lead there."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, NoPlan, NoRoom
from spareplace.lifecycle.changeover import replan
from spareplace.lifecycle.moves.steps import replayed
from spareplace.moving import moved_bytes
from spareplace.placement import Placement
from spareplace.planning import plan
from spareplace.testing import clusters_with_placements
from spareplace.verify import check
from tests.examples import paper

few = partial(replan, method="search", time_limit=None, workers=1, iterations=2)
GB = 10**9


def test_a_plans_own_output_moves_nothing() -> None:
    made = plan(paper())
    change = replan(paper(), made)
    assert change.is_none
    assert change.moved_bytes == 0
    assert change.plan == made


@settings(max_examples=25)
@given(clusters_with_placements(max_servers=4, max_vms=4, max_diffs=4))
def test_the_steps_lead_to_the_plan(made: tuple[Cluster, Placement]) -> None:
    cluster, placement = made
    try:
        change = few(cluster, placement)
    except NoRoom:
        return
    *_, last = (placement.stored, *replayed(placement, change.moves))
    assert last == change.plan.stored
    assert change.moved_bytes == moved_bytes(cluster, placement, change.plan)
    assert change.moves.copied_bytes >= change.moved_bytes
    assert not check(cluster, change.plan)


def test_a_limit_too_small_for_the_change_is_an_error() -> None:
    with pytest.raises((NoPlan, Infeasible)):
        replan(paper(), Placement(), move_limit=1, time_limit=2)
