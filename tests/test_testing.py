"""The strategies for those who embed the library: what they make, and what they can make."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.holding import merged
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import (
    FEATURES,
    Feature,
    clusters,
    clusters_with_placements,
    feasible_clusters,
    placements,
)
from tests.brute_force import best_by_enumeration, fewest_unprotected
from tests.examples import violations

SIMPLEST = settings(max_examples=3000, deadline=None, database=None, derandomize=True)
ANY = settings(SIMPLEST, phases=[Phase.generate])


def amounts(cluster: Cluster) -> list[Decimal]:
    given = [server.capacity for server in cluster.servers] + [vm.demand for vm in cluster.vms]
    return [Decimal(amount) for some in given for amount in some.values()]


def sizes(cluster: Cluster) -> list[int]:
    return [
        *(server.disk for server in cluster.servers),
        *(diff.size for diff in cluster.diffs),
        *(vm.disk for vm in cluster.vms),
    ]


def names(cluster: Cluster) -> list[str]:
    return [
        *(server.name for server in cluster.servers),
        *(diff.name for diff in cluster.diffs),
        *(vm.name for vm in cluster.vms),
    ]


SHOWS: dict[Feature, Callable[[Cluster], bool]] = {
    "allowed_servers": lambda cluster: any(vm.allowed_servers for vm in cluster.vms),
    "decimals": lambda cluster: any(amount % 1 for amount in amounts(cluster)),
    "drained": lambda cluster: (
        not all(server.accept_extents and server.accept_rebuilds for server in cluster.servers)
    ),
    "empty_diffs": lambda cluster: any(diff.size == 0 for diff in cluster.diffs),
    "failures": lambda cluster: (
        [failure.servers for failure in cluster.failures]
        != [(server.name,) for server in cluster.servers]
    ),
    "groups": lambda cluster: any(vm.groups for vm in cluster.vms),
    "odd_names": lambda cluster: not all(name[0] in "sdv" for name in names(cluster)),
    "odd_sizes": lambda cluster: any(size % 10**9 and size % 2**20 for size in sizes(cluster)),
    "priorities": lambda cluster: any(vm.priority for vm in cluster.vms),
    "rates": lambda cluster: any(server.net_in for server in cluster.servers),
    "residents": lambda cluster: any(server.resident for server in cluster.servers),
    "resources": lambda cluster: bool(amounts(cluster)),
    "unprotected": lambda cluster: not all(vm.protect for vm in cluster.vms),
    "vm_disks": lambda cluster: any(vm.disk for vm in cluster.vms),
    "weights": lambda cluster: len({failure.weight for failure in cluster.failures}) > 1,
    "zones": lambda cluster: any(server.zone for server in cluster.servers),
}


def test_every_feature_is_looked_for() -> None:
    assert SHOWS.keys() == FEATURES


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_each_feature_occurs(feature: Feature) -> None:
    find(clusters(), SHOWS[feature], settings=ANY)


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_each_feature_occurs_where_everything_can_be_protected(feature: Feature) -> None:
    find(feasible_clusters(), SHOWS[feature], settings=ANY)


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_a_feature_that_is_left_out_does_not_occur(feature: Feature) -> None:
    @settings(max_examples=40, deadline=None)
    @given(clusters(features=FEATURES - {feature}))
    def lacks_it(cluster: Cluster) -> None:
        assert not SHOWS[feature](cluster)

    lacks_it()


@pytest.mark.parametrize(
    "shape",
    [
        lambda cluster: any(len(failure.servers) > 1 for failure in cluster.failures),
        lambda cluster: not cluster.failures,
        lambda cluster: any(failure.weight == 0 for failure in cluster.failures),
        lambda cluster: any(set(vm.groups) == {"g1", "g2"} for vm in cluster.vms),
        lambda cluster: any(vm.demand and not vm.protect for vm in cluster.vms),
        lambda cluster: len({vm.diff for vm in cluster.vms}) < len(cluster.vms),
        lambda cluster: any(
            one.parent == other.name for one, other in pairwise(cluster.diffs)
        ),  # a child before its parent
        lambda cluster: any(
            server.disk < sum(vm.disk for vm in cluster.vms if vm.server == server.name)
            for server in cluster.servers
        ),  # overcommitted as given
    ],
)
def test_rare_shapes_occur_also_where_everything_can_be_protected(
    shape: Callable[[Cluster], bool],
) -> None:
    find(feasible_clusters(), shape, settings=ANY)


def test_clusters_that_cannot_be_protected_occur() -> None:
    find(clusters(), lambda cluster: best_by_enumeration(cluster) is None, settings=ANY)


def test_clusters_in_which_the_least_transfer_is_not_nothing_occur() -> None:
    def costs(cluster: Cluster) -> bool:
        best = best_by_enumeration(cluster)
        return best is not None and best[0] > 0

    find(feasible_clusters(), costs, settings=ANY)


@settings(max_examples=60, deadline=None)
@given(clusters(min_servers=2, max_servers=3, min_diffs=1, max_diffs=2, min_vms=1, max_vms=2))
def test_the_numbers_of_parts_are_as_asked_for(cluster: Cluster) -> None:
    assert 2 <= len(cluster.servers) <= 3
    assert 1 <= len(cluster.diffs) <= 2
    assert 1 <= len(cluster.vms) <= 2


@settings(max_examples=150, deadline=None)
@given(clusters_with_placements())
def test_a_plan_surely_exists_and_is_no_worse_than_the_placement_beside_it(
    made: tuple[Cluster, Placement],
) -> None:
    cluster, placement = made
    best = best_by_enumeration(cluster)
    assert best is not None
    assert best[0] <= expected_transfer(recoveries(cluster, placement))
    assert not any(fewest_unprotected(cluster))


@settings(max_examples=150, deadline=None)
@given(clusters_with_placements())
def test_the_placement_keeps_every_rule(made: tuple[Cluster, Placement]) -> None:
    assert violations(*made, max_pieces=1) == ()


def test_a_placement_that_could_be_better_occurs() -> None:
    def wasteful(made: tuple[Cluster, Placement]) -> bool:
        best = best_by_enumeration(made[0])
        return best is not None and best[0] < expected_transfer(recoveries(*made))

    find(clusters_with_placements(), wasteful, settings=ANY)


PAIR = Cluster(
    servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9)),
    diffs=(Diff(name="base", size=10**8), Diff(name="empty", size=0)),
)


@pytest.mark.parametrize(
    "shape",
    [
        lambda stored: {extent.server for extent in stored if extent.size == 10**8} == {"a", "b"},
        lambda stored: len({(extent.start, extent.stop) for extent in stored}) > 3,
        lambda stored: merged(stored) != stored,  # they overlap or touch
    ],
)
def test_diffs_are_duplicated_and_split_and_extents_overlap(
    shape: Callable[[tuple[Extent, ...]], bool],
) -> None:
    find(placements(PAIR), lambda placement: shape(placement.stored), settings=ANY)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_placements_name_only_what_the_cluster_has(data: st.DataObject) -> None:
    cluster = data.draw(clusters())
    placement = data.draw(placements(cluster))
    servers = {server.name for server in cluster.servers}
    size = {diff.name: diff.size for diff in cluster.diffs}
    assert all(extent.server in servers for extent in placement.stored)
    assert all(0 <= extent.start < extent.stop <= size[extent.diff] for extent in placement.stored)
    assert placement.rebuilds.keys() <= {failure.name for failure in cluster.failures}
    rebuilds = [rebuild for some in placement.rebuilds.values() for rebuild in some]
    assert {rebuild.server for rebuild in rebuilds} <= servers
    assert {rebuild.vm for rebuild in rebuilds} <= {vm.name for vm in cluster.vms}


@pytest.mark.parametrize(
    "shape",
    [
        lambda cluster, placement: any(
            rebuild.server in failure.servers
            for failure in cluster.failures
            for rebuild in placement.rebuilds.get(failure.name, ())
        ),  # on a server that fails
        lambda cluster, placement: any(
            vm.server not in failure.servers
            for failure in cluster.failures
            for rebuild in placement.rebuilds.get(failure.name, ())
            for vm in cluster.vms
            if vm.name == rebuild.vm
        ),  # of a VM that is not lost
        lambda _, placement: bool(placement.unprotected),
        lambda cluster, placement: any(
            vm.server in failure.servers and not placement.rebuilds.get(failure.name)
            for failure in cluster.failures
            for vm in cluster.vms
        ),  # missing
    ],
)
def test_rebuilds_break_rules(shape: Callable[[Cluster, Placement], bool]) -> None:
    made = clusters(min_vms=1).flatmap(
        lambda cluster: placements(cluster).map(lambda placement: (cluster, placement))
    )
    find(made, lambda pair: shape(*pair), settings=ANY)


def test_an_example_is_shrunk_to_plain_parts() -> None:
    def loses_a_vm_with_a_diff(cluster: Cluster) -> bool:
        return any(vm.diff is not None for vm in cluster.vms) and len(cluster.failures) > 0

    simplest = find(clusters(), loses_a_vm_with_a_diff, settings=SIMPLEST)
    assert simplest == Cluster(
        servers=(Server(name="s0", disk=0),),
        diffs=(Diff(name="d0", size=10**9),),
        vms=(VM(name="v0", server="s0", diff="d0"),),
    )


def test_importing_the_library_does_not_import_hypothesis() -> None:
    code = "import sys, spareplace; sys.exit('hypothesis' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
