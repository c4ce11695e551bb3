"""Who sends what: the missing ranges of each VM in turn, from the holders that are free soonest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spareplace.holding import Span, missing_from
from spareplace.lifecycle.recovering.ordering import Want
from spareplace.lifecycle.recovering.standing import Standing
from spareplace.placement import LEAST_PIECE

MOST_SOURCES = 8
"""One range is fetched from no more servers than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A range of a diff that one server sends to another; servers are indices."""

    row: int
    source: int
    target: int
    start: int
    stop: int


def flows_of(standing: Standing, wants: Iterable[Want]) -> list[Flow]:
    """Give every flow, in the order of the VMs that they are for; each range comes once."""
    sent: dict[int, int] = defaultdict(int)
    told: set[tuple[int, int]] = set()
    flows: list[Flow] = []
    for want in wants:
        for row in want.rows:
            if (want.server, row) not in told:
                told.add((want.server, row))
                flows += _fetched(standing, row, want.server, sent)
    return flows


def _fetched(standing: Standing, row: int, target: int, sent: dict[int, int]) -> Iterator[Flow]:
    servers = standing.cluster.servers
    held = standing.held[row]
    senders = [at for at in sorted(held) if servers[at].net_out != 0 and at != target]
    size = standing.instance.size[standing.diffs[row]]
    edges = {edge for at in senders for span in held[at] for edge in span}
    for start, stop in missing_from(size, held.get(target, ())):
        for part in _cut(start, stop, edges):
            holders = [at for at in senders if _holds(held[at], part)]
            reached = part[0]
            for source, share in _shares(standing, part[1] - part[0], holders, sent):
                sent[source] += share
                yield Flow(
                    row=row, source=source, target=target, start=reached, stop=reached + share
                )
                reached += share


def _cut(start: int, stop: int, edges: Iterable[int]) -> Iterator[Span]:
    return pairwise(sorted({start, stop} | {edge for edge in edges if start < edge < stop}))


def _holds(spans: Sequence[Span], part: Span) -> bool:
    return any(first <= part[0] and part[1] <= last for first, last in spans)


def _shares(
    standing: Standing, size: int, holders: Sequence[int], sent: dict[int, int]
) -> list[tuple[int, int]]:
    """Split bytes among holders such that all would have sent theirs at the same second.

    Those without a limit send all of it, if there are any. A share below 1 MiB is not worth a
    connection: then fewer send.
    """
    servers = standing.cluster.servers
    free = [at for at in holders if servers[at].net_out is None]
    rate = {at: servers[at].net_out or 1 for at in free or holders}
    order = sorted(rate, key=lambda at: (sent[at] / rate[at], -rate[at], at))[:MOST_SOURCES]
    for count in range(len(order), 0, -1):
        chosen = order[:count]
        together = sum(rate[at] for at in chosen)
        level = size + sum(sent[at] for at in chosen)
        shares = [level * rate[at] // together - sent[at] for at in chosen]
        shares[0] += size - sum(shares)
        if count == 1 or min(shares) >= LEAST_PIECE:
            return list(zip(chosen, shares, strict=True))
    return []
