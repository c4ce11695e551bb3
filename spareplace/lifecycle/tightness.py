"""Where a placement leaves least: for each resource, the server and the failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.parts import VM
from spareplace.placement import Placement
from spareplace.units import EXACT

DISK = ""
"""Stands for the disk among the resources: no resource has this name, but one may be "disk"."""

Place: TypeAlias = tuple[str, str]
"""A server and a resource."""

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tightest:
    """What is left of one resource where the least share of it is left.

    Parameters
    ----------
    resource
        `DISK`, or the name of a resource.
    server
        Where: a server that stores something, or on which something is rebuilt.
    failure
        When, or ``None`` without any failure.
    left, capacity
        Amounts; bytes for disk. Below 0 where too much is used.
    by_vms
        What the VMs there use, running or rebuilt: what may grow. For disk that leaves out what
        is stored.
    """

    resource: str
    server: str
    failure: str | None
    left: float
    capacity: float
    by_vms: float

    @property
    def share(self) -> float:
        """What is left, as a share."""
        return self.left / self.capacity if self.capacity else 0.0

    @property
    def growth(self) -> float | None:
        """The share by which all VMs there may grow before there is too little.

        ``None`` if they use none of it; not below 0.
        """
        return max(self.left, 0.0) / self.by_vms if self.by_vms else None


def tightest(cluster: Cluster, placement: Placement) -> list[Tightest]:
    """Give, for the disk and then for each resource that rebuilds use, where it is tightest.

    Figures to read, each the float that is nearest: whether everything fits is for `check` to
    say. Of places with an equal share left the first one counts, without a failure before those
    in one. Names must be those of the cluster.
    """
    capacity = {
        server.name: {DISK: Decimal(server.disk)} | _decimals(server.capacity)
        for server in cluster.servers
    }
    least: dict[str, Tightest] = {}
    for failure, server, resource, by_vms, stored in _uses(cluster, placement):
        has = capacity[server].get(resource, Decimal(0))
        left = EXACT.subtract(EXACT.subtract(has, by_vms), Decimal(stored))
        here = Tightest(
            resource=resource,
            server=server,
            failure=failure,
            left=float(left),
            capacity=float(has),
            by_vms=float(by_vms),
        )
        if resource not in least or here.share < least[resource].share:
            least[resource] = here
    return [least[resource] for resource in resources_of(cluster) if resource in least]


def _uses(
    cluster: Cluster, placement: Placement
) -> Iterator[tuple[str | None, str, str, Decimal, int]]:
    """Give what VMs use, and what is stored, wherever something is rebuilt or stored."""
    demand = {vm.name: demand_of(vm) for vm in cluster.vms}
    running = summed((vm.server, demand[vm.name]) for vm in cluster.vms)
    stored: dict[Place, int] = defaultdict(int)
    for extent in placement.stored:
        stored[extent.server, DISK] += extent.size
    for place, size in stored.items():
        yield None, *place, running.get(place, _NOTHING), size
    for failure in cluster.failures:
        rebuilds = placement.rebuilds.get(failure.name, ())
        for place, amount in summed((it.server, demand[it.vm]) for it in rebuilds).items():
            used = EXACT.add(running.get(place, _NOTHING), amount)
            yield failure.name, *place, used, stored.get(place, 0)


def resources_of(cluster: Cluster) -> tuple[str, ...]:
    """Give the disk, then every resource that a server lists."""
    return (DISK, *dict.fromkeys(key for server in cluster.servers for key in server.capacity))


def demand_of(vm: VM) -> Mapping[str, Decimal]:
    """Give what a VM uses where it runs or is rebuilt, its disk among it; nothing that is 0."""
    demand = {DISK: Decimal(vm.disk)} | _decimals(vm.demand)
    return {resource: amount for resource, amount in demand.items() if amount}


def summed(uses: Iterable[tuple[str, Mapping[str, Decimal]]]) -> dict[Place, Decimal]:
    """Add up what is used on servers, by server and resource."""
    sums: dict[Place, Decimal] = {}
    for server, demand in uses:
        for resource, amount in demand.items():
            place = server, resource
            sums[place] = EXACT.add(sums.get(place, _NOTHING), amount)
    return sums


def _decimals(amounts: Mapping[str, Amount]) -> dict[str, Decimal]:
    return {resource: Decimal(amount) for resource, amount in amounts.items()}
