"""Why a VM is not rebuilt: what is missing, and where it comes nearest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import amount_of
from spareplace.lifecycle.recovering.schedule import LostVM
from spareplace.lifecycle.recovering.standing import Standing, lacking
from spareplace.lifecycle.recovering.targets import Targets
from spareplace.units import LARGEST


def losses(targets: Targets) -> Iterator[LostVM]:
    """Explain every VM without a target, beside those that are rebuilt."""
    for vm in range(len(targets.demand)):
        if vm not in targets.server:
            yield _explained(targets, vm)


def _explained(targets: Targets, vm: int) -> LostVM:
    standing = targets.standing
    value = standing.cluster.vms[standing.lost[vm]]
    if not standing.up.any():
        return LostVM(vm=value.name, reason="survivors")
    if found := _data_lost(standing, vm):
        diff, count = found
        return LostVM(vm=value.name, reason="data lost", diff=diff, missing=count)
    servers = standing.cluster.servers
    accepting = [at for at in np.flatnonzero(standing.up).tolist() if servers[at].accept_rebuilds]
    if not accepting:
        return LostVM(vm=value.name, reason="servers that accept rebuilds")
    only = value.allowed_servers
    allowed = [at for at in accepting if only is None or servers[at].name in only]
    if not allowed:
        return LostVM(vm=value.name, reason="allowed servers")
    beside = np.flatnonzero(standing.instance.allowed[standing.lost[vm]] & standing.up)
    if not beside.size:
        return LostVM(vm=value.name, reason="anti-affinity", group=_group(targets, vm, allowed))
    reached = np.flatnonzero(standing.may[vm])
    if not reached.size:
        return _out_of_reach(standing, vm, beside)
    taken = _taken(targets, vm)
    apart = reached[~np.isin(reached, list(taken))]
    if not apart.size:
        return LostVM(vm=value.name, reason="anti-affinity", group=_group(targets, vm, allowed))
    return _no_room(targets, vm, apart)


def _data_lost(standing: Standing, vm: int) -> tuple[str, int] | None:
    """Give the first diff of which bytes are on no survivor, and how many."""
    for row in standing.chain[vm]:
        diff = standing.diffs[row]
        held = standing.held[row]
        gone = lacking(standing.instance.size[diff], held, held)
        if gone:
            return standing.cluster.diffs[diff].name, sum(stop - start for start, stop in gone)
    return None


def _out_of_reach(standing: Standing, vm: int, servers: NDArray[np.intp]) -> LostVM:
    """Name the rate of 0 that keeps data from the server that lacks the fewest bytes."""
    cluster = standing.cluster
    rows = list(standing.chain[vm])
    nearest = int(servers[standing.missing[rows][:, servers].sum(axis=0).argmin()])
    closed = cluster.servers[nearest].net_in == 0
    name, diff, count = cluster.servers[nearest].name, cluster.diffs[0].name, 0
    for row in rows:
        held = standing.held[row]
        senders = [at for at in held if cluster.servers[at].net_out != 0]
        size = standing.instance.size[standing.diffs[row]]
        gaps = lacking(size, held, [nearest] if closed else [*senders, nearest])
        if gaps:
            diff = cluster.diffs[standing.diffs[row]].name
            count = sum(stop - start for start, stop in gaps)
            silent = [at for at in held if at not in senders and at != nearest]
            name = name if closed else cluster.servers[silent[0]].name
            break
    value = cluster.vms[standing.lost[vm]]
    return LostVM(vm=value.name, reason="data out of reach", diff=diff, server=name, missing=count)


def _taken(targets: Targets, vm: int) -> set[int]:
    """Give the servers on which a VM of one of its groups is rebuilt."""
    groups = targets.standing.instance.groups[targets.standing.lost[vm]]
    return {server for group in groups for server, count in targets.members[group].items() if count}


def _group(targets: Targets, vm: int, servers: list[int]) -> str:
    """Give the group of the VM that has VMs on most of the servers it could go to."""
    cluster = targets.standing.cluster
    value = cluster.vms[targets.standing.lost[vm]]
    names = {cluster.servers[at].name for at in servers}
    on: dict[str, set[str]] = {group: set() for group in value.groups}
    rebuilt = {
        targets.standing.lost[other]: cluster.servers[at].name
        for other, at in targets.server.items()
    }
    for index, other in enumerate(cluster.vms):
        where = rebuilt.get(index, other.server)
        for group in other.groups:
            if group in on and where in names:
                on[group].add(where)
    return max(on, key=lambda group: len(on[group]))


def _no_room(targets: Targets, vm: int, servers: NDArray[np.intp]) -> LostVM:
    """Name the server that comes nearest to having room, and what it lacks most."""
    standing = targets.standing
    instance = standing.instance
    demand = targets.demand[vm]
    scale = np.maximum(instance.capacity.max(axis=0), 1)
    lack = np.where(demand > 0, np.maximum(demand - targets.left[servers], 0), 0)
    share = (lack / scale).astype(np.float64)
    nearest = int(share.sum(axis=1).argmin())
    resource = int(share[nearest].argmax())
    return LostVM(
        vm=instance.cluster.vms[standing.lost[vm]].name,
        reason="room",
        server=instance.cluster.servers[int(servers[nearest])].name,
        resource=instance.resources[resource],
        missing=_plain(amount_of(int(lack[nearest, resource]), instance.unit[resource])),
    )


def _plain(amount: Decimal) -> int | float:
    whole = amount == amount.to_integral_value() and amount <= LARGEST
    return int(amount) if whole else float(amount)
