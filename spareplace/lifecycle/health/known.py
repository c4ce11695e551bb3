"""What of a placement still means something in a cluster that has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spareplace.instance import Instance
from spareplace.lifecycle.health.protection import Strays
from spareplace.placement import Extent, Placement

UNKNOWN = -1
"""Stands for a planned server that is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """The part of a placement that is about the cluster.

    Parameters
    ----------
    stored
        Extents of its diffs on its servers, cut to the sizes of the diffs.
    planned
        For each failure, the planned server of the VMs that it loses, or `UNKNOWN`.
    given_up
        For each failure, the VMs that the placement leaves out.
    strays
        How much is left out.
    """

    stored: tuple[Extent, ...]
    planned: tuple[Mapping[int, int], ...]
    given_up: tuple[frozenset[int], ...]
    strays: Strays


def known_part(instance: Instance, placement: Placement) -> Known:
    """Keep what is about parts that the cluster has."""
    cluster = instance.cluster
    vms = {vm.name: position for position, vm in enumerate(cluster.vms)}
    servers = {server.name: position for position, server in enumerate(cluster.servers)}
    failures = {failure.name: position for position, failure in enumerate(cluster.failures)}
    stored, extents, extent_bytes = _known_extents(instance, placement, servers)
    planned: list[dict[int, int]] = [{} for _ in failures]
    rebuilds = 0
    for name, listed in placement.rebuilds.items():
        failure = failures.get(name)
        lost = frozenset() if failure is None else frozenset(instance.lost[failure])
        for rebuild in listed:
            vm = vms.get(rebuild.vm)
            if failure is None or vm is None or vm not in lost:
                rebuilds += 1
            else:
                planned[failure].setdefault(vm, servers.get(rebuild.server, UNKNOWN))
    given_up: list[set[int]] = [set() for _ in failures]
    for pair in placement.unprotected:
        failure, vm = failures.get(pair.failure), vms.get(pair.vm)
        if failure is not None and vm is not None:
            given_up[failure].add(vm)
    return Known(
        stored=tuple(stored),
        planned=tuple(planned),
        given_up=tuple(map(frozenset, given_up)),
        strays=Strays(extents=extents, extent_bytes=extent_bytes, rebuilds=rebuilds),
    )


def _known_extents(
    instance: Instance, placement: Placement, servers: Mapping[str, int]
) -> tuple[Sequence[Extent], int, int]:
    """Give the extents that count, how many do not or not wholly, and the bytes that do not."""
    size = {diff.name: diff.size for diff in instance.cluster.diffs}
    kept: list[Extent] = []
    strays = stray_bytes = 0
    for extent in placement.stored:
        start, stop = max(extent.start, 0), min(extent.stop, size.get(extent.diff, 0))
        if extent.server not in servers:
            stop = start
        if (start, stop) == (extent.start, extent.stop) and start < stop:
            kept.append(extent)
            continue
        strays += 1
        stray_bytes += max(extent.size, 0) - max(stop - start, 0)
        if start < stop:
            kept.append(replace(extent, start=start, stop=stop))
    return kept, strays, stray_bytes
