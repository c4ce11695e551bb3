"""Protecting again after a recovery: the paper's 3.2, and any small cluster."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, NoPlan, NoRoom
from spareplace.lifecycle.changeover import reprotect
from spareplace.lifecycle.changeover.protecting import FIRST, protect
from spareplace.lifecycle.moves.steps import replayed
from spareplace.moving import moved_bytes
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from spareplace.planning import plan
from spareplace.testing import clusters_with_placements
from spareplace.verify import check
from tests.examples import paper

quick = partial(reprotect, method="search", time_limit=None, workers=1, iterations=2)
GB = 10**9


@pytest.mark.parametrize("failed", ["Sl"])
def test_the_papers_cluster_is_protected_again_after_losing_a_server(failed: str) -> None:
    made = plan(paper(), method="level")
    again = quick(paper(), made, [failed])
    assert not again.schedule.lost
    assert failed not in {server.name for server in again.cluster.servers}
    assert not again.change.plan.unprotected
    assert not check(again.cluster, again.change.plan)


def test_the_papers_cluster_without_sk_cannot_lose_another_one() -> None:
    # By hand: greedy rebuilds H and I on Sj, beside D, E and F. If that fails, these five need
    # 200 GB, and 150 GB for one copy of their diffs; two disks of 270 GB that run the other five
    # have 340 GB left.
    with pytest.raises(Infeasible, match="needed 350,000,000,000, available 340,000,000,000"):
        quick(paper(), plan(paper(), method="greedy"), ["Sk"])


def test_data_on_the_server_where_the_vm_runs_now_no_longer_serves_it() -> None:
    # web ran on a and is rebuilt on b, which has its only diff: c must have it, 40 bytes.
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abc"),
        diffs=(Diff(name="base", size=40),),
        vms=(VM(name="web", server="a", diff="base", disk=10),),
    )
    there = Placement(stored=(Extent(diff="base", server="b", start=0, stop=40),))
    again = quick(cluster, there, ["a"])
    (step,) = (it for it in again.change.moves.steps if it.action == "copy")
    assert (step.server, step.source, step.size) == ("c", "b", 40)
    assert again.change.moved_bytes == 40
    assert [rebuild.server for rebuild in again.change.plan.recovery("b").rebuilds] == ["c"]


@settings(max_examples=15)
@given(clusters_with_placements(min_servers=3, max_servers=4, max_vms=4, max_diffs=4), st.data())
def test_every_vm_that_is_left_survives_the_next_failure(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = made
    failed = data.draw(st.sampled_from([server.name for server in cluster.servers]))
    limit = data.draw(st.sampled_from([None, 10**12]))
    try:
        again = quick(cluster, placement, [failed], move_limit=limit)
    except (Infeasible, NoPlan, NoRoom):
        return
    left = tuple(it for it in placement.stored if it.server != failed)
    assert not check(again.cluster, again.change.plan)
    assert not again.change.plan.unprotected
    *_, last = (left, *replayed(replace(placement, stored=left), again.change.moves))
    assert last == again.change.plan.stored


@settings(max_examples=10)
@given(clusters_with_placements(max_servers=3, max_vms=4, max_diffs=3))
def test_no_plan_moves_fewer_bytes(made: tuple[Cluster, Placement]) -> None:
    # All targets forgotten and every second extent lost: something has to be copied.
    cluster, placement = made
    broken = Placement(stored=placement.stored[::2])
    try:
        change = protect(cluster, broken, method="milp", workers=1, time_limit=5)
    except NoRoom:
        return
    if change.plan.status == "optimal" and change.moved_bytes:
        fewer = partial(plan, cluster, current=broken, move_limit=change.moved_bytes - 1)
        with pytest.raises((Infeasible, NoPlan)):
            fewer(method="milp", workers=1, time_limit=2)


def test_a_limit_above_what_protection_needs_is_used_where_that_pays() -> None:
    made = plan(paper(), method="greedy")
    least = protect(paper(), made, method="search", time_limit=None, iterations=2)
    more = protect(
        paper(), made, method="search", time_limit=None, iterations=10, move_limit=60 * GB
    )
    assert least.moved_bytes == 0
    assert moved_bytes(paper(), made, more.plan) <= 60 * GB
    assert more.plan.expected_transfer_bytes < least.plan.expected_transfer_bytes
    assert FIRST > 1


def test_a_limit_below_what_protection_needs_says_how_much_that_is() -> None:
    made = plan(paper(), method="greedy")
    with pytest.raises((NoPlan, Infeasible), match="move_limit"):
        reprotect(paper(), made, ["Si"], move_limit=1, time_limit=8)
