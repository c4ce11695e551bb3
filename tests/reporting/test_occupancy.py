from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.lifecycle.tightness import DISK, tightest
from spareplace.parts import VM, Server
from spareplace.placement import Placement, Rebuild
from spareplace.reporting.occupancy import occupancies, resource_shown
from spareplace.testing import clusters_with_placements
from tests.reporting.clusters import greedy


def test_the_disks_of_the_paper_are_as_by_hand() -> None:
    """Si runs A, B, C (120 GB), stores 40 and takes G; Sl stores 110, and is full."""
    cluster, plan = greedy()
    found = {one.server: one for one in occupancies(cluster, plan.placement)}
    parts = [found["Si"].running, found["Si"].stored, found["Si"].rebuilt, found["Si"].free]
    assert [int(part) // 10**9 for part in parts] == [120, 40, 40, 70]
    assert found["Si"].failure == "Sk"
    assert found["Sl"].free == 0
    assert found["Sk"].failure is None
    assert found["Sk"].rebuilt == 0


def test_amounts_are_exact_and_a_server_without_a_resource_is_left_out() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=1, capacity={"cpu": 0.3}), Server(name="b", disk=1)),
        vms=(
            VM(name="one", server="a", demand={"cpu": 0.1}),
            VM(name="two", server="b", demand={"cpu": 0.2}),
        ),
    )
    rebuilds = {"b": (Rebuild(vm="two", server="a"),)}
    found = occupancies(cluster, Placement(rebuilds=rebuilds))
    cpu = [one for one in found if one.resource == "cpu"]
    assert [(one.server, one.used, one.free) for one in cpu] == [
        ("a", Decimal("0.3"), Decimal("0.0")),
        ("b", Decimal("0.2"), Decimal("-0.2")),  # it runs what it has no room for
    ]
    assert cpu[1].share(cpu[1].used) == 1.0


@settings(max_examples=40)
@given(given=clusters_with_placements())
def test_the_least_that_is_left_is_what_the_summary_tells(
    given: tuple[Cluster, Placement],
) -> None:
    cluster, placement = given
    found = {(one.server, one.resource): one for one in occupancies(cluster, placement)}
    for place in tightest(cluster, placement):
        one = found[place.server, place.resource]
        assert float(one.free) == place.left
        assert float(one.capacity) == place.capacity


def test_a_resource_named_disk_is_told_from_the_disk() -> None:
    assert [resource_shown(name) for name in (DISK, "disk", "cpu")] == [
        "disk",
        "resource disk",
        "cpu",
    ]
