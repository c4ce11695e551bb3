"""Clusters that are infeasible for one planted reason: without it, each has a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.explaining.causes import Cause
from spareplace.explaining.deciding import Judge
from spareplace.generate import generate_cluster
from spareplace.parts import VM, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """An infeasible cluster, its reason, and the kind of change that undoes it."""

    name: str
    cluster: Cluster
    cause: Cause
    remedy: str


Plant = Callable[[Cluster], tuple[Cluster, Cause, str]]


def _less_disk(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Leave one server just the disk that its own VMs take."""
    name = cluster.servers[-1].name
    running = sum(vm.disk for vm in cluster.vms if vm.server == name)
    servers = tuple(replace(it, disk=running) if it.name == name else it for it in cluster.servers)
    cause = Cause(kind="capacity", name=name, resource="disk")
    return replace(cluster, servers=servers), cause, "capacity"


def _less_memory(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Leave one server just the memory that its own VMs take."""
    name = cluster.servers[-1].name
    running = sum(int(vm.demand["memory"]) for vm in cluster.vms if vm.server == name)
    servers = tuple(
        replace(it, capacity={**it.capacity, "memory": running}) if it.name == name else it
        for it in cluster.servers
    )
    cause = Cause(kind="capacity", name=name, resource="memory")
    return replace(cluster, servers=servers), cause, "capacity"


def _only_at_home(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Allow a VM on its own server alone."""
    vm = cluster.vms[0]
    vms = (replace(vm, allowed_servers=(vm.server,)), *cluster.vms[1:])
    return replace(cluster, vms=vms), Cause(kind="allowed_servers", name=vm.name), "allow"


def _one_group(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Put one VM of every server into a group: none of them has anywhere to go."""
    first = {vm.server: vm.name for vm in reversed(cluster.vms)}
    vms = tuple(
        replace(vm, groups=("apart",)) if first[vm.server] == vm.name else vm for vm in cluster.vms
    )
    return replace(cluster, vms=vms), Cause(kind="group", name="apart"), "leave_group"


def _drained(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Let one server accept no rebuilds."""
    last = replace(cluster.servers[-1], accept_rebuilds=False)
    cause = Cause(kind="accept_rebuilds", name=last.name)
    return replace(cluster, servers=(*cluster.servers[:-1], last)), cause, "accept_rebuilds"


def _stores_nothing(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Let one server accept no extents."""
    last = replace(cluster.servers[-1], accept_extents=False)
    cause = Cause(kind="accept_extents", name=last.name)
    return replace(cluster, servers=(*cluster.servers[:-1], last)), cause, "accept_extents"


def _all_but_one(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Be ready for all servers but one to fail together."""
    failure = Failure(
        name="storm", servers=tuple(it.name for it in cluster.servers[1:]), weight=0.01
    )
    cause = Cause(kind="failure", name="storm")
    return replace(cluster, failures=(*cluster.failures, failure)), cause, "drop_failure"


def _too_large(cluster: Cluster) -> tuple[Cluster, Cause, str]:
    """Add a VM that no other server has memory for."""
    most = max(int(server.capacity["memory"]) for server in cluster.servers)
    huge = VM(name="huge", server=cluster.servers[0].name, demand={"memory": 2 * most})
    return replace(cluster, vms=(*cluster.vms, huge)), Cause(kind="VM", name="huge"), "unprotect"


PLANTS: dict[str, tuple[Plant, int]] = {
    "less disk": (_less_disk, 2),
    "less memory": (_less_memory, 3),
    "only at home": (_only_at_home, 3),
    "one group": (_one_group, 3),
    "drained": (_drained, 2),
    "stores nothing": (_stores_nothing, 2),
    "all but one fail": (_all_but_one, 3),
    "too large": (_too_large, 3),
}
"""What is planted, and on how many servers."""

EACH = {"less disk": 4, "less memory": 4}
"""How many of a kind there are, if not two."""


def planted() -> Iterator[Planted]:
    """Make twenty clusters: of the seeds from 0, the first for which the plant is the reason."""
    for name, (plant, servers) in PLANTS.items():
        yield from islice(_of_kind(name, plant, servers), EACH.get(name, 2))


def _of_kind(name: str, plant: Plant, servers: int) -> Iterator[Planted]:
    for seed in count():
        before = generate_cluster(
            servers=servers, vms_per_server=2, seed=seed, load=0.45, disk_slack=1.6
        )
        cluster, cause, remedy = plant(before)
        judge = Judge(clock=Clock(limit=5))
        if judge.is_feasible(before) and judge.is_feasible(cluster) is False:
            yield Planted(name=f"{name}, seed {seed}", cluster=cluster, cause=cause, remedy=remedy)
