"""What a failure leaves possible, by trying every assignment: an oracle for tiny clusters.

It is written from the words of the rules and shares nothing with the library but the values.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise, product

from spareplace.cluster import Cluster
from spareplace.parts import VM, Failure, Server
from spareplace.placement import Placement


def lost_vms(cluster: Cluster, failure: Failure) -> list[VM]:
    """The protected VMs that a failure loses."""
    return [vm for vm in cluster.vms if vm.protect and vm.server in failure.servers]


def lost_bytes(cluster: Cluster, placement: Placement, failure: Failure, vm: VM) -> dict[str, int]:
    """Count, for each diff of a chain, the bytes that no surviving server holds, if any."""
    diffs = {diff.name: diff for diff in cluster.diffs}
    up = {server.name: server for server in cluster.servers if server.name not in failure.servers}
    found: dict[str, int] = {}
    name = vm.diff
    while name is not None:
        size = diffs[name].size
        parts = [
            (part.start, min(part.stop, size))
            for part in placement.stored
            if part.diff == name and part.server in up
        ]
        if any(name in server.resident for server in up.values()):
            parts.append((0, size))
        edges = sorted({0, size, *(edge for part in parts for edge in part if edge < size)})
        lost = sum(
            stop - start
            for start, stop in pairwise(edges)
            if not any(first <= start and stop <= last for first, last in parts)
        )
        if lost:
            found[name] = lost
        name = diffs[name].parent
    return found


def works(
    cluster: Cluster, placement: Placement, failure: Failure, targets: Iterable[tuple[VM, str]]
) -> bool:
    """Tell whether these VMs can be rebuilt on these servers together: rules 2 to 5."""
    known = {server.name: server for server in cluster.servers}
    there: dict[str, list[VM]] = {}
    for vm, name in targets:
        server = known.get(name)
        if server is None or name in failure.servers or not server.accept_rebuilds:
            return False
        if vm.allowed_servers is not None and name not in vm.allowed_servers:
            return False
        there.setdefault(name, []).append(vm)
    return all(_fits(cluster, placement, known[name], vms) for name, vms in there.items())


def some_way(cluster: Cluster, placement: Placement, failure: Failure, vms: list[VM]) -> bool:
    """Tell whether there are any targets with which all these VMs can be rebuilt together."""
    names = [server.name for server in cluster.servers if server.name not in failure.servers]
    return any(
        works(cluster, placement, failure, zip(vms, chosen, strict=True))
        for chosen in product(names, repeat=len(vms))
    )


def _fits(cluster: Cluster, placement: Placement, server: Server, rebuilt: list[VM]) -> bool:
    running = [vm for vm in cluster.vms if vm.server == server.name]
    size = {diff.name: diff.size for diff in cluster.diffs}
    stored = sum(
        max(min(part.stop, size[part.diff]) - part.start, 0)
        for part in placement.stored
        if part.server == server.name and part.diff in size
    )
    disk = sum(vm.disk for vm in running + rebuilt) + stored
    if any(vm.disk for vm in rebuilt) and disk > server.disk:
        return False
    for resource in {key for vm in rebuilt for key, amount in vm.demand.items() if amount > 0}:
        used = sum(Fraction(vm.demand.get(resource, 0)) for vm in running + rebuilt)
        if used > Fraction(server.capacity.get(resource, 0)):
            return False
    groups = [group for vm in rebuilt for group in vm.groups]
    beside = [group for vm in running for group in vm.groups]
    return len(set(groups)) == len(groups) and not set(groups) & set(beside)
