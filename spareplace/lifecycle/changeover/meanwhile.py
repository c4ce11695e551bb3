"""The time while a server is drained: what is stored then, and the room kept for migrations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spareplace.cluster import Cluster, chain_of
from spareplace.holding import Span, holdings, merged, missing_from
from spareplace.moving import still_held
from spareplace.parts import VM, Failure
from spareplace.placement import Extent, Placement, Plan, Unprotected


def stored_meanwhile(
    cluster: Cluster, chosen: Plan | Placement, plan: Plan, server: str
) -> Placement:
    """Choose what is stored while VMs leave a server: all of before and after, if there is room.

    Else what comes after, beside what the server itself stores; then the VMs of the server may
    be without data in failures that take more than it. What it stores itself stays as it is in
    both cases: it helps until the VMs have left.

    Parameters
    ----------
    cluster
        While both places of each VM count: see `with_room_kept`.
    chosen, plan
        What is stored before, and what after.
    server
        The server that they leave.
    """
    before = still_held(cluster, chosen.stored)
    stored = merged((*before, *plan.stored))
    given_up = {pair.vm for pair in plan.unprotected}
    if not _has_room(cluster, before, stored):
        stored = merged((*plan.stored, *(it for it in before if it.server == server)))
        given_up |= {vm.name for vm in cluster.vms if vm.server == server}
    held = holdings(cluster, stored)
    return Placement(
        stored=stored,
        unprotected=tuple(
            Unprotected(vm=vm.name, failure=failure.name, reason="its server is being drained")
            for vm in cluster.vms
            if vm.name in given_up
            for failure in cluster.failures
            if vm.server in failure.servers and _loses(cluster, vm, failure, held)
        ),
    )


def _has_room(cluster: Cluster, before: Iterable[Extent], stored: Iterable[Extent]) -> bool:
    """Tell whether every server that stores more than before has the disk for all of it."""
    bytes_before, bytes_on = _bytes_by_server(before), _bytes_by_server(stored)
    running: Counter[str] = Counter()
    for vm in cluster.vms:
        running[vm.server] += vm.disk
    return all(
        bytes_on[name] == bytes_before[name] or running[name] + bytes_on[name] <= server.disk
        for server in cluster.servers
        for name in (server.name,)
    )


def _bytes_by_server(extents: Iterable[Extent]) -> Counter[str]:
    found: Counter[str] = Counter()
    for extent in extents:
        found[extent.server] += extent.size
    return found


def _loses(
    cluster: Cluster, vm: VM, failure: Failure, held: Mapping[str, Mapping[str, list[Span]]]
) -> bool:
    """Tell whether a failure takes bytes that a VM needs."""
    diffs = {diff.name: diff for diff in cluster.diffs}
    return any(
        missing_from(
            diffs[name].size,
            sorted(
                span
                for server, spans in held.get(name, {}).items()
                if server not in failure.servers
                for span in spans
            ),
        )
        for name in chain_of(vm.diff, diffs)
    )


def with_room_kept(cluster: Cluster, moving: Sequence[VM], targets: Mapping[str, str]) -> Cluster:
    """Let what a VM will take of the disk of its target count while it still runs elsewhere."""
    taken = {vm.name for vm in cluster.vms}
    reserved = []
    for vm in moving:
        name = f"{vm.name} (to come)"
        while name in taken:
            name += "'"
        taken.add(name)
        reserved.append(VM(name=name, server=targets[vm.name], disk=vm.disk, protect=False))
    return replace(cluster, vms=(*cluster.vms, *reserved))
