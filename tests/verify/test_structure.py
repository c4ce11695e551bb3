"""Names that exist, each failure once, each lost VM once."""

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Rebuild, Unprotected

from .plans import breaches, extent, filled, plan_of, recovery, transfer

CLUSTER = Cluster(
    servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
    diffs=(Diff(name="d", size=10),),
    vms=(
        VM(name="one", server="a"),
        VM(name="two", server="b"),
        VM(name="spare", server="a", protect=False),
    ),
)
RIGHT = filled(CLUSTER, rebuilds={"a": {"one": "b"}, "b": {"two": "a"}})
FIRST, SECOND = RIGHT.recoveries


def given_up(vm: str, failure: str) -> Unprotected:
    return Unprotected(vm=vm, failure=failure, reason="")


def test_each_failure_once_in_order_and_each_lost_vm_once_is_right() -> None:
    assert breaches(CLUSTER, RIGHT) == []


def test_a_failure_without_a_recovery_is_named_and_its_vms_are_not() -> None:
    plan = replace(RIGHT, recoveries=(FIRST,))
    assert breaches(CLUSTER, plan) == [("complete", "b", None, "b", 1)]


def test_a_second_and_a_third_recovery_of_a_failure_are_too_many() -> None:
    plan = replace(RIGHT, recoveries=(FIRST, SECOND, FIRST, FIRST))
    assert breaches(CLUSTER, plan) == [("complete", "a", None, "a", 2)]


def test_recoveries_in_another_order_are_named_once() -> None:
    plan = replace(RIGHT, recoveries=(SECOND, FIRST))
    assert breaches(CLUSTER, plan) == [("complete", "b", None, "b", 1)]


def test_a_recovery_of_no_failure_is_an_unknown_name() -> None:
    plan = replace(RIGHT, recoveries=(FIRST, recovery("ghost", 1.0, 7), SECOND))
    assert breaches(CLUSTER, plan) == [("reference", None, None, "ghost", 1)]


def test_a_cluster_without_failures_wants_no_recovery() -> None:
    safe = replace(CLUSTER, failures=())
    assert breaches(safe, plan_of(safe, (), ())) == []


def test_a_lost_vm_that_is_neither_rebuilt_nor_listed_is_missed() -> None:
    plan = replace(RIGHT, recoveries=(replace(FIRST, rebuilds=()), SECOND))
    assert breaches(CLUSTER, plan) == [("complete", "a", None, "one", 1)]
    listed = replace(plan, unprotected=(given_up("one", "a"),))
    assert breaches(CLUSTER, listed) == []


@pytest.mark.parametrize("servers", [("b", "b"), ("b", "b", "b")])
def test_a_vm_rebuilt_more_than_once_is_too_often(servers: tuple[str, ...]) -> None:
    twice = tuple(Rebuild(vm="one", server=server) for server in servers)
    plan = replace(RIGHT, recoveries=(replace(FIRST, rebuilds=twice), SECOND))
    assert breaches(CLUSTER, plan) == [("complete", "a", None, "one", len(servers) - 1)]


def test_a_vm_cannot_be_rebuilt_and_given_up_nor_given_up_twice() -> None:
    both = replace(RIGHT, unprotected=(given_up("one", "a"),))
    assert breaches(CLUSTER, both) == [("complete", "a", None, "one", 1)]
    twice = replace(
        RIGHT,
        recoveries=(replace(FIRST, rebuilds=()), SECOND),
        unprotected=(given_up("one", "a"),) * 2,
    )
    assert breaches(CLUSTER, twice) == [("complete", "a", None, "one", 1)]


@pytest.mark.parametrize("vm", ["two", "spare"])
def test_a_vm_that_is_not_lost_or_not_to_be_protected_is_not_rebuilt(vm: str) -> None:
    rebuilds = (*FIRST.rebuilds, Rebuild(vm=vm, server="b"))
    plan = replace(RIGHT, recoveries=(replace(FIRST, rebuilds=rebuilds), SECOND))
    assert breaches(CLUSTER, plan) == [("complete", "a", "b", vm, 1)]


@pytest.mark.parametrize("vm", ["two", "spare"])
def test_a_vm_that_is_not_lost_or_not_to_be_protected_is_not_listed(vm: str) -> None:
    plan = replace(RIGHT, unprotected=(given_up(vm, "a"),))
    assert breaches(CLUSTER, plan) == [("complete", "a", None, vm, 1)]


def test_a_failure_of_all_servers_leaves_its_vms_unprotected() -> None:
    all_of_them = replace(CLUSTER, failures=(Failure(name="site", servers=("a", "b")),))
    left_out = filled(all_of_them, unprotected=[("one", "site"), ("two", "site")])
    assert breaches(all_of_them, left_out) == []
    silent = replace(left_out, unprotected=())
    assert breaches(all_of_them, silent) == [
        ("complete", "site", None, "one", 1),
        ("complete", "site", None, "two", 1),
    ]


def test_every_unknown_name_is_found_and_breaks_nothing_else() -> None:
    moved = (Rebuild(vm="one", server="nowhere"), Rebuild(vm="nobody", server="b"))
    sent = (transfer("nothing", "from", "to", 0, 1),)
    plan = replace(
        RIGHT,
        stored=(extent("dx", "b", 0, 5), extent("d", "sx", 0, 5)),
        recoveries=(replace(FIRST, rebuilds=moved, transfers=sent), SECOND),
        unprotected=(given_up("vx", "a"), given_up("one", "fx")),
    )
    assert breaches(CLUSTER, plan) == [
        ("reference", None, None, "dx", 1),
        ("reference", None, None, "sx", 1),
        ("reference", "a", None, "nowhere", 1),
        ("reference", "a", None, "nobody", 1),
        ("reference", "a", None, "nothing", 1),
        ("reference", "a", None, "from", 1),
        ("reference", "a", None, "to", 1),
        ("reference", None, None, "vx", 1),
        ("reference", None, None, "fx", 1),
    ]
