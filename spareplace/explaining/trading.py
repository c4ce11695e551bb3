"""`frontier`: what stored bytes buy, as plans from the least that can be stored upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from spareplace.canonical import fingerprint
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan, Problem
from spareplace.options import DEFAULT_TIME_LIMIT, Method
from spareplace.placement import DEFAULT_MAX_PIECES, Plan, Status
from spareplace.planning import plan
from spareplace.units import exact_weight
from spareplace.watching import Progress

DEFAULT_POINTS = 8
"""Between the least and the most that is worth storing, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One plan of the frontier.

    Parameters
    ----------
    stored_limit
        The most bytes that it may store.
    stored_bytes
        What it stores.
    expected_transfer_bytes, lower_bound_bytes, status
        As its plan has them; the bound holds for plans within the limit.
    plan
        The plan, which was checked against every rule and the limit.
    """

    stored_limit: int
    stored_bytes: int
    expected_transfer_bytes: float
    lower_bound_bytes: float | None
    status: Status
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """What stored bytes buy.

    Parameters
    ----------
    cluster_sha256
        The cluster that it is about.
    points
        By what is stored, upwards; every next one transfers less.
    """

    cluster_sha256: str
    points: tuple[Point, ...]


def frontier(
    cluster: Cluster,
    *,
    points: int = DEFAULT_POINTS,
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    method: Method = "auto",
    max_pieces: int = DEFAULT_MAX_PIECES,
    seed: int = 0,
    progress: Callable[[Progress], object] | None = None,
) -> Frontier:
    """Plan under a rising limit on what is stored, from little to as much as is of use.

    The first plan is made at a price so high that hardly a byte is stored that need not be; no
    proof says that none stores less. The last one is made without a limit.

    Parameters
    ----------
    cluster
        What to plan for.
    points
        How many limits, at least 2. Plans that are no better than one that stores less are left
        out, so there may be fewer points.
    time_limit
        Seconds for all of it, or ``None``; each plan gets an equal share.
    method, max_pieces, seed
        As for `plan`.
    progress
        As for `plan`, told about one plan after the other.

    Raises
    ------
    Infeasible, NoPlan
        As `plan` does without a limit.

    Examples
    --------
    >>> from spareplace import Cluster, Diff, Server, VM, frontier
    >>> cluster = Cluster(
    ...     servers=tuple(Server(name=name, disk=100) for name in "abc"),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(
    ...         VM(name="x", server="a", diff="base", allowed_servers=("b",)),
    ...         VM(name="y", server="b", diff="base", allowed_servers=("a",)),
    ...     ),
    ... )
    >>> found = frontier(cluster, points=2, method="milp", max_pieces=1)
    >>> [(point.stored_bytes, round(point.expected_transfer_bytes)) for point in found.points]
    [(40, 27), (80, 0)]
    """
    _refuse_unusable(points)
    clock = Clock(limit=time_limit)

    def planned(share: float, *, limit: int | None = None, cost: float = 0.0) -> Plan:
        left = clock.left()
        return plan(
            cluster,
            method=method,
            time_limit=None if left is None else left * share,
            max_pieces=max_pieces,
            seed=seed,
            stored_limit=limit,
            stored_cost=cost,
            progress=progress,
        )

    richest = planned(1 / points)
    leanest = planned(1 / (points - 1), cost=_price(cluster)) if richest.stored_bytes else richest
    found = [(richest.stored_bytes, richest), (leanest.stored_bytes, leanest)]
    span = richest.stored_bytes - leanest.stored_bytes
    between = (leanest.stored_bytes + span * step // (points - 1) for step in range(1, points - 1))
    for step, limit in enumerate(between if span > 0 else (), start=2):
        try:
            found.append((limit, planned(1 / (points - step), limit=limit)))
        except (Infeasible, NoPlan):  # the leanest plan keeps the limit, too, and stands for it
            continue
    return Frontier(cluster_sha256=fingerprint(cluster), points=tuple(_falling(found)))


def _refuse_unusable(points: int) -> None:
    if type(points) is not int or not 2 <= points <= 1000:
        expected = "an integer from 2 to 1000"
        problem = Problem(path="points", found=repr(points)[:80], expected=expected)
        raise InvalidInput([problem])


def _price(cluster: Cluster) -> float:
    """Give a price at which a stored byte has to save a thousand times what it can by itself."""
    weights = sum((exact_weight(it.weight or 0.0) for it in cluster.failures), start=Fraction(1))
    return float(1000 * weights)


def _falling(found: Iterable[tuple[int, Plan]]) -> Iterator[Point]:
    """Sort plans by what they store; leave out those that transfer no less than one before."""
    least: float | None = None
    order = sorted(found, key=lambda it: (it[1].stored_bytes, it[1].expected_transfer_bytes))
    for limit, made in order:
        if least is None or made.expected_transfer_bytes < least:
            least = made.expected_transfer_bytes
            yield Point(
                stored_limit=limit,
                stored_bytes=made.stored_bytes,
                expected_transfer_bytes=made.expected_transfer_bytes,
                lower_bound_bytes=made.lower_bound_bytes,
                status=made.status,
                plan=made,
            )
