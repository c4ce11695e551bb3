"""A part of a state as an exact model says what the state says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.instance import number
from spareplace.placement import Placement
from spareplace.search.annealing import change
from spareplace.search.ground import ground
from spareplace.search.part import model_of, part_of
from spareplace.search.part_values import apply, cut_in, hint
from spareplace.search.state import State
from spareplace.search.translating import decisions_of, snapshot, state_of
from spareplace.testing import clusters_with_placements


def shaken(cluster: Cluster, placement: Placement, random: Random) -> State | None:
    terrain = ground(number(cluster))
    if not terrain.pairs:
        return None
    state = state_of(terrain, decisions_of(terrain, placement))
    for _ in range(5):
        mark = state.mark()
        if not change(state, random):
            state.undo(mark)
    state.commit()
    return state


@settings(max_examples=40)
@given(clusters_with_placements(max_servers=5, max_vms=7), st.integers(0, 2**16))
def test_the_vms_of_a_part_keep_their_priorities(
    case: tuple[Cluster, Placement], seed: int
) -> None:
    cluster = replace(
        case[0],
        vms=tuple(replace(vm, priority=number) for number, vm in enumerate(case[0].vms)),
    )
    state = shaken(cluster, case[1], Random(seed))
    if state is None:
        return
    part = part_of(state, range(state.ground.servers), sorted(state.skipped))
    for (_, vm), pair in part.pairs:
        assert part.instance.priority[vm] == state.ground.pairs[pair][1]


@pytest.mark.parametrize("in_bytes", [False, True])
@settings(max_examples=60)
@given(clusters_with_placements(max_servers=5, max_vms=7), st.integers(0, 2**16))
def test_what_stands_now_keeps_every_row(
    in_bytes: bool, case: tuple[Cluster, Placement], seed: int
) -> None:
    random = Random(seed)
    state = shaken(*case, random)
    if state is None:
        return
    count = random.randint(1, state.ground.servers)
    servers = random.sample(range(state.ground.servers), count)
    part = part_of(state, servers, sorted(state.skipped)[:2])
    model = model_of(state, part, in_bytes=in_bytes and not part.skipping)
    values = hint(state, part, model)
    assert model.milp.holds(values)
    objective = model.objectives[-2]
    whole = number(case[0])
    inside = sum(
        (
            whole.weight[failure] * int(state.missing[diff, server])
            for failure, diff, server in {
                (state.ground.pairs[pair][0], diff, server)
                for server in servers
                for pair in state.here[server]
                for diff in state.ground.chain[pair]
            }
        ),
        start=Fraction(0),
    )
    assert objective.name == "transfer"
    if objective.exact:
        assert int(objective.coefficients @ values) * objective.unit == inside


@settings(max_examples=40)
@given(clusters_with_placements(max_servers=4, max_vms=6), st.integers(0, 2**16))
def test_taking_over_what_stands_changes_no_figure(
    case: tuple[Cluster, Placement], seed: int
) -> None:
    random = Random(seed)
    state = shaken(*case, random)
    if state is None:
        return
    servers = random.sample(range(state.ground.servers), min(2, state.ground.servers))
    part = part_of(state, servers)
    model = model_of(state, part, in_bytes=False)
    before, worth = state.transfer, np.array(state.worth)
    values = hint(state, part, model)
    apply(state, part, model, values, cut_in(part, model, values))
    assert state.transfer == pytest.approx(before, rel=1e-9, abs=1e-3)
    assert (state.worth == worth).all()
    assert (state.slack >= 0).all()
    assert state_of(state.ground, snapshot(state)).stored == state.stored
