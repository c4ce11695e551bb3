"""What a placement costs when servers fail: the transfers, and the objective, defined once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise

from spareplace.cluster import Cluster, chain_of
from spareplace.parts import Failure
from spareplace.placement import (
    Placement,
    Rebuild,
    Recovery,
    Span,
    Transfer,
    holdings,
    missing_from,
)
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
    diffs = {diff.name: diff for diff in cluster.diffs}
    chains = {vm.name: chain_of(vm.diff, diffs) for vm in cluster.vms}
    sizes = {diff.name: diff.size for diff in cluster.diffs}
    held = holdings(cluster, placement.stored)
    return tuple(
        _recovery(failure, placement.rebuilds.get(failure.name, ()), chains, sizes, held)
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


def _recovery(
    failure: Failure,
    rebuilds: tuple[Rebuild, ...],
    chains: Mapping[str, tuple[str, ...]],
    sizes: Mapping[str, int],
    held: Mapping[str, Mapping[str, list[Span]]],
) -> Recovery:
    needed: dict[tuple[str, str], None] = {}  # (target, diff), each once, in order
    for rebuild in rebuilds:
        needed.update(dict.fromkeys((rebuild.server, diff) for diff in chains[rebuild.vm]))
    gone = set(failure.servers)
    sent: dict[str, int] = defaultdict(int)
    transfers: list[Transfer] = []
    missing = 0
    for target, diff in needed:
        survivors = {
            server: spans
            for server, spans in held.get(diff, {}).items()
            if server not in gone and server != target
        }
        for gap in missing_from(sizes[diff], held.get(diff, {}).get(target, ())):
            missing += gap[1] - gap[0]
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
    """Fetch one missing range piece by piece, each from the holder that has sent least so far."""
    edges = {edge for spans in survivors.values() for span in spans for edge in span}
    cuts = sorted({gap[0], gap[1]} | {edge for edge in edges if gap[0] < edge < gap[1]})
    found: list[Transfer] = []
    for start, stop in pairwise(cuts):
        holders = [
            server
            for server, spans in survivors.items()
            if any(first <= start and stop <= last for first, last in spans)
        ]
        if not holders:
            continue  # lost data: the check of survival names it
        source = min(holders, key=lambda server: (sent[server], server))
        sent[source] += stop - start
        if found and found[-1].source == source:
            start = found.pop().start
        found.append(Transfer(diff=diff, source=source, target=target, start=start, stop=stop))
    return found
