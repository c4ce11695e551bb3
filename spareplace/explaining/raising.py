"""By how much one server must be enlarged, or several, for a plan to exist."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from spareplace import solvers
from spareplace.amounts import amount_of
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.exact.trust import EXACT_SOLVER
from spareplace.explaining.causes import Cause
from spareplace.instance import number
from spareplace.milp.build import Model, build
from spareplace.milp.model import FREE, Ints, Milp
from spareplace.options import DEFAULT_WORKERS
from spareplace.solvers.base import Request, TooLarge

ADDABLE = {"anti-affinity", "stored_limit", "move_limit"}
"""The limits of the elastic model that nobody can buy more of."""


def least_raise(
    cluster: Cluster, capacity: Cause, clock: Clock, *, max_pieces: int
) -> Decimal | None:
    """Give the least by which one capacity must grow, all else as it is, for a plan to exist.

    It is the least that was found in the time, with diffs in at most that many pieces; ``None``
    if no amount is enough, or none was found.
    """
    model = _elastic(cluster, clock, max_pieces)
    if model is None:
        return None
    instance = model.instance
    server = [it.name for it in cluster.servers].index(capacity.name)
    at = _resource(model, capacity.resource)
    own = {
        column: step
        for column, (limit, step) in model.excess.items()
        if limit.server == server
        and limit.resource == instance.resources[at]
        and _is_disk(model, column) == (at == 0)
    }
    if not own:
        return None
    values = _solved(_with_peak(model, own), clock)
    if values is None:
        return None
    more = max(int(values[column]) * step for column, step in own.items())
    more += max(-int(instance.left[server, at]), 0) if more else 0
    return amount_of(more, instance.unit[at])


def least_raises(
    cluster: Cluster, clock: Clock, *, max_pieces: int = 1
) -> dict[tuple[str, str], Decimal] | None:
    """Give by how much several capacities must grow together, as small shares as can be found.

    By server and resource; ``None`` if no amounts are enough, or none were found.
    """
    model = _elastic(cluster, clock, max_pieces)
    if model is None:
        return None
    upper = np.array(model.milp.upper)
    for column, (limit, _) in model.excess.items():
        if limit.server is None or limit.resource in ADDABLE:
            upper[column] = 0
    milp = replace(model.milp, upper=upper).with_objective(model.objectives[0].coefficients)
    values = _solved(milp, clock)
    if values is None:
        return None
    raises: dict[tuple[str, str], Decimal] = {}
    for column, (limit, step) in model.excess.items():
        if values[column] and limit.server is not None:
            at = 0 if _is_disk(model, column) else _resource(model, limit.resource)
            more = int(values[column]) * step + max(-int(model.instance.left[limit.server, at]), 0)
            key = cluster.servers[limit.server].name, limit.resource
            raises[key] = max(raises.get(key, Decimal(0)), amount_of(more, limit.unit))
    return raises


def _elastic(cluster: Cluster, clock: Clock, max_pieces: int) -> Model | None:
    try:
        return build(number(cluster), clock, max_pieces=max_pieces, elastic=True)
    except NoPlan:
        return None


def _is_disk(model: Model, column: int) -> bool:
    """Tell a limit of the disk from one of a resource that is called so."""
    rows = model.milp.at_row[model.milp.at_column == column]
    return all(model.milp.rows[int(row)].startswith("disk[") for row in rows)


def _resource(model: Model, name: str) -> int:
    return model.instance.resources.index(name)


def _with_peak(model: Model, own: dict[int, int]) -> Milp:
    """Let these limits alone be exceeded, and make least by how much the most."""
    milp = model.milp
    upper = np.array(milp.upper)
    for column in model.excess:
        upper[column] = milp.upper[column] if column in own else 0
    most = max(int(upper[column]) * step for column, step in own.items())
    peak = len(milp.columns)
    objective = np.zeros(peak + 1, dtype=np.int64)
    objective[peak] = 1
    wider = replace(
        milp,
        columns=(*milp.columns, "peak"),
        lower=np.append(milp.lower, 0),
        upper=np.append(upper, most),
        choice=np.append(milp.choice, False),
        objective=objective,
    )
    for column, step in own.items():
        row = np.zeros(peak + 1, dtype=np.int64)
        row[peak], row[column] = 1, -step
        wider = wider.with_row(f"peak {column}", row, 0, FREE)
    return wider


def _solved(milp: Milp, clock: Clock) -> Ints | None:
    left = clock.left()
    if left == 0.0:
        return None
    try:
        answer = solvers.load(EXACT_SOLVER)(
            Request(milp=milp, seconds=left, workers=DEFAULT_WORKERS, stop=clock.stop)
        )
    except TooLarge:
        return None
    return answer.values
