"""Clusters of a few bytes with next to no room, and whether moves exist at all: by enumeration."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from random import Random

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from tests.lifecycle.moves.replaying import bytes_of, surviving, used

Byte = tuple[str, int, str]
"""A diff, which of its bytes, and a server that stores it."""


def tight_world(chance: Random) -> tuple[Cluster, Placement, Placement]:
    """Make two placements that protect every VM, and disks that just hold each of them."""
    names = [f"s{number}" for number in range(3)]
    diffs = tuple(Diff(name=f"d{number}", size=chance.choice((1, 1, 2))) for number in range(3))
    vms = tuple(
        VM(name=f"v{number}", server=chance.choice(names), diff=chance.choice(diffs).name)
        for number in range(chance.choice((2, 3, 4)))
    )
    vms += tuple(
        VM(name=f"of {it.name}", server=chance.choice(names), diff=it.name) for it in diffs
    )
    before, after = (_stored(chance, names, diffs, vms) for _ in range(2))
    rough = Cluster(
        servers=tuple(Server(name=name, disk=0) for name in names), diffs=diffs, vms=vms
    )
    needed = [used(rough, bytes_of(placement.stored)) for placement in (before, after)]
    spare = chance.choice(names)
    servers = tuple(
        Server(name=name, disk=max(need[name] for need in needed) + (name == spare))
        for name in names
    )
    return Cluster(servers=servers, diffs=diffs, vms=vms), before, after


def _stored(
    chance: Random, names: list[str], diffs: tuple[Diff, ...], vms: tuple[VM, ...]
) -> Placement:
    extents = []
    for diff in diffs:
        homes = {vm.server for vm in vms if vm.diff == diff.name}
        holders = set(chance.sample(names, chance.choice((1, 1, 2))))
        while any(holders <= {home} for home in homes):
            holders.add(chance.choice(names))
        extents += [
            Extent(diff=diff.name, server=server, start=0, stop=diff.size) for server in holders
        ]
    return Placement(stored=tuple(sorted(extents)))


def an_order_exists(cluster: Cluster, before: Placement, after: Placement) -> bool:
    """Tell whether single bytes can be copied and deleted until the end is reached.

    Each VM can send its diff at any time; so whatever there is room for can be copied.
    """
    room = {server.name: server.disk for server in cluster.servers}
    everything = [
        (diff.name, byte, server.name)
        for diff in cluster.diffs
        for byte in range(diff.size)
        for server in cluster.servers
    ]
    end = _bytes(after)
    seen = {_bytes(before)}
    waiting = deque(seen)
    while waiting:
        here = waiting.popleft()
        if here == end:
            return True
        safe = surviving(cluster, bytes_of(_extents(here)))
        for byte in everything:
            there = here ^ {byte}
            if there in seen:
                continue
            if byte in here:
                fine = safe <= surviving(cluster, bytes_of(_extents(there)))
            else:
                fine = sum(server == byte[2] for _, _, server in there) <= room[byte[2]]
            if fine:
                seen.add(there)
                waiting.append(there)
    return False


def _bytes(placement: Placement) -> frozenset[Byte]:
    return frozenset(
        (it.diff, byte, it.server) for it in placement.stored for byte in range(it.start, it.stop)
    )


def _extents(held: frozenset[Byte]) -> Iterator[Extent]:
    for diff, byte, server in held:
        yield Extent(diff=diff, server=server, start=byte, stop=byte + 1)
