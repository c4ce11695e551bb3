"""Where new VMs would run: how many on each server, within what it has for running VMs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Server
from spareplace.units import EXACT

Homes: TypeAlias = tuple[int, ...]
"""How many new VMs run on each server of the cluster, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Many VMs of one shape, to be added to a cluster.

    Parameters
    ----------
    cluster
        What they are added to.
    shape
        A VM like each of them; its name, server and groups do not matter.
    own_diff
        Bytes of a new diff on top of the shape's, for each of them alone; 0 for none.
    most
        How many can run on each server at most, beside what runs there.
    """

    cluster: Cluster
    shape: VM
    own_diff: int
    most: Homes

    @staticmethod
    def of(cluster: Cluster, shape: VM, own_diff: int, largest: int) -> Newcomers:
        """Count how many VMs of a shape each server has room to run."""
        most = tuple(_room(cluster, shape, server, largest) for server in cluster.servers)
        return Newcomers(cluster=cluster, shape=shape, own_diff=own_diff, most=most)

    def added(self, homes: Homes) -> Cluster:
        """Give the cluster with so many new VMs on each server."""
        taken = {vm.name for vm in self.cluster.vms}
        diffs_taken = {diff.name for diff in self.cluster.diffs}
        vms, diffs = [], []
        number = 0
        for server, count in zip(self.cluster.servers, homes, strict=True):
            for _ in range(count):
                number += 1
                while f"new {number}" in taken or f"new {number}" in diffs_taken:
                    number += 1
                name = f"new {number}"
                diff = self.shape.diff
                if self.own_diff:
                    diffs.append(Diff(name=name, size=self.own_diff, parent=diff))
                    diff = name
                vms.append(replace(self.shape, name=name, server=server.name, diff=diff, groups=()))
        return replace(
            self.cluster,
            vms=(*self.cluster.vms, *vms),
            diffs=(*self.cluster.diffs, *diffs),
        )

    def spread(self, upto: int) -> list[int]:
        """List the servers that take one VM after the other, each time the one with most left.

        A server that cannot run one more is left out, so the list may be shorter.
        """
        homes = [0] * len(self.most)
        order: list[int] = []
        while len(order) < upto:
            left = [most - have for most, have in zip(self.most, homes, strict=True)]
            if max(left, default=0) <= 0:
                break
            at = max(range(len(left)), key=lambda server: (left[server], -homes[server], -server))
            homes[at] += 1
            order.append(at)
        return order


def homes_of(order: Sequence[int], servers: int) -> Homes:
    """Count how often each server is listed."""
    return tuple(order.count(server) for server in range(servers))


def one_more(homes: Homes, most: Homes) -> Iterator[Homes]:
    """Give the homes with one more VM on some server that can run it."""
    for server, (count, limit) in enumerate(zip(homes, most, strict=True)):
        if count < limit:
            yield (*homes[:server], count + 1, *homes[server + 1 :])


def all_homes(count: int, most: Sequence[int]) -> Iterator[Homes]:
    """Give every way to run so many VMs on servers that can run so many each.

    Examples
    --------
    >>> list(all_homes(2, [1, 2]))
    [(1, 1), (0, 2)]
    """
    if not most:
        if count == 0:
            yield ()
        return
    rest = sum(most[1:])
    for first in range(min(count, most[0]), max(count - rest, 0) - 1, -1):
        for others in all_homes(count - first, most[1:]):
            yield (first, *others)


def _room(cluster: Cluster, shape: VM, server: Server, largest: int) -> int:
    """Count how many VMs a server can run beside its own; none if it takes no rebuilds."""
    if not server.accept_rebuilds:
        return 0
    running = [vm for vm in cluster.vms if vm.server == server.name]
    counts = [largest]
    if shape.disk:
        counts.append((server.disk - sum(vm.disk for vm in running)) // shape.disk)
    for resource, amount in shape.demand.items():
        if amount:
            left = Decimal(server.capacity.get(resource, 0))
            for vm in running:
                left = EXACT.subtract(left, Decimal(vm.demand.get(resource, 0)))
            counts.append(int(left // Decimal(amount)) if left > 0 else 0)
    return max(min(counts), 0)
