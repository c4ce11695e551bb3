"""The bytes of diffs while they are moved: ranges, each on the same servers from end to end."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, pairwise

from spareplace.holding import Span, missing_from
from spareplace.placement import Extent, least_piece

MOST_PARTS = 64
"""Into about as many parts a diff is cut at most, for lack of room: more steps help nobody."""


class Range:
    """Bytes of one diff that are on the same servers, and have to get to the same servers.

    Parameters
    ----------
    diff
        The diff.
    start, stop
        The bytes from `start` up to `stop`.
    least
        No part that is moved on its own is smaller, in bytes.
    place
        What ranges are sorted by: the number of the diff. With `start` it is unique.
    holders
        The numbers of the servers that store them now.
    goal
        The numbers of the servers that have to store them in the end.
    evicted
        Whether they were moved out of the way once; they are not a second time.
    """

    __slots__ = ("diff", "evicted", "goal", "holders", "least", "place", "start", "stop")

    def __init__(self, diff: str, span: Span, least: int, place: int) -> None:
        self.diff = diff
        self.start, self.stop = span
        self.least = least
        self.place = place
        self.holders: set[int] = set()
        self.goal: frozenset[int] = frozenset()
        self.evicted = False

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.stop - self.start

    @property
    def order(self) -> tuple[int, int]:
        """What ranges are sorted by."""
        return self.place, self.start

    def part(self, most: int) -> int | None:
        """Give how many of its first bytes to move at once: at most some, and no crumbs.

        What is left must be no crumb, either. ``None`` if there is no such part.
        """
        if self.size <= most:
            return self.size
        size = min(most, self.size - self.least)
        return size if size >= self.least else None

    def cut(self, size: int) -> Range:
        """Take the bytes behind the first ones away, as a range of their own."""
        rest = Range(self.diff, (self.start + size, self.stop), self.least, self.place)
        rest.holders = set(self.holders)
        rest.goal = self.goal
        rest.evicted = self.evicted
        self.stop = self.start + size
        return rest


def ranges_of(
    sizes: Mapping[str, int],
    servers: Mapping[str, int],
    before: Iterable[Extent],
    after: Iterable[Extent],
) -> Iterator[Range]:
    """Cut what is stored, and what is to be stored, at every bound of an extent.

    Parameters
    ----------
    sizes
        The bytes of each diff, by name; their order is that of the ranges.
    servers
        The number of each server, by name.
    before, after
        Extents within known diffs on known servers.
    """
    now, then = _by_diff(before), _by_diff(after)
    for place, (diff, size) in enumerate(sizes.items()):
        held, wished = now.get(diff, []), then.get(diff, [])
        edges = sorted({edge for one in chain(held, wished) for edge in (one.start, one.stop)})
        least = max(least_piece(size), size // MOST_PARTS)
        cuts = [Range(diff, span, least, place) for span in pairwise(edges)]
        for extent in held:
            for here in _within(cuts, edges, extent):
                here.holders.add(servers[extent.server])
        for extent in wished:
            for here in _within(cuts, edges, extent):
                here.goal |= {servers[extent.server]}
        yield from (here for here in cuts if here.holders or here.goal)


def _within(cuts: list[Range], edges: list[int], extent: Extent) -> list[Range]:
    return cuts[bisect_left(edges, extent.start) : bisect_left(edges, extent.stop)]


def _by_diff(extents: Iterable[Extent]) -> dict[str, list[Extent]]:
    found: dict[str, list[Extent]] = defaultdict(list)
    for extent in extents:
        found[extent.diff].append(extent)
    return found


def outside(extent: Extent, kept: Iterable[Span]) -> Iterator[Span]:
    """Give what sorted, disjoint ranges leave out of an extent.

    Examples
    --------
    >>> list(outside(Extent(diff="d", server="s", start=2, stop=9), [(0, 4), (6, 8)]))
    [(4, 6), (8, 9)]
    """
    inside = ((start, min(stop, extent.stop)) for start, stop in kept if start < extent.stop)
    for start, stop in missing_from(extent.stop, inside):
        if max(start, extent.start) < stop:
            yield max(start, extent.start), stop
