"""Servers that return: what they bring back, and what is no longer true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.lifecycle.changeover import rejoin
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement


def before() -> tuple[Cluster, Placement]:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=200, zone="r1") for name in "abc"),
        diffs=(Diff(name="base", size=40), Diff(name="top", size=5, parent="base")),
        vms=(VM(name="web", server="b", diff="top", disk=10, allowed_servers=("a", "b")),),
        failures=(
            Failure(name="a", servers=("a",), weight=0.1),
            Failure(name="b", servers=("b",), weight=0.2),
            Failure(name="a and c", servers=("a", "c"), weight=0.3),
        ),
    )
    stored = tuple(
        Extent(diff=diff, server=server, start=0, stop=size)
        for diff, size in (("base", 40), ("top", 5))
        for server in "ac"
    )
    return cluster, Placement(stored=stored)


def lost() -> tuple[Cluster, Placement]:
    cluster, placement = before()
    return after_recovery(cluster, placement, recover(cluster, placement, ["a"]))


def test_a_server_returns_with_its_extents_its_failures_and_to_the_vms_that_allowed_it() -> None:
    was, stored = before()
    cluster, placement = lost()
    assert [failure.name for failure in cluster.failures] == ["b", "a and c"]
    now, there = rejoin(cluster, placement, ["a"], old_cluster=was, old_chosen=stored)
    assert {failure.name: failure.servers for failure in now.failures} == {
        failure.name: failure.servers for failure in was.failures
    }
    assert set(there.stored) == set(stored.stored)
    assert set(now.vms[0].allowed_servers or ()) == {"a", "b"}


def test_an_extent_of_a_diff_that_changed_is_no_longer_true() -> None:
    was, stored = before()
    cluster, placement = lost()
    grown = tuple(replace(diff, size=6) if diff.name == "top" else diff for diff in cluster.diffs)
    now, there = rejoin(
        replace(cluster, diffs=grown), placement, ["a"], old_cluster=was, old_chosen=stored
    )
    assert [it.diff for it in there.stored if it.server == "a"] == ["base"]
    assert len(now.servers) == 3


def test_servers_that_went_one_after_the_other_return_to_the_failure_that_they_shared() -> None:
    was, stored = before()
    first, placement = after_recovery(was, stored, recover(was, stored, ["a"]))
    both, none = after_recovery(first, placement, recover(first, placement, ["c"]))
    assert [failure.name for failure in both.failures] == ["b"]
    some, held = rejoin(both, none, ["a"], old_cluster=was, old_chosen=stored)
    again, _ = rejoin(some, held, ["c"], old_cluster=first, old_chosen=placement)
    together = {failure.name: set(failure.servers) for failure in again.failures}
    assert together["a and c"] == {"a", "c"}


def test_a_vm_that_allowed_none_of_the_others_allows_its_own_again_and_no_stand_in() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "ab"),
        vms=(VM(name="web", server="b", allowed_servers=("a",)),),
    )
    after, left = after_recovery(cluster, Placement(), recover(cluster, Placement(), ["a"]))
    assert after.vms[0].allowed_servers == ("b",)
    now, _ = rejoin(after, left, ["a"], old_cluster=cluster, old_chosen=Placement())
    assert now.vms[0].allowed_servers == ("a",)


@pytest.mark.parametrize("name", ["b", "d"])
def test_a_server_that_is_there_or_never_was_is_refused(name: str) -> None:
    was, stored = before()
    cluster, placement = lost()
    with pytest.raises(InvalidInput, match="was there before and is not there now"):
        rejoin(cluster, placement, [name], old_cluster=was, old_chosen=stored)


def test_what_it_held_beneath_its_vms_is_believed_only_if_the_diff_is_the_same() -> None:
    cluster = Cluster(
        servers=tuple(
            Server(name=name, disk=100, resident=("x",) if name == "a" else ()) for name in "abc"
        ),
        diffs=(Diff(name="x", size=10),),
        vms=(VM(name="v", server="b", diff="x", disk=1),),
    )
    after, left = after_recovery(cluster, Placement(), recover(cluster, Placement(), ["a"]))
    for size, held in ((10, ("x",)), (20, ())):
        now = replace(after, diffs=(Diff(name="x", size=size),))
        whole, _ = rejoin(now, left, ["a"], old_cluster=cluster, old_chosen=Placement())
        assert whole.servers[-1].resident == held
