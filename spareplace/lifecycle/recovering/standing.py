"""What stands after servers failed: who holds which bytes, and what each survivor has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import DISK, Amounts
from spareplace.cluster import Cluster
from spareplace.holding import Span, holdings, missing_from
from spareplace.instance import Instance, number
from spareplace.parts import Failure
from spareplace.placement import Extent, Placement

_SAFE = 2**62
"""Sums of bytes up to this are counted in int64, others with Python's integers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """A cluster after one set of servers failed, in numbers.

    Parameters
    ----------
    instance
        The cluster with this one failure. Whether a VM may go to a server is told by `may`.
    lost
        The protected VMs of the failed servers, as indices of the cluster.
    up
        Whether a server survives, shape (servers,).
    diffs
        Those that lost VMs need, as indices of the cluster; a row is a position among them.
    chain
        For each lost VM, the rows that it needs.
    held
        For each row, by server, the ranges that survivors hold.
    missing
        Bytes that each server lacks, shape (rows, servers).
    left
        What running VMs and extents leave on each server, below 0 where they take too much, shape
        (servers, resources).
    may
        Whether a lost VM may be rebuilt on a server as far as rules 4 and 5 and the reach of its
        data go, shape (lost VMs, servers).
    """

    instance: Instance
    lost: tuple[int, ...]
    up: Flags
    diffs: tuple[int, ...]
    chain: tuple[tuple[int, ...], ...]
    held: tuple[Mapping[int, list[Span]], ...]
    missing: Amounts
    left: Amounts
    may: Flags

    @property
    def cluster(self) -> Cluster:
        """What the indices refer to."""
        return self.instance.cluster


def stand(cluster: Cluster, placement: Placement, failed: Iterable[str]) -> Standing:
    """Lay out what is left of a cluster; extents of what it does not have are left out."""
    alone = Failure(name="failed", servers=tuple(failed), weight=1.0)
    instance = number(replace(cluster, failures=(alone,)))
    up = ~instance.down[0]
    stored = known_extents(cluster, placement.stored)
    lost = instance.lost[0]
    diffs = tuple(dict.fromkeys(diff for vm in lost for diff in instance.chain[vm]))
    row = {diff: position for position, diff in enumerate(diffs)}
    chain = tuple(tuple(row[diff] for diff in instance.chain[vm]) for vm in lost)
    at = {server.name: position for position, server in enumerate(cluster.servers)}
    held = _held(instance, diffs, stored)
    left = instance.left.copy()
    for extent in stored:
        left[at[extent.server], DISK] -= extent.size
    reached = _reached(cluster, [instance.size[diff] for diff in diffs], held)
    may = instance.allowed[list(lost)] & up
    for position, rows in enumerate(chain):
        may[position] &= reached[list(rows)].all(axis=0)
    return Standing(
        instance=instance,
        lost=lost,
        up=up,
        diffs=diffs,
        chain=chain,
        held=held,
        missing=_missing(instance, diffs, held),
        left=left,
        may=may,
    )


def known_extents(cluster: Cluster, stored: Iterable[Extent]) -> tuple[Extent, ...]:
    """Give the extents of diffs and servers that the cluster has, cut to what a diff has.

    What is stored may be older than the cluster.
    """
    size = {diff.name: diff.size for diff in cluster.diffs}
    servers = {server.name for server in cluster.servers}
    found: list[Extent] = []
    for extent in stored:
        if extent.server not in servers or extent.diff not in size:
            continue
        start, stop = max(extent.start, 0), min(extent.stop, size[extent.diff])
        if (start, stop) == (extent.start, extent.stop) and start < stop:
            found.append(extent)
        elif start < stop:
            found.append(replace(extent, start=start, stop=stop))
    return tuple(found)


def union(ranges: Iterable[Span]) -> list[Span]:
    """Join ranges that touch or overlap.

    Examples
    --------
    >>> union([(5, 9), (0, 3), (2, 4)])
    [(0, 4), (5, 9)]
    """
    joined: list[Span] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def lacking(size: int, held: Mapping[int, list[Span]], servers: Iterable[int]) -> list[Span]:
    """Give the ranges of a diff that none of some servers holds."""
    return missing_from(size, union(span for at in servers for span in held.get(at, ())))


def _held(
    instance: Instance, diffs: Iterable[int], stored: Iterable[Extent]
) -> tuple[Mapping[int, list[Span]], ...]:
    """Give, for each row, the ranges that each survivor holds."""
    cluster = instance.cluster
    at = {
        server.name: position
        for position, server in enumerate(cluster.servers)
        if not instance.down[0, position]
    }
    named = holdings(cluster, stored)
    return tuple(
        {
            at[server]: spans
            for server, spans in named.get(cluster.diffs[diff].name, {}).items()
            if server in at
        }
        for diff in diffs
    )


def _missing(
    instance: Instance, diffs: tuple[int, ...], held: tuple[Mapping[int, list[Span]], ...]
) -> Amounts:
    size = [instance.size[diff] for diff in diffs]
    kind = np.int64 if sum(size) < _SAFE else object
    missing = np.array([size], dtype=kind).T.repeat(len(instance.keeps), axis=1)
    for row, servers in enumerate(held):
        for server, spans in servers.items():
            missing[row, server] -= sum(stop - start for start, stop in spans)
    return missing


def _reached(
    cluster: Cluster, size: list[int], held: tuple[Mapping[int, list[Span]], ...]
) -> Flags:
    """Tell where all of a diff is or can be brought, shape (rows, servers)."""
    receives = np.array([server.net_in != 0 for server in cluster.servers], dtype=bool)
    reached = np.zeros((len(size), len(receives)), dtype=bool)
    for row, servers in enumerate(held):
        senders = [at for at in servers if cluster.servers[at].net_out != 0]
        rest = lacking(size[row], servers, senders)
        reached[row] = receives & (not rest)
        for at, spans in servers.items():
            gaps = missing_from(size[row], spans)
            brought = bool(receives[at]) and not lacking(size[row], servers, [*senders, at])
            reached[row, at] = not gaps or brought
    return reached
