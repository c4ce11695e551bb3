from __future__ import annotations

from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.lifecycle.tightness import DISK, Tightest, tightest
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.planning import plan


def _two() -> Cluster:
    return Cluster(
        servers=(
            Server(name="a", disk=100, capacity={"cpu": 4}),
            Server(name="b", disk=100, capacity={"cpu": 8}),
        ),
        diffs=(Diff(name="base", size=40),),
        vms=(
            VM(name="web", server="a", diff="base", disk=10, demand={"cpu": 3}),
            VM(name="db", server="b", disk=5, demand={"cpu": 1}),
        ),
    )


def _moved(moves: dict[str, Rebuild]) -> Placement:
    """Store base on b, and rebuild what is told."""
    return Placement(
        stored=(Extent(diff="base", server="b", start=0, stop=40),),
        rebuilds={failure: (rebuild,) for failure, rebuild in moves.items()},
    )


def test_the_tightest_place_is_found_for_each_resource() -> None:
    """When a fails, b holds base 40, db 5 and web 10: 45 of 100 left; 4 of 8 CPUs are left.

    When b fails, a runs web and db: 0 of 4 CPUs are left.
    """
    moves = {"a": Rebuild(vm="web", server="b"), "b": Rebuild(vm="db", server="a")}
    cluster = _two()
    disk, cpu = tightest(cluster, _moved(moves))
    assert disk == Tightest(
        resource=DISK, server="b", failure="a", left=45.0, capacity=100.0, by_vms=15.0
    )
    assert cpu == Tightest(
        resource="cpu", server="a", failure="b", left=0.0, capacity=4.0, by_vms=4.0
    )


def test_a_server_that_only_stores_is_tight_without_any_failure() -> None:
    cluster = _two()
    (disk,) = tightest(cluster, _moved({}))
    assert disk == Tightest(
        resource=DISK, server="b", failure=None, left=55.0, capacity=100.0, by_vms=5.0
    )


def test_where_nothing_is_stored_or_rebuilt_nothing_is_tight() -> None:
    cluster = replace(_two(), diffs=(), vms=())
    assert tightest(cluster, plan(cluster, method="level").placement) == []


def test_a_resource_that_is_named_disk_is_not_the_disk() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100, capacity={"disk": 2}) for name in "ab"),
        vms=(VM(name="web", server="a", disk=10, demand={"disk": 2}),),
    )
    disk, other = tightest(cluster, plan(cluster, method="level").placement)
    assert (disk.resource, disk.left, disk.capacity) == (DISK, 90.0, 100.0)
    assert (other.resource, other.left, other.capacity) == ("disk", 0.0, 2.0)


def test_growth_is_what_the_vms_there_share_before_there_is_too_little() -> None:
    """When a fails, db 5 and web 10 on b have 45 left: they may become four times as large."""
    disk, _ = tightest(_two(), _moved({"a": Rebuild(vm="web", server="b")}))
    assert disk.growth == 3.0
    only_stored = Tightest(
        resource=DISK, server="a", failure=None, left=5.0, capacity=9.0, by_vms=0.0
    )
    assert only_stored.growth is None


def test_what_is_left_is_subtracted_in_decimals() -> None:
    """0.3 less 0.1 and 0.2 is nothing, which floats do not say."""
    cluster = Cluster(
        servers=(Server(name="a", disk=0), Server(name="b", disk=0, capacity={"cpu": 0.3})),
        vms=(
            VM(name="web", server="a", demand={"cpu": 0.1}),
            VM(name="db", server="b", demand={"cpu": 0.2}),
        ),
    )
    placement = Placement(rebuilds={"a": (Rebuild(vm="web", server="b"),)})
    (cpu,) = tightest(cluster, placement)
    assert cpu.left == 0.0
