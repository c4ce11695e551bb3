from __future__ import annotations

from dataclasses import replace

from spareplace.cli.tightness import DISK, Tightest, tightest
from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild
from spareplace.planning import plan
from spareplace.recovery import recoveries


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


def _moved(cluster: Cluster, moves: dict[str, Rebuild]) -> Plan:
    """A plan that stores base on b, and rebuilds what it is told to."""
    placement = Placement(
        stored=(Extent(diff="base", server="b", start=0, stop=40),),
        rebuilds={failure: (rebuild,) for failure, rebuild in moves.items()},
    )
    found = plan(replace(cluster, vms=()), method="level")
    return replace(found, stored=placement.stored, recoveries=recoveries(cluster, placement))


def test_the_tightest_place_is_found_for_each_resource() -> None:
    """When a fails, b holds base 40, db 5 and web 10: 45 of 100 left; 4 of 8 CPUs are left.

    When b fails, a runs web and db: 0 of 4 CPUs are left.
    """
    moves = {"a": Rebuild(vm="web", server="b"), "b": Rebuild(vm="db", server="a")}
    cluster = _two()
    disk, cpu = tightest(cluster, _moved(cluster, moves))
    assert disk == Tightest(resource=DISK, server="b", failure="a", left=45.0, capacity=100.0)
    assert cpu == Tightest(resource="cpu", server="a", failure="b", left=0.0, capacity=4.0)


def test_a_server_that_only_stores_is_tight_without_any_failure() -> None:
    cluster = _two()
    (disk,) = tightest(cluster, _moved(cluster, {}))
    assert disk == Tightest(resource=DISK, server="b", failure=None, left=55.0, capacity=100.0)


def test_where_nothing_is_stored_or_rebuilt_nothing_is_tight() -> None:
    cluster = replace(_two(), diffs=(), vms=())
    assert tightest(cluster, plan(cluster, method="level")) == []


def test_a_resource_that_is_named_disk_is_not_the_disk() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100, capacity={"disk": 2}) for name in "ab"),
        vms=(VM(name="web", server="a", disk=10, demand={"disk": 2}),),
    )
    disk, other = tightest(cluster, plan(cluster, method="level"))
    assert (disk.resource, disk.left, disk.capacity) == (DISK, 90.0, 100.0)
    assert (other.resource, other.left, other.capacity) == ("disk", 0.0, 2.0)
