"""What can make a cluster infeasible: the parts that may be taken away one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.parts import VM, Server
from spareplace.units import EXACT, LARGEST

DISK = "disk"
"""What the disk is called among the resources here."""

CauseKind: TypeAlias = Literal[
    "failure",
    "VM",
    "capacity",
    "group",
    "allowed_servers",
    "accept_rebuilds",
    "accept_extents",
]
"""A failure to be ready for; a VM to protect; how much a server has of a resource; an
anti-affinity group; the servers that a VM allows; a server that accepts no rebuilds, or no
extents."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cause:
    """One part of the cluster without which there would be less to keep.

    Parameters
    ----------
    kind
        What it is.
    name
        Of the failure, VM, server or group. Of ``"allowed_servers"``, of the VM.
    resource
        Of a capacity: ``"disk"``, or the name of a resource; empty for all others.
    """

    kind: CauseKind
    name: str
    resource: str = ""

    def __str__(self) -> str:
        if self.kind == "capacity":
            return f"server {self.name!r} has no more {self.resource}"
        return {
            "failure": f"failure {self.name!r} is to be survived",
            "VM": f"VM {self.name!r} is to be protected",
            "group": f"VMs of group {self.name!r} are kept apart",
            "allowed_servers": f"VM {self.name!r} allows some servers only",
            "accept_rebuilds": f"server {self.name!r} accepts no rebuilds",
            "accept_extents": f"server {self.name!r} accepts no extents",
        }[self.kind]


PHASES: tuple[tuple[CauseKind, ...], ...] = (
    ("failure",),
    ("VM",),
    ("allowed_servers", "group", "accept_rebuilds", "accept_extents", "capacity"),
)
"""In which order causes are ruled out: first few failures, then few VMs, then few limits."""


def all_causes(cluster: Cluster) -> dict[CauseKind, list[Cause]]:
    """List what may be taken away from a cluster, by kind; what cannot matter is left out.

    VMs that take most come first: of those, fewest are needed to fill a server.
    """
    running: dict[str, list[VM]] = {server.name: [] for server in cluster.servers}
    for vm in cluster.vms:
        running[vm.server].append(vm)
    losing = [
        failure
        for failure in cluster.failures
        if any(vm.protect for name in failure.servers for vm in running[name])
    ]
    gone = {name for failure in losing for name in failure.servers}
    lost = [vm for vm in cluster.vms if vm.protect and vm.server in gone]
    found: dict[CauseKind, list[Cause]] = {
        "failure": [Cause(kind="failure", name=failure.name) for failure in losing],
        "VM": [
            Cause(kind="VM", name=vm.name)
            for vm in sorted(lost, key=lambda vm: -_largest_share(cluster, vm))
        ],
        "capacity": list(_capacities(cluster, lost)),
        "group": [
            Cause(kind="group", name=name)
            for name, count in Counter(group for vm in cluster.vms for group in vm.groups).items()
            if count > 1
        ],
        "allowed_servers": [
            Cause(kind="allowed_servers", name=vm.name)
            for vm in lost
            if vm.allowed_servers is not None
        ],
        "accept_rebuilds": [],
        "accept_extents": [],
    }
    for server in cluster.servers:
        if not server.accept_rebuilds:
            found["accept_rebuilds"].append(Cause(kind="accept_rebuilds", name=server.name))
        if not server.accept_extents:
            found["accept_extents"].append(Cause(kind="accept_extents", name=server.name))
    return found


def _capacities(cluster: Cluster, lost: Collection[VM]) -> Iterator[Cause]:
    demanded = {resource for vm in lost for resource, amount in vm.demand.items() if amount}
    resources = [
        resource
        for resource in dict.fromkeys(key for server in cluster.servers for key in server.capacity)
        if resource in demanded and resource != DISK
    ]
    for server in cluster.servers:
        for resource in (DISK, *resources):
            yield Cause(kind="capacity", name=server.name, resource=resource)


def _largest_share(cluster: Cluster, vm: VM) -> float:
    """Give the largest share that a VM takes of what the largest server has of something."""
    takes = {DISK: Decimal(vm.disk)} | {key: Decimal(it) for key, it in vm.demand.items()}
    shares = [
        float(amount / most)
        for resource, amount in takes.items()
        if (most := max(has(server, resource) for server in cluster.servers))
    ]
    return max(shares, default=0.0)


def has(server: Server, resource: str) -> Decimal:
    """Give how much a server has of a resource, or of disk."""
    return Decimal(server.disk if resource == DISK else server.capacity.get(resource, 0))


def relaxed(cluster: Cluster, dropped: Collection[Cause]) -> Cluster:
    """Take causes away from a cluster: whatever was feasible before is afterwards."""
    off = {kind: set[str]() for phase in PHASES for kind in phase}
    raised: dict[str, set[str]] = {}
    for cause in dropped:
        if cause.kind == "capacity":
            raised.setdefault(cause.name, set()).add(cause.resource)
        else:
            off[cause.kind].add(cause.name)
    enough = _enough(cluster, {resource for names in raised.values() for resource in names})
    servers = tuple(
        replace(
            _roomy(server, {key: enough[key] for key in raised.get(server.name, ())}),
            accept_rebuilds=server.accept_rebuilds or server.name in off["accept_rebuilds"],
            accept_extents=server.accept_extents or server.name in off["accept_extents"],
        )
        for server in cluster.servers
    )
    vms = tuple(
        replace(
            vm,
            protect=vm.protect and vm.name not in off["VM"],
            groups=tuple(group for group in vm.groups if group not in off["group"]),
            allowed_servers=None if vm.name in off["allowed_servers"] else vm.allowed_servers,
        )
        for vm in cluster.vms
    )
    failures = tuple(it for it in cluster.failures if it.name not in off["failure"])
    return replace(cluster, servers=servers, vms=vms, failures=failures)


def _enough(cluster: Cluster, resources: Collection[str]) -> dict[str, Decimal]:
    """Give, for each resource, what all VMs and diffs take together: never short on a server."""
    enough: dict[str, Decimal] = {}
    for resource in resources:
        if resource == DISK:
            takes = sum(vm.disk for vm in cluster.vms) + sum(it.size for it in cluster.diffs)
            enough[resource] = Decimal(min(takes, LARGEST))
        else:
            total = Decimal(0)
            for vm in cluster.vms:
                total = EXACT.add(total, Decimal(vm.demand.get(resource, 0)))
            enough[resource] = min(total, Decimal(LARGEST))
    return enough


def _roomy(server: Server, enough: dict[str, Decimal]) -> Server:
    if not enough:
        return server
    capacity: dict[str, Amount] = dict(server.capacity)
    for resource, amount in enough.items():
        if resource != DISK:
            capacity[resource] = max(has(server, resource), amount)
    disk = max(server.disk, int(enough.get(DISK, 0)))
    return replace(server, disk=disk, capacity=capacity)
