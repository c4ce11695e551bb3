"""Proofs that a cluster cannot be protected which need no solver, and name what is short."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import DISK, amount_of
from spareplace.errors import Shortage
from spareplace.instance import Instance
from spareplace.placement import least_piece


def hopeless(instance: Instance) -> dict[tuple[int, int], Shortage]:
    """Give the (failure, VM) pairs that no plan protects, each with what is short.

    A VM that fits on no surviving server even if nothing else is rebuilt, or whose diffs no
    server outside the failure can keep.
    """
    fits = instance.fits()
    found: dict[tuple[int, int], Shortage] = {}
    for failure, vms in enumerate(instance.lost):
        up = ~instance.down[failure]
        largest = int(instance.free[instance.keeps & up, DISK].max(initial=0))
        lost_diffs = {
            diff: shortage
            for diff in sorted({diff for vm in vms for diff in instance.chain[vm]})
            if instance.size[diff] > largest
            and (shortage := _no_keeper(instance, failure, diff)) is not None
        }
        placeable = (fits[list(vms)] & up).any(axis=1).tolist()
        for vm, fits_somewhere in zip(vms, placeable, strict=True):
            if not fits_somewhere:
                found[failure, vm] = _no_target(instance, failure, vm, up)
            else:
                for diff in instance.chain[vm]:
                    if diff in lost_diffs:
                        found[failure, vm] = lost_diffs[diff]
    return found


def overcommitted(instance: Instance) -> list[Shortage]:
    """Give what running VMs take too much of, as the cluster was given: a warning, no fault."""
    return [
        Shortage(
            failure=None,
            server=instance.cluster.servers[server].name,
            resource=instance.resources[resource],
            needed=amount_of(
                int(instance.capacity[server, resource] - instance.left[server, resource]),
                instance.unit[resource],
            ),
            available=amount_of(int(instance.capacity[server, resource]), instance.unit[resource]),
        )
        for server, resource in np.argwhere((instance.left < 0).astype(bool)).tolist()
    ]


def totals_short(instance: Instance) -> list[Shortage]:
    """Give the failures in which all surviving servers together lack a resource or disk."""
    resident = set(np.flatnonzero(instance.resident.any(axis=1)).tolist())
    return [
        shortage
        for failure, vms in enumerate(instance.lost)
        if vms
        for shortage in _totals(instance, failure, vms, resident)
    ]


def _totals(
    instance: Instance, failure: int, vms: Sequence[int], resident: Collection[int]
) -> Iterator[Shortage]:
    up = ~instance.down[failure]
    targets = up & instance.allowed[list(vms)].any(axis=0)
    needed = instance.demand[list(vms)].sum(axis=0)
    available = instance.free[targets].sum(axis=0)
    names = _names(instance, vms)
    for resource in range(DISK + 1, len(instance.resources)):
        if needed[resource] > available[resource]:
            yield _shortage(
                instance, failure, None, resource, int(needed[resource]),
                int(available[resource]), names,
            )  # fmt: skip
    diffs = {diff for vm in vms for diff in instance.chain[vm]}
    stored = sum(
        instance.size[diff]
        for diff in diffs
        if diff not in resident or not (instance.resident[diff] & up).any()
    )
    disk = int(instance.free[up & (instance.keeps | targets), DISK].sum())
    if int(needed[DISK]) + stored > disk:
        yield _shortage(instance, failure, None, DISK, int(needed[DISK]) + stored, disk, names)


def _no_target(instance: Instance, failure: int, vm: int, up: Flags) -> Shortage:
    """Say why a VM fits nowhere: by the server that comes nearest, if any may take it."""
    names = _names(instance, [vm])
    servers = np.flatnonzero(instance.allowed[vm] & up)
    if not servers.size:
        return Shortage(
            failure=instance.cluster.failures[failure].name,
            server=None,
            resource=_blocking_rule(instance, vm, up),
            needed=Decimal(1),
            available=Decimal(0),
            vms=names,
        )
    demand, left = instance.demand[vm], instance.left
    scale = np.maximum(instance.capacity.max(axis=0), 1)
    lack = np.where(demand > 0, np.maximum(demand - left[servers], 0), 0) / scale
    nearest = int(lack.sum(axis=1).astype(float).argmin())
    server, resource = int(servers[nearest]), int(lack[nearest].astype(float).argmax())
    return _shortage(
        instance, failure, server, resource, int(demand[resource]),
        int(left[server, resource]), names,
    )  # fmt: skip


def _blocking_rule(instance: Instance, vm: int, up: Flags) -> str:
    value = instance.cluster.vms[vm]
    if not up.any():
        return "survivors"
    accepting = [
        server.name
        for at, server in enumerate(instance.cluster.servers)
        if server.accept_rebuilds and up[at]
    ]
    if not accepting:
        return "servers that accept rebuilds"
    if value.allowed_servers is not None and not set(value.allowed_servers) & set(accepting):
        return "allowed servers"
    return "anti-affinity"


def _no_keeper(instance: Instance, failure: int, diff: int) -> Shortage | None:
    """Say why no copy of a diff can survive a failure, if so."""
    up = ~instance.down[failure]
    if (instance.resident[diff] & up).any():
        return None
    size, free = instance.size[diff], instance.free[:, DISK]
    keepers = instance.keeps & up & (free >= least_piece(size)).astype(bool)
    available = int(free[keepers].sum())
    if available >= size:
        return None
    vms = [vm for vm in instance.lost[failure] if diff in instance.chain[vm]]
    return _shortage(instance, failure, None, DISK, size, available, _names(instance, vms))


def _shortage(
    instance: Instance,
    failure: int,
    server: int | None,
    resource: int,
    needed: int,
    available: int,
    vms: tuple[str, ...],
) -> Shortage:
    unit = instance.unit[resource]
    return Shortage(
        failure=instance.cluster.failures[failure].name,
        server=None if server is None else instance.cluster.servers[server].name,
        resource=instance.resources[resource],
        needed=amount_of(needed, unit),
        available=amount_of(available, unit),
        vms=vms,
    )


def _names(instance: Instance, vms: Iterable[int]) -> tuple[str, ...]:
    return tuple(instance.cluster.vms[vm].name for vm in vms)
