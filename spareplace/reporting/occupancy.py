"""What fills each server: its disk and resources in the failure that asks most of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from spareplace.cluster import Cluster
from spareplace.lifecycle.tightness import DISK, demand_of, resources_of, summed
from spareplace.placement import Placement
from spareplace.units import EXACT

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """How much of one resource of a server is in use in its worst failure.

    Parameters
    ----------
    server
        Its name.
    resource
        `DISK`, or the name of a resource.
    failure
        The one that rebuilds most of it there, or ``None`` if nothing is ever rebuilt there.
    running, stored, rebuilt
        What VMs that run there use, what extents take, what VMs rebuilt there use.
    capacity
        All that the server has.
    """

    server: str
    resource: str
    failure: str | None
    running: Decimal
    stored: Decimal
    rebuilt: Decimal
    capacity: Decimal

    @property
    def used(self) -> Decimal:
        """All that is in use."""
        return EXACT.add(EXACT.add(self.running, self.stored), self.rebuilt)

    @property
    def free(self) -> Decimal:
        """What is left; below 0 where too much is in use."""
        return EXACT.subtract(self.capacity, self.used)

    def share(self, part: Decimal) -> float:
        """Give a part as a share of the capacity; of none, everything is all of it."""
        if self.capacity:
            return float(part) / float(self.capacity)
        return 1.0 if part else 0.0


def occupancies(cluster: Cluster, placement: Placement) -> tuple[Occupancy, ...]:
    """Give what fills every server, by resource and then in the cluster's order; disk first.

    A resource that a server neither has nor is asked for is left out there. Of failures that ask
    for the same the first counts. Names must be those of the cluster.
    """
    demands = {vm.name: demand_of(vm) for vm in cluster.vms}
    running = summed((vm.server, demands[vm.name]) for vm in cluster.vms)
    rebuilt: dict[tuple[str, str], tuple[Decimal, str]] = {}
    for failure in cluster.failures:
        rebuilds = placement.rebuilds.get(failure.name, ())
        added = summed((rebuild.server, demands[rebuild.vm]) for rebuild in rebuilds)
        for place, amount in added.items():
            if place not in rebuilt or rebuilt[place][0] < amount:
                rebuilt[place] = amount, failure.name
    stored: dict[str, int] = defaultdict(int)
    for extent in placement.stored:
        stored[extent.server] += extent.size
    found = []
    for resource in resources_of(cluster):
        for server in cluster.servers:
            place = server.name, resource
            has = server.disk if resource == DISK else server.capacity.get(resource)
            if has is None and place not in running:
                continue
            most, failure_name = rebuilt.get(place, (NOTHING, None))
            found.append(
                Occupancy(
                    server=server.name,
                    resource=resource,
                    failure=failure_name,
                    running=running.get(place, NOTHING),
                    stored=Decimal(stored[server.name]) if resource == DISK else NOTHING,
                    rebuilt=most,
                    capacity=Decimal(has or 0),
                )
            )
    return tuple(found)


def resource_shown(resource: str) -> str:
    """Give what readers call it: a resource may be named "disk", too."""
    if resource == DISK:
        return "disk"
    return f"resource {resource}" if resource == "disk" else resource
