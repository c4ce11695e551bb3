"""A strategy for clusters that can be protected in full: first a plan, then room for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Unpack

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from spareplace.cluster import Cluster, chain_of
from spareplace.fields import Amount
from spareplace.parts import VM, Failure, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.testing.drawing import EVEN, one_of, some_of
from spareplace.testing.given import Shape, clusters


@st.composite
def clusters_with_placements(  # noqa: D417 (Hypothesis passes `draw`)
    draw: DrawFn, **shape: Unpack[Shape]
) -> tuple[Cluster, Placement]:
    """Make clusters, each with a placement of whole copies that keeps every rule.

    The placement is seldom the best. Where it needs disk or a resource, the server has exactly
    that much or a little more; servers that it does not need may be overcommitted. VMs that some
    failure leaves no server for are not made.

    Parameters
    ----------
    shape
        Any argument of `clusters`; by default at least two servers and one VM.
    """
    rough = draw(clusters(**(Shape(min_servers=2, min_vms=1) | shape)))
    vms, rebuilds = _targets(draw, rough)
    copies = _copies(draw, rough, rebuilds)
    servers = tuple(
        _roomy(draw, server, vms, copies[server.name], rebuilds, rough) for server in rough.servers
    )
    size = {diff.name: diff.size for diff in rough.diffs}
    placement = Placement(
        stored=tuple(
            sorted(
                Extent(diff=diff, server=server, start=0, stop=size[diff])
                for server, held in copies.items()
                for diff in held
            )
        ),
        rebuilds={
            failure: tuple(Rebuild(vm=vm.name, server=server) for vm, server in chosen)
            for failure, chosen in rebuilds.items()
        },
    )
    return replace(rough, servers=servers, vms=vms), placement


def feasible_clusters(**shape: Unpack[Shape]) -> SearchStrategy[Cluster]:
    """Make clusters that a plan of whole copies protects in full, often with nothing to spare.

    Parameters
    ----------
    shape
        Any argument of `clusters`; by default at least two servers and one VM.
    """
    return clusters_with_placements(**shape).map(lambda made: made[0])


_Rebuilds = dict[str, list[tuple[VM, str]]]
"""For each failure by name, the VMs rebuilt, each with its target."""


def _targets(draw: DrawFn, rough: Cluster) -> tuple[tuple[VM, ...], _Rebuilds]:
    """Choose where each VM is rebuilt; keep the VMs for which every failure leaves a server."""
    rebuilds: _Rebuilds = {failure.name: [] for failure in rough.failures}
    kept = []
    for vm in rough.vms:
        losing = [lost for lost in rough.failures if vm.protect and vm.server in lost.servers]
        open_to = [_open_to(vm, failure, rough, rebuilds[failure.name]) for failure in losing]
        if all(open_to):
            kept.append(vm)
            for failure, servers in zip(losing, open_to, strict=True):
                rebuilds[failure.name].append((vm, one_of(draw, servers)))
    return tuple(kept), rebuilds


def _open_to(vm: VM, failure: Failure, rough: Cluster, rebuilt: list[tuple[VM, str]]) -> list[str]:
    """List the servers that may rebuild a VM, none if the failure may take what it needs."""
    surviving = [server for server in rough.servers if server.name not in failure.servers]
    diffs = {diff.name: diff for diff in rough.diffs}
    for diff in chain_of(vm.diff, diffs):
        if diffs[diff].size and not any(
            server.accept_extents or diff in server.resident for server in surviving
        ):
            return []
    partners = {other.server for other in rough.vms if set(other.groups) & set(vm.groups)}
    partners |= {server for other, server in rebuilt if set(other.groups) & set(vm.groups)}
    return [
        server.name
        for server in surviving
        if server.accept_rebuilds
        and (vm.allowed_servers is None or server.name in vm.allowed_servers)
        and server.name not in partners
    ]


def _copies(draw: DrawFn, rough: Cluster, rebuilds: _Rebuilds) -> dict[str, list[str]]:
    """Choose the diffs on each server: any, and those without which something is lost."""
    diffs = {diff.name: diff for diff in rough.diffs}
    accepting = [server.name for server in rough.servers if server.accept_extents]
    copies: dict[str, list[str]] = {server.name: [] for server in rough.servers}
    for diff in rough.diffs if accepting else ():
        if not diff.size:
            continue
        extra = one_of(draw, (False, False, True))
        holders = list(some_of(draw, accepting)) if extra else []
        resident = [server.name for server in rough.servers if diff.name in server.resident]
        for failure in rough.failures:
            needed = any(diff.name in chain_of(vm.diff, diffs) for vm, _ in rebuilds[failure.name])
            if needed and set(holders + resident) <= set(failure.servers):
                surviving = [name for name in accepting if name not in failure.servers]
                holders.append(one_of(draw, surviving))
        for server in holders:
            copies[server].append(diff.name)
    return copies


def _roomy(
    draw: DrawFn,
    server: Server,
    vms: tuple[VM, ...],
    held: list[str],
    rebuilds: _Rebuilds,
    rough: Cluster,
) -> Server:
    """Give a server what it needs, and sometimes more."""
    running = [vm for vm in vms if vm.server == server.name]
    loads = [[vm for vm, target in some if target == server.name] for some in rebuilds.values()]
    stored = sum(diff.size for diff in rough.diffs if diff.name in held)
    most = max((sum(vm.disk for vm in load) for load in loads), default=0)
    need = sum(vm.disk for vm in running) + stored + most
    disk = need + one_of(draw, [0] * 6 + [diff.size for diff in rough.diffs])
    if not stored and not most and draw(EVEN):
        disk = server.disk
    capacity: dict[str, Amount] = dict(server.capacity)
    for resource in sorted({resource for vm in vms for resource in vm.demand}):
        needs = [_sum(load, resource) for load in loads if _sum(load, resource)]
        if needs:
            spare = one_of(draw, (0, 0, 0, 1, 4))
            capacity[resource] = _sum(running, resource) + max(needs) + spare
    return replace(server, disk=disk, capacity=capacity)


def _sum(vms: list[VM], resource: str) -> Decimal:
    return sum((Decimal(vm.demand.get(resource, 0)) for vm in vms), start=Decimal(0))
