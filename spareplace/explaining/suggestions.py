"""Changes of settings and of where VMs run that might make a cluster feasible: to be tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from spareplace.cluster import Cluster
from spareplace.explaining.causes import Cause, has
from spareplace.explaining.changes import ClusterChange
from spareplace.parts import VM, Server

MOST_MOVES = 24
"""Moves of a VM to another server that are tried."""


def settings(causes: Sequence[Cause]) -> Iterator[ClusterChange]:
    """Let a drained server accept again what it refuses."""
    for cause in causes:
        if cause.kind == "accept_rebuilds":
            yield ClusterChange(kind="accept_rebuilds", server=cause.name)
        elif cause.kind == "accept_extents":
            yield ClusterChange(kind="accept_extents", server=cause.name)


def new_allowed(cluster: Cluster, causes: Sequence[Cause]) -> Iterator[ClusterChange]:
    """Allow a VM on one server more, the one with most disk left first."""
    vms = {vm.name: vm for vm in cluster.vms}
    room = _room(cluster)
    for cause in causes:
        if cause.kind == "allowed_servers":
            allowed = vms[cause.name].allowed_servers or ()
            others = [it for it in cluster.servers if it.name not in allowed]
            for server in sorted(others, key=lambda it: -room[it.name]):
                if server.name != vms[cause.name].server or len(others) == 1:
                    yield ClusterChange(kind="allow", vm=cause.name, server=server.name)


def left_groups(cluster: Cluster, causes: Sequence[Cause]) -> Iterator[ClusterChange]:
    """Take a VM out of a group: one that cannot be rebuilt, or else one that is in its way."""
    groups = [cause.name for cause in causes if cause.kind == "group"]
    concerned = {cause.name for cause in causes if cause.kind == "VM"}
    for group in groups:
        members = [vm for vm in cluster.vms if group in vm.groups]
        for vm in sorted(members, key=lambda it: it.name not in concerned):
            yield ClusterChange(kind="leave_group", vm=vm.name, group=group)


def moves(cluster: Cluster, causes: Sequence[Cause]) -> Iterator[ClusterChange]:
    """Run a VM elsewhere: one that cannot be rebuilt, or one of a server that is full.

    Those with least disk come first: that is what a migration copies.
    """
    concerned = {cause.name for cause in causes if cause.kind == "VM"}
    full = {cause.name for cause in causes if cause.kind == "capacity"}
    movable = [vm for vm in cluster.vms if vm.name in concerned or vm.server in full]
    moves = (
        ClusterChange(kind="move", vm=vm.name, server=server.name)
        for vm in sorted(movable, key=lambda it: it.disk)
        for server in cluster.servers
        if server.name != vm.server and _may_run(cluster, vm, server)
    )
    yield from islice(moves, MOST_MOVES)


def _may_run(cluster: Cluster, vm: VM, server: Server) -> bool:
    """Tell whether a VM may move there: allowed, accepting, with room, apart from its groups."""
    if not server.accept_rebuilds:
        return False
    if vm.allowed_servers is not None and server.name not in vm.allowed_servers:
        return False
    there = [it for it in cluster.vms if it.server == server.name]
    if any(set(it.groups) & set(vm.groups) for it in there):
        return False
    running = [*there, vm]
    return sum(it.disk for it in running) <= server.disk and all(
        sum(Decimal(it.demand.get(resource, 0)) for it in running) <= has(server, resource)
        for resource, amount in vm.demand.items()
        if amount
    )


def _room(cluster: Cluster) -> dict[str, int]:
    room = {server.name: server.disk for server in cluster.servers}
    for vm in cluster.vms:
        room[vm.server] -= vm.disk
    return room
