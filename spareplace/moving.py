"""What it takes to get from one placement to another: the bytes moved, defined once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.holding import Span, holdings, merged, missing_from
from spareplace.placement import Extent, Placement, Plan

Held: TypeAlias = Mapping[str, Mapping[str, Sequence[Span]]]
"""By diff and server, the ranges that the server holds."""

MOST_ORDERS = 5
"""Up to as many pieces of a diff are tried in every order."""


def moved_bytes(cluster: Cluster, before: Placement | Plan, after: Placement | Plan) -> int:
    """Count the bytes that servers store after a change and did not hold before it.

    Parameters
    ----------
    cluster
        What `after` is for.
    before
        What is stored now; it may be of an earlier state of the cluster. What lies on servers
        that are gone, or is of diffs that are, does not count as held.
    after
        What is to be stored.

    Returns
    -------
    int
        Bytes. Deleting costs nothing, nor does what a resident diff holds.

    Examples
    --------
    >>> from spareplace.parts import Diff, Server
    >>> pair = Cluster(
    ...     servers=(Server(name="a", disk=90), Server(name="b", disk=90)),
    ...     diffs=(Diff(name="base", size=40),),
    ... )
    >>> half = Placement(stored=(Extent(diff="base", server="b", start=0, stop=20),))
    >>> whole = Placement(stored=(Extent(diff="base", server="b", start=0, stop=40),))
    >>> moved_bytes(pair, half, whole), moved_bytes(pair, whole, half)
    (20, 0)
    """
    return added_bytes(holdings(cluster, still_held(cluster, before.stored)), after.stored)


def added_bytes(held: Held, stored: Iterable[Extent]) -> int:
    """Count the bytes of extents that lie outside of what their servers hold."""
    return sum(
        _lacking(held.get(extent.diff, {}).get(extent.server, ()), extent)
        for extent in merged(stored)
    )


def still_held(cluster: Cluster, stored: Iterable[Extent]) -> tuple[Extent, ...]:
    """Give the extents that still mean something: on servers, and of diffs, that are there.

    An extent that reaches beyond its diff was made of another one of that name.
    """
    size = {diff.name: diff.size for diff in cluster.diffs}
    servers = {server.name for server in cluster.servers}
    return merged(
        extent
        for extent in stored
        if extent.server in servers and 0 <= extent.start < extent.stop <= size.get(extent.diff, -1)
    )


def relaid(cluster: Cluster, placement: Placement, before: Placement) -> Placement:
    """Let the pieces of each diff lie in the order in which the least has to be moved.

    Which bytes a piece has is nobody's choice but for this.
    """
    held = holdings(cluster, before.stored)
    by_diff: dict[str, list[Extent]] = {}
    for extent in placement.stored:
        by_diff.setdefault(extent.diff, []).append(extent)
    stored: list[Extent] = []
    for diff in cluster.diffs:
        extents = by_diff.get(diff.name, [])
        edges = {edge for extent in extents for edge in (extent.start, extent.stop)}
        cuts = list(pairwise(sorted(edges | {0, diff.size})))
        if 1 < len(cuts) <= MOST_ORDERS and diff.name in held:
            pieces = [(stop - start, _holders(extents, (start, stop))) for start, stop in cuts]
            orders = (_laid(diff.name, order) for order in permutations(pieces))
            there = held[diff.name]
            extents = min(
                orders, key=lambda laid: sum(_lacking(there.get(it.server, ()), it) for it in laid)
            )
        stored += extents
    return replace(placement, stored=merged(stored))


def _lacking(held: Iterable[Span], extent: Extent) -> int:
    """Count the bytes of an extent that lie outside of what its server holds."""
    inside = (
        (max(start, extent.start) - extent.start, min(stop, extent.stop) - extent.start)
        for start, stop in held
        if start < extent.stop and extent.start < stop
    )
    return sum(stop - start for start, stop in missing_from(extent.size, inside))


def _holders(extents: Iterable[Extent], piece: Span) -> tuple[str, ...]:
    start, stop = piece
    return tuple(it.server for it in extents if it.start <= start and stop <= it.stop)


def _laid(diff: str, pieces: Sequence[tuple[int, tuple[str, ...]]]) -> list[Extent]:
    extents, start = [], 0
    for size, holders in pieces:
        extents += [
            Extent(diff=diff, server=server, start=start, stop=start + size) for server in holders
        ]
        start += size
    return extents
