"""What of a running placement still keeps every rule: where a change begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import DISK
from spareplace.cluster import Cluster
from spareplace.heuristics.targets import room_beside
from spareplace.holding import holdings, missing_from
from spareplace.instance import Instance
from spareplace.placement import Extent, Placement, Rebuild, Unprotected, least_piece

NOT_YET = "it is not protected by what is stored now"


def continued(
    instance: Instance, placement: Placement, max_pieces: int, stored_limit: int | None
) -> Placement:
    """Give the extents and rebuilds of a placement that keep every rule today.

    Parameters
    ----------
    instance
        The cluster as it is now.
    placement
        Its extents are of diffs and on servers of this cluster.
    max_pieces
        Into how many pieces a diff may be cut.
    stored_limit
        The most bytes to store in all, or ``None``.

    Returns
    -------
    Placement
        VMs whose target no longer works, or that have none, go where least has to be
        transferred; those that it does not protect at all are listed as unprotected.
    """
    cluster = instance.cluster
    at_server = {server.name: at for at, server in enumerate(cluster.servers)}
    stored = _fitting(instance, _allowed(instance, placement, max_pieces), at_server, stored_limit)
    lost_data = _lost(instance, stored, at_server)
    bytes_on = np.zeros(len(cluster.servers), dtype=np.int64)
    for extent in stored:
        bytes_on[at_server[extent.server]] += extent.size
    left = room_beside(instance, bytes_on)
    held = _held(instance, stored, at_server)
    rebuilds: dict[str, tuple[Rebuild, ...]] = {}
    unprotected: list[Unprotected] = []
    for number, failure in enumerate(cluster.failures):
        planned = {
            it.vm: at_server[it.server]
            for it in placement.rebuilds.get(failure.name, ())
            if it.server in at_server
        }
        targets = _targets(instance, number, planned, left.copy(), lost_data, held)
        good = [
            Rebuild(vm=cluster.vms[vm].name, server=cluster.servers[targets[vm]].name)
            for vm in instance.lost[number]
            if vm in targets
        ]
        rebuilds[failure.name] = tuple(good)
        rebuilt = {it.vm for it in good}
        for vm in instance.lost[number]:
            name = cluster.vms[vm].name
            if name not in rebuilt:
                unprotected.append(Unprotected(vm=name, failure=failure.name, reason=NOT_YET))
    return Placement(stored=stored, rebuilds=rebuilds, unprotected=tuple(unprotected))


def _allowed(instance: Instance, placement: Placement, max_pieces: int) -> list[Extent]:
    """Leave out what lies beside a resident copy or on a closed server, and bad cuts."""
    cluster = instance.cluster
    closed = {server.name for server in cluster.servers if not server.accept_extents}
    resident = {(diff, server.name) for server in cluster.servers for diff in server.resident}
    allowed = [
        extent
        for extent in placement.stored
        if extent.server not in closed and (extent.diff, extent.server) not in resident
    ]
    return list(well_cut(cluster, allowed, max_pieces))


def well_cut(cluster: Cluster, stored: Iterable[Extent], max_pieces: int) -> tuple[Extent, ...]:
    """Leave out the parts of diffs that are cut into more pieces than may be, or too small ones.

    Whole copies stay. The same bytes may be stored again in another cut.
    """
    by_diff: dict[str, list[Extent]] = defaultdict(list)
    for extent in stored:
        by_diff[extent.diff].append(extent)
    kept: list[Extent] = []
    for diff in cluster.diffs:
        extents = by_diff.get(diff.name, [])
        edges = {edge for extent in extents for edge in (extent.start, extent.stop)}
        pieces = list(pairwise(sorted(edges | {0, diff.size})))
        least = least_piece(diff.size)
        if len(pieces) > max_pieces or any(stop - start < least for start, stop in pieces):
            extents = [extent for extent in extents if extent.size == diff.size]
        kept += extents
    return tuple(sorted(kept))


def _fitting(
    instance: Instance, extents: list[Extent], at_server: Mapping[str, int], limit: int | None
) -> tuple[Extent, ...]:
    """Leave out the smallest of what is too much for the disk of a server, or for the limit."""
    free = instance.free[:, DISK].copy()
    total, kept = 0, []
    for extent in sorted(extents, key=lambda it: (-it.size, it)):
        server = at_server[extent.server]
        if extent.size <= free[server] and (limit is None or total + extent.size <= limit):
            free[server] -= extent.size
            total += extent.size
            kept.append(extent)
    return tuple(sorted(kept))


def _lost(
    instance: Instance, stored: Iterable[Extent], at_server: Mapping[str, int]
) -> set[tuple[int, int]]:
    """Give the (failure, diff) pairs of which some byte that is asked for does not survive."""
    held = holdings(instance.cluster, stored)
    lost: set[tuple[int, int]] = set()
    for diff, failures in enumerate(instance.asked):
        part = instance.cluster.diffs[diff]
        spans = {at_server[name]: there for name, there in held.get(part.name, {}).items()}
        for failure in failures:
            up = sorted(
                span
                for server, there in spans.items()
                if not instance.down[failure, server]
                for span in there
            )
            if missing_from(part.size, up):
                lost.add((failure, diff))
    return lost


def _held(
    instance: Instance, stored: Iterable[Extent], at_server: Mapping[str, int]
) -> list[dict[int, int]]:
    """Give the bytes of each diff on the servers that hold any, stored or resident."""
    at_diff = {diff.name: at for at, diff in enumerate(instance.cluster.diffs)}
    held: list[dict[int, int]] = [
        dict.fromkeys(np.flatnonzero(row).tolist(), size)
        for row, size in zip(instance.resident, instance.size, strict=True)
    ]
    for extent in stored:
        on = held[at_diff[extent.diff]]
        on[at_server[extent.server]] = on.get(at_server[extent.server], 0) + extent.size
    return held


def _targets(
    instance: Instance,
    failure: int,
    planned: Mapping[str, int],
    left: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    lost_data: set[tuple[int, int]],
    held: Sequence[Mapping[int, int]],
) -> dict[int, int]:
    """Keep the planned targets that work, those of high priority first; then find others."""
    vms = instance.cluster.vms
    targets: dict[int, int] = {}
    taken: dict[int, list[int]] = defaultdict(list)

    def room(vm: int) -> Flags:
        free: Flags = instance.allowed[vm] & ~instance.down[failure]
        free &= (instance.demand[vm] <= left).all(axis=1).astype(bool)
        for group in instance.groups[vm]:
            free[taken[group]] = False
        return free

    def put(vm: int, server: int) -> None:
        targets[vm] = server
        left[server] -= instance.demand[vm]
        for group in instance.groups[vm]:
            taken[group].append(server)

    whole = [
        vm
        for vm in sorted(instance.lost[failure], key=lambda vm: -vms[vm].priority)
        if not any((failure, diff) in lost_data for diff in instance.chain[vm])
    ]
    for vm in whole:
        server = planned.get(vms[vm].name)
        if server is not None and room(vm)[server]:
            put(vm, server)
    for vm in whole:
        servers = np.flatnonzero(room(vm)) if vm not in targets else np.array([], dtype=int)
        if servers.size:
            missing = _missing(instance, vm, held)[servers]
            put(vm, int(servers[missing.argmin()]))
    return targets


def _missing(
    instance: Instance, vm: int, held: Sequence[Mapping[int, int]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Count the bytes of a VM's chain that each server lacks."""
    missing = np.zeros(len(instance.keeps))
    for diff in instance.chain[vm]:
        missing += instance.size[diff]
        for server, bytes_ in held[diff].items():
            missing[server] -= bytes_
    return missing


def marked(instance: Instance, held: Iterable[Extent]) -> Instance:
    """Note in an instance which diffs the servers hold whole today, so that moves are counted."""
    at_server = {server.name: at for at, server in enumerate(instance.cluster.servers)}
    at_diff = {diff.name: at for at, diff in enumerate(instance.cluster.diffs)}
    current = np.zeros_like(instance.resident)
    for extent in held:
        if extent.size == instance.size[at_diff[extent.diff]]:
            current[at_diff[extent.diff], at_server[extent.server]] = True
    return replace(instance, current=current)
