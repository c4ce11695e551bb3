"""The example made from measured images, VMs and host types."""

from collections import defaultdict
from pathlib import Path

import pytest

from benchmarks.make_images12 import make, written
from spareplace.cluster import Cluster, chain_of
from spareplace.files import load_cluster

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "images12.json"
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return load_cluster(EXAMPLE)


@pytest.mark.skipif(not DATA.exists(), reason=f"the measured data is not there: {DATA.name}")
def test_the_example_is_made_again_byte_for_byte() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == written(make(DATA))


def test_it_has_the_size_that_its_name_says(cluster: Cluster) -> None:
    assert (len(cluster.servers), len(cluster.vms)) == (12, 60)


def test_masters_are_shared_across_servers(cluster: Cluster) -> None:
    diffs = {diff.name: diff for diff in cluster.diffs}
    servers: dict[str, set[str]] = defaultdict(set)
    for vm in cluster.vms:
        servers[chain_of(vm.diff, diffs)[0]].add(vm.server)
    # of eight masters, two are under one VM each
    assert [len(used) > 3 for used in servers.values()].count(True) == 6


def test_no_server_runs_more_than_it_has(cluster: Cluster) -> None:
    for server in cluster.servers:
        here = [vm for vm in cluster.vms if vm.server == server.name]
        assert sum(vm.disk for vm in here) < server.disk
        for resource, there in server.capacity.items():
            assert sum(float(vm.demand.get(resource, 0)) for vm in here) <= float(there)


def test_each_group_has_one_vm_in_each_zone(cluster: Cluster) -> None:
    zone = {server.name: server.zone for server in cluster.servers}
    zones: dict[str, list[str | None]] = defaultdict(list)
    for vm in cluster.vms:
        for group in vm.groups:
            zones[group].append(zone[vm.server])
    assert [sorted(map(str, found)) for found in zones.values()] == [["r1", "r2", "r3"]] * 4
