"""What a placement costs when servers fail: the transfers, and the objective, defined once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise

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
            server: spans for server, spans in held.get(diff, {}).items() if server not in gone
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
