from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from spareplace import (
    VM,
    Cluster,
    Diff,
    Extent,
    Failure,
    InvalidInput,
    OtherCluster,
    Placement,
    Server,
    after_recovery,
    check,
    plan,
    recover,
)
from tests.examples import paper
from tests.lifecycle.recovering.situations import Situation, breaches, situations


@settings(max_examples=80)
@given(situation=situations(), moments=st.data())
def test_after_any_failures_the_next_one_is_answered_from_where_it_stands(
    situation: Situation, moments: DataObject
) -> None:
    """Servers fail one after the other, each time in the middle of the recovery before."""
    cluster, placement, _ = situation
    failed = set(situation.failed)
    up = {vm.name: vm.server for vm in cluster.vms if vm.server not in failed}
    for _round in range(3):
        found = recover(cluster, placement, failed, time_limit=0)
        assert breaches(Situation(cluster, placement, tuple(failed)), found) == []
        times = [0.0, *(it.seconds for it in found.rebuilds)]
        until = moments.draw(st.sampled_from(times))
        cluster, placement = after_recovery(cluster, placement, found, until=until)
        up |= {it.vm: it.server for it in found.rebuilds if it.seconds <= until}
        assert up == {vm.name: vm.server for vm in cluster.vms if vm.server not in failed}
        assert not any(one.server in failed for one in placement.stored)
        more = [it.name for it in cluster.servers if it.name not in failed]
        if not more:
            return
        failed.add(moments.draw(st.sampled_from(more)))
        up = {vm: server for vm, server in up.items() if server not in failed}


@settings(max_examples=50)
@given(situation=situations())
def test_a_whole_recovery_leaves_a_cluster_without_the_failed_servers(
    situation: Situation,
) -> None:
    cluster, placement, failed = situation
    found = recover(*situation, time_limit=0)
    if len(failed) == len(cluster.servers):
        with pytest.raises(InvalidInput, match="at least one that survives"):
            after_recovery(cluster, placement, found)
        return
    after, stored = after_recovery(cluster, placement, found)
    before = {vm.name: vm.server for vm in cluster.vms if vm.server not in failed}
    rebuilt = {it.vm: it.server for it in found.rebuilds}
    assert {vm.name: vm.server for vm in after.vms} == before | rebuilt
    assert [it.name for it in after.servers] == [
        it.name for it in cluster.servers if it.name not in failed
    ]
    assert not any(set(it.servers) & set(failed) for it in after.failures)
    assert stored.rebuilds == {}
    assert not any(one.server in failed for one in stored.stored)


@pytest.mark.parametrize("first", ["Si", "Sj", "Sk", "Sl"])
def test_the_paper_loses_one_server_and_then_another(first: str) -> None:
    cluster = paper()
    chosen = plan(cluster, method="greedy")
    found = recover(cluster, chosen, [first])
    assert not found.lost
    after, stored = after_recovery(cluster, chosen, found)
    assert len(after.vms) == len(cluster.vms)
    # The state can be planned for: what is stored still is, and three servers are left.
    next_plan = plan(after, method="greedy", allow_unprotected=True)
    assert check(after, next_plan) == ()
    for second in after.servers:
        again = recover(after, stored, [second.name])
        gone = [vm for vm in after.vms if vm.server == second.name]
        assert len(again.rebuilds) + len(again.lost) == len(gone)


def _cluster() -> Cluster:
    return Cluster(
        servers=(
            Server(name="a", disk=100, capacity={"gpu": 1}, resident=("base",)),
            Server(name="b", disk=100, net_in=10),
            Server(name="c", disk=100, net_in=10),
        ),
        diffs=(Diff(name="base", size=40), Diff(name="big", size=60)),
        vms=(
            VM(name="quick", server="a", diff="base", allowed_servers=("a", "b")),
            VM(name="slow", server="a", diff="big", allowed_servers=("c",)),
            VM(name="lost", server="a", disk=500),
            VM(name="stays", server="b", demand={"gpu": 1}, allowed_servers=("a",)),
        ),
        failures=(
            Failure(name="a", servers=("a",), weight=0.5),
            Failure(name="both", servers=("a", "b"), weight=0.1),
        ),
    )


STORED = Placement(
    stored=(
        Extent(diff="base", server="a", start=0, stop=40),
        Extent(diff="base", server="c", start=0, stop=40),
        Extent(diff="big", server="b", start=0, stop=60),
    )
)


def test_names_of_failed_servers_are_gone_everywhere() -> None:
    cluster = _cluster()
    found = recover(cluster, STORED, ["a"])
    assert [(it.vm, it.seconds) for it in found.rebuilds] == [("quick", 4.0), ("slow", 6.0)]
    after, stored = after_recovery(cluster, STORED, found)
    assert after == Cluster(
        # "stays" still demands a gpu that nobody has: the resource stays listed.
        servers=(replace(cluster.servers[1], capacity={"gpu": 0}), cluster.servers[2]),
        diffs=cluster.diffs,
        vms=(
            VM(name="quick", server="b", diff="base", allowed_servers=("b",)),
            VM(name="slow", server="c", diff="big", allowed_servers=("c",)),
            VM(name="stays", server="b", demand={"gpu": 1}, allowed_servers=("b",)),
        ),
        failures=(Failure(name="both", servers=("b",), weight=0.1),),
    )
    assert stored.stored == STORED.stored[1:]


def test_half_way_the_rest_still_stands_on_the_failed_server() -> None:
    cluster = _cluster()
    found = recover(cluster, STORED, ["a"])
    after, stored = after_recovery(cluster, STORED, found, until=5)
    assert {vm.name: vm.server for vm in after.vms} == {
        "quick": "b", "slow": "a", "lost": "a", "stays": "b"
    }  # fmt: skip
    empty = after.servers[0]
    assert (empty.accept_extents, empty.accept_rebuilds, empty.resident) == (False, False, ())
    assert after.failures == cluster.failures
    # Now b fails, too, and with it all of big. Quick is gone with b and may go nowhere else.
    second = recover(after, stored, {"a", "b"})
    assert {it.vm: it.reason for it in second.lost} == {
        "quick": "allowed servers",
        "slow": "data lost",
        "lost": "room",
        "stays": "allowed servers",
    }
    # Had c failed instead, quick would run on.
    other = recover(after, stored, {"a", "c"})
    assert {it.vm: it.reason for it in other.lost} == {"slow": "allowed servers", "lost": "room"}


def test_a_schedule_of_another_cluster_is_refused() -> None:
    found = recover(_cluster(), STORED, ["a"])
    with pytest.raises(OtherCluster):
        after_recovery(paper(), STORED, found)


@pytest.mark.parametrize("until", [-1, True, "soon", float("nan")])
def test_a_moment_that_is_none_is_refused(until: float) -> None:
    with pytest.raises(InvalidInput, match="seconds from 0"):
        after_recovery(_cluster(), STORED, recover(_cluster(), STORED, ["a"]), until=until)
