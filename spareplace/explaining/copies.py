"""What each copy of a duplicated diff costs in disk, and what it saves in transfer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.holding import Span, holdings, missing_from
from spareplace.placement import Plan
from spareplace.recovery import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyWorth:
    """What a diff that several servers hold is worth on one of them.

    Parameters
    ----------
    diff, server
        Which copy.
    stored_bytes
        What it takes of the server's disk: all of the diff, or the part that is kept there.
    duplicate_bytes
        How many of these bytes another server holds, too.
    saves_bytes
        By how much the expected transfer would be higher without it, all rebuilds as planned.
        Other targets could make up for some of it, so it is the most that the copy saves.
    needed_in
        The failures in which bytes of the diff would survive nowhere without it: there the copy
        is what protects VMs, whatever it saves.
    """

    diff: str
    server: str
    stored_bytes: int
    duplicate_bytes: int
    saves_bytes: float
    needed_in: tuple[str, ...] = ()


def copy_worths(cluster: Cluster, plan: Plan) -> tuple[CopyWorth, ...]:
    """Value every stored copy of a diff that more than one server holds, the best first.

    Without a copy the server lacks its bytes in every failure in which a VM that needs the diff
    is rebuilt there; in all others nothing changes. So no objective is computed anew, and the
    sum is exact; it is tested against the objective of the plan without the copy.
    """
    needs = Needs.of(cluster)
    held = holdings(cluster, plan.stored)
    resident = {(diff, server.name) for server in cluster.servers for diff in server.resident}
    stored: dict[tuple[str, str], int] = defaultdict(int)
    for extent in plan.stored:
        stored[extent.diff, extent.server] += extent.size
    weights = dict(zip((it.name for it in cluster.failures), needs.weights, strict=True))
    used: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    asking: dict[str, list[str]] = defaultdict(list)
    for recovery in plan.recoveries:
        rebuilt = {(diff, it.server) for it in recovery.rebuilds for diff in needs.chains[it.vm]}
        for place in rebuilt:
            used[place] += weights[recovery.failure]
        for diff in {diff for diff, _ in rebuilt}:
            asking[diff].append(recovery.failure)
    gone = {failure.name: frozenset(failure.servers) for failure in cluster.failures}
    size = {diff.name: diff.size for diff in cluster.diffs}
    found = []
    for (diff, server), count in stored.items():
        if len(held[diff]) < 2:
            continue
        useless = (diff, server) in resident
        lost = (
            failure
            for failure in asking[diff]
            if server not in gone[failure]
            and not useless
            and _lost(held[diff], size[diff], {*gone[failure], server})
        )
        found.append(
            CopyWorth(
                diff=diff,
                server=server,
                stored_bytes=count,
                duplicate_bytes=count
                - _lost(held[diff], size[diff], {server})
                + _lost(held[diff], size[diff], ()),
                saves_bytes=0.0 if useless else float(used[diff, server] * count),
                needed_in=tuple(lost),
            )
        )
    return tuple(sorted(found, key=lambda it: (-it.saves_bytes, -it.stored_bytes)))


def _lost(held: Mapping[str, Sequence[Span]], size: int, without: Collection[str]) -> int:
    """Count the bytes of a diff that are on none of the other servers."""
    gaps = missing_from(size, sorted(_spans(held, without)))
    return sum(stop - start for start, stop in gaps)


def _spans(held: Mapping[str, Sequence[Span]], without: Collection[str]) -> Iterator[Span]:
    for server, spans in held.items():
        if server not in without:
            yield from spans
