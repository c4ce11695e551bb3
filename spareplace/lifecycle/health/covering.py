"""How many surviving servers hold each byte of a diff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.holding import holdings
from spareplace.placement import Extent

Servers: TypeAlias = int
"""A set of servers: bit s stands for server s of the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """Who holds what, whatever fails.

    Parameters
    ----------
    holders
        By diff, the bytes of each set of servers that hold the same ones; the empty set stands
        for bytes that nobody holds. A diff of no bytes has no sets.
    """

    holders: tuple[Mapping[Servers, int], ...]

    @staticmethod
    def of(cluster: Cluster, stored: Iterable[Extent]) -> Cover:
        """Look up who holds each byte, stored or resident; extents lie within their diffs."""
        bit = {server.name: 1 << position for position, server in enumerate(cluster.servers)}
        held = holdings(cluster, stored)
        return Cover(
            holders=tuple(
                _sets(
                    diff.size,
                    [
                        (start, stop, bit[server])
                        for server, spans in held.get(diff.name, {}).items()
                        for start, stop in spans
                    ],
                )
                for diff in cluster.diffs
            )
        )

    def lost(self, diff: int, gone: Servers) -> int:
        """Count the bytes that are lost with some servers."""
        return sum(size for servers, size in self.holders[diff].items() if not servers & ~gone)

    def least(self, diff: int, gone: Servers) -> int:
        """Count the surviving servers that hold the byte which fewest hold.

        Examples
        --------
        >>> Cover(holders=({0b011: 20, 0b110: 20},)).least(0, gone=0b100)
        1
        """
        return min((servers & ~gone).bit_count() for servers in self.holders[diff])

    def held(self, diff: int, server: int) -> int:
        """Count the bytes that a server holds."""
        return sum(size for servers, size in self.holders[diff].items() if servers >> server & 1)


def _sets(size: int, spans: Iterable[tuple[int, int, Servers]]) -> Mapping[Servers, int]:
    """Sweep over a diff; a server whose spans are disjoint enters and leaves by turns."""
    turns: dict[int, Servers] = defaultdict(int)
    for start, stop, bit in spans:
        if start < stop:
            turns[start] ^= bit
            turns[stop] ^= bit
    turns[0] ^= 0
    turns[size] ^= 0
    sets: dict[Servers, int] = defaultdict(int)
    here: Servers = 0
    for start, stop in pairwise(sorted(turns)):
        here ^= turns[start]
        sets[here] += stop - start
    return dict(sets)
