"""Lists of failures to be ready for: single servers, zones and pairs of servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal, TypeAlias, get_args

from spareplace.cluster import each_server
from spareplace.errors import InvalidInput, Problem
from spareplace.parts import Failure, Server
from spareplace.references import nearly
from spareplace.units import exact_amount

Kind: TypeAlias = Literal["single", "zones", "pairs"]
"""``single``: each server alone. ``zones``: each zone. ``pairs``: every two servers."""


def single_failures(servers: Sequence[Server]) -> tuple[Failure, ...]:
    """Let each of the servers fail alone; the failure is named as the server."""
    return failures_of(servers, ["single"])


def zone_failures(servers: Sequence[Server]) -> tuple[Failure, ...]:
    """Let each zone fail, in the order in which the servers name them first.

    Servers without a zone are left out. The failure of zone ``r1`` is named ``zone r1``.
    """
    return failures_of(servers, ["zones"])


def pair_failures(servers: Sequence[Server]) -> tuple[Failure, ...]:
    """Let every two servers fail together; the failure is named ``s1 + s2``."""
    return failures_of(servers, ["pairs"])


def failures_of(
    servers: Sequence[Server], kinds: Sequence[Kind], weights: Mapping[Kind, float] | None = None
) -> tuple[Failure, ...]:
    """Make one list of failures of several kinds, in the order of the kinds.

    Servers that fail together by more than one kind (a zone of one server, a pair that is a
    zone) make one failure, named by the first of these kinds. A name that a server or an
    earlier failure has already gets a number behind it: ``zone r1 (2)``.

    Parameters
    ----------
    servers
        All servers of the cluster.
    kinds
        Which failures; none gives an empty list.
    weights
        The weight of each failure of a kind. Where one failure stands for several kinds, their
        weights add up. A failure of which no kind has a weight is left without one and
        becomes 1/number of failures in its cluster.

    Raises
    ------
    InvalidInput
        If a kind is not known, or a weight is negative or not finite.

    Examples
    --------
    >>> racks = [Server(name=name, disk=100, zone=zone)
    ...          for name, zone in [("a", "r1"), ("b", "r1"), ("c", "r2")]]
    >>> [failure.name for failure in failures_of(racks, ["single", "zones"])]
    ['a', 'b', 'c', 'zone r1']
    >>> [failure.weight for failure in failures_of(racks, ["single", "zones"],
    ...                                            {"single": 0.01, "zones": 0.001})]
    [0.01, 0.01, 0.011, 0.001]

    Give a cluster another list with `dataclasses.replace`:

    >>> from dataclasses import replace
    >>> from spareplace.cluster import Cluster
    >>> cluster = replace(Cluster(servers=racks), failures=failures_of(racks, ["pairs"]))
    >>> [failure.name for failure in cluster.failures]
    ['a + b', 'a + c', 'b + c']
    """
    weights = weights or {}
    _refuse_unknown(kinds, weights)
    taken = {server.name for server in servers}
    found: dict[frozenset[str], Failure] = {}
    for kind in dict.fromkeys(kinds):
        for failure in _failing(servers, kind):
            same = frozenset(failure.servers)
            if same not in found:
                name = failure.name if kind == "single" else _untaken(failure.name, taken)
                found[same] = replace(failure, name=name, weight=weights.get(kind))
            elif kind in weights:
                found[same] = _heavier(found[same], weights[kind])
    return tuple(found.values())


def _failing(servers: Sequence[Server], kind: Kind) -> Iterator[Failure]:
    if kind == "single":
        yield from each_server(servers)
    elif kind == "zones":
        for zone in dict.fromkeys(server.zone for server in servers if server.zone is not None):
            together = tuple(server.name for server in servers if server.zone == zone)
            yield Failure(name=f"zone {zone}", servers=together)
    else:
        for one, other in combinations([server.name for server in servers], 2):
            yield Failure(name=f"{one} + {other}", servers=(one, other))


def _untaken(name: str, taken: set[str]) -> str:
    number, wanted = 1, name
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    taken.add(name)
    return name


def _heavier(failure: Failure, weight: float) -> Failure:
    """Add a weight as decimals are added: 0.1 and 0.2 make 0.3."""
    also = replace(failure, weight=weight)  # checked like any other weight
    total = exact_amount(failure.weight or 0.0) + exact_amount(also.weight or 0.0)
    return replace(failure, weight=float(total))


def _refuse_unknown(kinds: Iterable[str], weights: Iterable[str]) -> None:
    known = dict.fromkeys(get_args(Kind), "")
    problems = [
        Problem(
            path=path,
            found=repr(kind)[:80],
            expected=f"one of {', '.join(known)}",
            hint=nearly(str(kind), known),
        )
        for path, given in (("kinds", kinds), ("weights", weights))
        for kind in given
        if kind not in known
    ]
    if problems:
        raise InvalidInput(problems)
