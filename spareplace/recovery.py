"""What a placement costs when servers fail: the transfers, and the objective, defined once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from spareplace.cluster import Cluster, chain_of
from spareplace.holding import Span, holdings, missing_from
from spareplace.parts import Failure
from spareplace.placement import LEAST_PIECE, Placement, Rebuild, Recovery, Transfer
from spareplace.units import exact_weight


def recoveries(cluster: Cluster, placement: Placement) -> tuple[Recovery, ...]:
    """Work out what every failure asks for, in the cluster's order.

    Parameters
    ----------
    cluster
        What the placement is for.
    placement
        It must keep the rule of survival: what is missing somewhere survives elsewhere.
    """
    needs = Needs.of(cluster)
    held = holdings(cluster, placement.stored)
    gaps = needs.gaps(held)
    return tuple(
        _recovery(failure, placement.rebuilds.get(failure.name, ()), needs, held, gaps)
        for failure in cluster.failures
    )


def expected_transfer(recovered: Iterable[Recovery]) -> Fraction:
    """Give the objective, in bytes: the sum over failures of weight x transfer.

    It is exact, so it does not depend on the order of the failures.
    """
    return sum(
        (exact_weight(recovery.weight) * recovery.transfer_bytes for recovery in recovered),
        start=Fraction(0),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Needs:
    """What rebuilds need, whatever the placement: made once to value many placements.

    Parameters
    ----------
    cluster
        What the placements are for.
    chains
        By VM, the diffs that it needs, the master first.
    nothing
        By diff, what a server lacks that holds none of it.
    weights
        Of each failure, exact.
    """

    cluster: Cluster
    chains: Mapping[str, tuple[str, ...]]
    nothing: Mapping[str, Sequence[Span]]
    weights: tuple[Fraction, ...]

    @staticmethod
    def of(cluster: Cluster) -> Needs:
        """Look up the chains, sizes and weights of a cluster."""
        diffs = {diff.name: diff for diff in cluster.diffs}
        return Needs(
            cluster=cluster,
            chains={vm.name: chain_of(vm.diff, diffs) for vm in cluster.vms},
            nothing={diff.name: missing_from(diff.size, ()) for diff in cluster.diffs},
            weights=tuple(exact_weight(failure.weight or 0.0) for failure in cluster.failures),
        )

    def expected(self, placement: Placement) -> Fraction:
        """Give the objective of a placement, in bytes, without working out who sends what.

        Examples
        --------
        >>> from spareplace.parts import VM, Diff, Server
        >>> from spareplace.placement import Extent
        >>> cluster = Cluster(
        ...     servers=(Server(name="a", disk=90), Server(name="b", disk=90)),
        ...     diffs=(Diff(name="base", size=40),),
        ...     vms=(VM(name="web", server="a", diff="base"),),
        ... )
        >>> half = Placement(stored=(Extent(diff="base", server="b", start=0, stop=20),),
        ...                  rebuilds={"a": (Rebuild(vm="web", server="b"),)})
        >>> Needs.of(cluster).expected(half)
        Fraction(10, 1)
        """
        gaps = self.gaps(holdings(self.cluster, placement.stored))
        total = Fraction(0)
        for failure, weight in zip(self.cluster.failures, self.weights, strict=True):
            rebuilds = placement.rebuilds.get(failure.name, ())
            if weight and rebuilds:
                missing = sum(_length(lacks) for *_, lacks in self.lacking(rebuilds, gaps))
                total += weight * missing
        return total

    def gaps(self, held: Mapping[str, Mapping[str, Iterable[Span]]]) -> _Gaps:
        """Give what each server that holds any of a diff lacks of it."""
        size = {diff.name: diff.size for diff in self.cluster.diffs}
        return {
            diff: {server: missing_from(size[diff], spans) for server, spans in servers.items()}
            for diff, servers in held.items()
        }

    def lacking(
        self, rebuilds: Iterable[Rebuild], gaps: _Gaps
    ) -> Iterator[tuple[str, str, Sequence[Span]]]:
        """Give the ranges to be transferred in one failure: the target, the diff, what it lacks.

        This is the definition: a diff that several VMs need on one server counts once.
        """
        told: set[tuple[str, str]] = set()
        nobody: Mapping[str, Sequence[Span]] = {}
        for rebuild in rebuilds:
            target = rebuild.server
            for diff in self.chains[rebuild.vm]:
                lacks = gaps.get(diff, nobody).get(target, self.nothing[diff])
                if lacks and (target, diff) not in told:
                    told.add((target, diff))
                    yield target, diff, lacks


_Gaps: TypeAlias = Mapping[str, Mapping[str, Sequence[Span]]]
"""By diff, for the servers that hold any of it, the ranges that they lack."""


def _length(spans: Iterable[Span]) -> int:
    return sum(stop - start for start, stop in spans)


def _recovery(
    failure: Failure,
    rebuilds: tuple[Rebuild, ...],
    needs: Needs,
    held: Mapping[str, Mapping[str, list[Span]]],
    gaps: _Gaps,
) -> Recovery:
    gone = set(failure.servers)
    sent: dict[str, int] = defaultdict(int)
    transfers: list[Transfer] = []
    missing = 0
    for target, diff, lacks in needs.lacking(rebuilds, gaps):
        missing += _length(lacks)
        survivors = {
            server: spans for server, spans in held.get(diff, {}).items() if server not in gone
        }
        for gap in lacks:
            transfers += _spread(diff, target, gap, survivors, sent)
    return Recovery(
        failure=failure.name,
        weight=failure.weight or 0.0,
        transfer_bytes=missing,
        rebuilds=rebuilds,
        transfers=tuple(transfers),
    )


def _spread(
    diff: str,
    target: str,
    gap: Span,
    survivors: Mapping[str, list[Span]],
    sent: dict[str, int],
) -> list[Transfer]:
    """Fetch one missing range from all its holders, such that what each has sent evens out."""
    edges = {edge for spans in survivors.values() for span in spans for edge in span}
    cuts = sorted({gap[0], gap[1]} | {edge for edge in edges if gap[0] < edge < gap[1]})
    found: list[Transfer] = []
    for start, stop in pairwise(cuts):
        holders = [
            server
            for server, spans in survivors.items()
            if any(first <= start and stop <= last for first, last in spans)
        ]
        # Without a holder the data is lost: the check of survival names it.
        for source, size in _shares(stop - start, holders, sent):
            sent[source] += size
            first, start = start, start + size
            if found and (found[-1].source, found[-1].stop) == (source, first):
                first = found.pop().start
            found.append(Transfer(diff=diff, source=source, target=target, start=first, stop=start))
    return found


def _shares(size: int, holders: Iterable[str], sent: Mapping[str, int]) -> list[tuple[str, int]]:
    """Split bytes among holders, filling up those that have sent least; no crumbs.

    A share below 1 MiB is not worth a connection: then fewer holders send.
    """
    order = sorted(holders, key=lambda server: (sent[server], server))
    for count in range(len(order), 0, -1):
        chosen = order[:count]
        level, rest = divmod(size + sum(sent[server] for server in chosen), count)
        shares = [
            level + (position < rest) - sent[server] for position, server in enumerate(chosen)
        ]
        if count == 1 or min(shares) >= LEAST_PIECE:
            return list(zip(chosen, shares, strict=True))
    return []
