"""Where a plan leaves least: for each resource, the server and the failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.parts import VM
from spareplace.placement import Plan

DISK = ""
"""Stands for the disk among the resources: no resource has this name, but one may be "disk"."""


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
        Amounts; bytes for disk.
    """

    resource: str
    server: str
    failure: str | None
    left: float
    capacity: float

    @property
    def share(self) -> float:
        """What is left, as a share."""
        return self.left / self.capacity if self.capacity else 0.0


def tightest(cluster: Cluster, plan: Plan) -> list[Tightest]:
    """Give, for the disk and then for each resource that rebuilds use, where it is tightest.

    A figure to read, in floats: whether everything fits is for `check` to say.
    """
    capacity = {
        server.name: {DISK: float(server.disk)} | _floats(server.capacity)
        for server in cluster.servers
    }
    least: dict[str, Tightest] = {}
    for failure, server, resource, used in _uses(cluster, plan):
        has = capacity[server].get(resource, 0.0)
        here = Tightest(
            resource=resource, server=server, failure=failure, left=has - used, capacity=has
        )
        if resource not in least or here.share < least[resource].share:
            least[resource] = here
    order = [DISK, *dict.fromkeys(key for server in cluster.servers for key in server.capacity)]
    return [least[resource] for resource in order if resource in least]


def _uses(cluster: Cluster, plan: Plan) -> Iterator[tuple[str | None, str, str, float]]:
    """Give what is used in each failure wherever something is rebuilt, or stored."""
    demand = {vm.name: _demand(vm) for vm in cluster.vms}
    always: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for vm in cluster.vms:
        for resource, amount in demand[vm.name].items():
            always[vm.server][resource] += amount
    for extent in plan.stored:
        always[extent.server][DISK] += extent.size
    for server in {extent.server for extent in plan.stored}:
        yield None, server, DISK, always[server][DISK]
    for recovery in plan.recoveries:
        added: dict[tuple[str, str], float] = defaultdict(float)
        for rebuild in recovery.rebuilds:
            for resource, amount in demand[rebuild.vm].items():
                added[rebuild.server, resource] += amount
        for (server, resource), amount in added.items():
            yield recovery.failure, server, resource, always[server][resource] + amount


def _demand(vm: VM) -> dict[str, float]:
    demand = {DISK: float(vm.disk)} | _floats(vm.demand)
    return {resource: amount for resource, amount in demand.items() if amount}


def _floats(amounts: Mapping[str, Amount]) -> dict[str, float]:
    return {resource: float(amount) for resource, amount in amounts.items()}
