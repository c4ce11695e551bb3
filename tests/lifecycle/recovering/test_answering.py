from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from spareplace import (
    VM,
    Cluster,
    Diff,
    Extent,
    InvalidInput,
    OtherCluster,
    Placement,
    Rebuild,
    Server,
    plan,
    recover,
)
from spareplace.parts import Failure
from spareplace.recovery import recoveries
from spareplace.testing import clusters_with_placements
from tests.examples import GB, paper, three_servers
from tests.lifecycle.recovering.situations import (
    Situation,
    best_value,
    breaches,
    busy,
    overloaded,
    situations,
)


@settings(max_examples=80)
@given(situation=situations())
def test_a_recovery_keeps_every_rule_and_every_lost_vm_is_rebuilt_or_named(
    situation: Situation,
) -> None:
    found = recover(*situation)
    assert breaches(situation, found) == []
    assert overloaded(situation.cluster, found) == []
    gone = [vm for vm in situation.cluster.vms if vm.server in situation.failed]
    named = [one.vm for one in found.rebuilds] + [one.vm for one in found.lost]
    assert sorted(named) == sorted(vm.name for vm in gone if vm.protect)
    assert found.never_rebuilt == tuple(vm.name for vm in gone if not vm.protect)


@settings(max_examples=50)
@given(situation=situations(max_vms=5))
def test_no_choice_of_targets_is_better(situation: Situation) -> None:
    found = recover(*situation)
    priority = {vm.name: vm.priority for vm in situation.cluster.vms}
    protected = [vm for vm in situation.cluster.vms if vm.protect]
    levels = sorted(
        {vm.priority for vm in protected if vm.server in situation.failed}, reverse=True
    )
    left_out = tuple(sum(priority[one.vm] == level for one in found.lost) for level in levels)
    assert (left_out, found.transfer_bytes) == best_value(situation)


@settings(max_examples=50)
@given(made=clusters_with_placements(max_vms=6))
def test_what_was_planned_for_a_failure_is_never_made_worse(
    made: tuple[Cluster, Placement],
) -> None:
    rough, placement = made
    servers = tuple(replace(server, net_in=None, net_out=None) for server in rough.servers)
    cluster = replace(rough, servers=servers)
    for recovery in recoveries(cluster, placement):
        failed = next(it.servers for it in cluster.failures if it.name == recovery.failure)
        found = recover(cluster, placement, failed, time_limit=0)
        assert not found.lost
        assert found.transfer_bytes <= recovery.transfer_bytes


def test_a_plan_is_followed_where_it_cannot_be_bettered() -> None:
    cluster = paper()
    chosen = plan(cluster, method="greedy")
    found = recover(cluster, chosen, ["Sk"])
    assert found.transfer_bytes == chosen.recovery("Sk").transfer_bytes == 40 * GB
    assert {one.vm for one in found.rebuilds} == {one.vm for one in chosen.recovery("Sk").rebuilds}


def test_planned_targets_that_no_longer_work_are_replaced() -> None:
    cluster = three_servers(b=9)  # web, of 10 bytes, has outgrown b
    stale = Placement(
        stored=(
            Extent(diff="base", server="c", start=0, stop=40),
            Extent(diff="top", server="c", start=0, stop=5),
        ),
        rebuilds={"a": (Rebuild(vm="web", server="b"), Rebuild(vm="gone", server="c"))},
    )
    found = recover(cluster, stale, ["a"])
    assert [(one.vm, one.server) for one in found.rebuilds] == [("web", "c")]


def test_extents_of_what_the_cluster_does_not_have_are_ignored() -> None:
    cluster = three_servers()
    old = Placement(
        stored=(
            Extent(diff="base", server="b", start=0, stop=90),  # it was longer once
            Extent(diff="top", server="b", start=0, stop=5),
            Extent(diff="gone", server="b", start=0, stop=500),
            Extent(diff="base", server="gone", start=0, stop=40),
        )
    )
    found = recover(cluster, old, ["a"])
    assert [(one.vm, one.server) for one in found.rebuilds] == [("web", "b")]
    assert found.transfer_bytes == 0


def test_the_higher_priority_is_rebuilt_where_not_all_fit() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=50)),
        vms=(
            VM(name="one", server="a", disk=25),
            VM(name="two", server="a", disk=25),
            VM(name="vital", server="a", disk=50, priority=1),
        ),
    )
    found = recover(cluster, Placement(), {"a"})
    assert [one.vm for one in found.rebuilds] == ["vital"]
    assert [one.vm for one in found.lost] == ["one", "two"]


def test_more_vms_of_one_priority_come_before_fewer_bytes() -> None:
    # Big would transfer nothing and take all of b; the two others transfer 40 bytes.
    cluster = Cluster(
        servers=(Server(name="a", disk=0), Server(name="b", disk=60)),
        diffs=(Diff(name="base", size=40),),
        vms=(
            VM(name="big", server="a", disk=60),
            VM(name="one", server="a", disk=30, diff="base"),
            VM(name="two", server="a", disk=30, diff="base"),
        ),
    )
    elsewhere = replace(
        cluster,
        servers=(*cluster.servers, Server(name="c", disk=0, resident=("base",))),
    )
    found = recover(elsewhere, Placement(), {"a"})
    assert sorted(one.vm for one in found.rebuilds) == ["one", "two"]
    assert found.transfer_bytes == 40


@settings(max_examples=15)
@given(situation=busy())
def test_the_same_seed_gives_the_same_recovery(situation: Situation) -> None:
    assert recover(*situation, time_limit=None) == recover(*situation, time_limit=None)


def test_the_order_of_the_names_does_not_matter() -> None:
    cluster = three_servers()
    first = recover(cluster, Placement(), ["b", "a", "b"])
    assert first == recover(cluster, Placement(), {"a", "b"})
    assert first.failed == ("a", "b")


def test_when_every_server_failed_every_vm_is_lost() -> None:
    found = recover(three_servers(), Placement(), ["a", "b", "c"])
    assert [(one.vm, one.reason) for one in found.lost] == [("web", "survivors")]


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ([], "at least one name"),
        ("a", "a list of names"),
        (7, "a list of names"),
        ([1], "a name: text"),
        ([["a"]], "a name: text"),
        (["aa"], "the name of a server"),
    ],
)
def test_bad_names_are_refused(failed: object, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        recover(three_servers(), Placement(), failed)  # type: ignore[arg-type]


def test_an_unknown_server_is_told_with_what_was_probably_meant() -> None:
    with pytest.raises(InvalidInput, match=r"failed\[1\].*did you mean 'Sk'"):
        recover(paper(), Placement(), ["Si", "Skk"])


def test_options_are_checked() -> None:
    with pytest.raises(InvalidInput, match="time_limit"):
        recover(three_servers(), Placement(), ["a"], time_limit=-1)
    with pytest.raises(InvalidInput, match="seed"):
        recover(three_servers(), Placement(), ["a"], seed=-1)


def test_a_plan_of_another_cluster_is_refused_and_its_placement_taken() -> None:
    cluster = three_servers()
    chosen = plan(cluster, method="greedy")
    other = replace(cluster, failures=(Failure(name="b", servers=("b",)),))
    with pytest.raises(OtherCluster):
        recover(other, chosen, ["a"])
    assert not recover(other, chosen.placement, ["a"]).lost
