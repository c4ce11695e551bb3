"""The time while a server is drained: what is stored then, and the room kept for migrations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from spareplace.cluster import Cluster, chain_of
from spareplace.holding import Span, holdings, merged, missing_from
from spareplace.moving import still_held
from spareplace.parts import VM, Failure
from spareplace.placement import Placement, Plan, Unprotected


def middle_of(cluster: Cluster, chosen: Plan | Placement, plan: Plan, server: str) -> Placement:
    """Choose what is stored while VMs migrate: all of before and after, if there is room.

    Else what comes after, beside what the server itself stores; then the VMs of the server may
    be without data in failures that take more than it.
    """
    both = merged((*still_held(cluster, chosen.stored), *plan.stored))
    more = Counter(dict.fromkeys((other.name for other in cluster.servers), 0))
    for extent in both:
        more[extent.server] += extent.size
    for extent in still_held(cluster, chosen.stored):
        more[extent.server] -= extent.size
    bytes_on = Counter(more)
    for extent in still_held(cluster, chosen.stored):
        bytes_on[extent.server] += extent.size
    for vm in cluster.vms:
        bytes_on[vm.server] += vm.disk
    given_up = {pair.vm for pair in plan.unprotected}
    stored = both
    if any(more[other.name] and bytes_on[other.name] > other.disk for other in cluster.servers):
        still = tuple(extent for extent in chosen.stored if extent.server == server)
        stored = merged((*plan.stored, *still_held(cluster, still)))
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
