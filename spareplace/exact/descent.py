"""One model, its objectives made least one after the other."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.exact.trust import EXACT_SOLVER, is_infeasible, mended, proven
from spareplace.milp.build import Model
from spareplace.milp.model import FREE, Ints, Milp
from spareplace.milp.objective import Objective
from spareplace.milp.read import write
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.solvers.base import Outcome, Request

SHARES = {
    "unprotected": 0.4,
    "stuck": 0.3,
    "worst": 0.7,
    "time": 0.7,
    "transfer": 0.85,
    "moved": 0.9,
    "stored": 1.0,
}
"""Which share of the time that is left each objective may use, so that the next gets some."""

TIES = ("moved", "stored")
"""The objectives that choose among plans of least transfer."""

TIE_EFFORT = 2.0
"""How much work goes into each of them, once least is transferred: by one search of CP-SAT
(on the paper's example it proves in 1 s what eight do not in 10), in its deterministic seconds,
so that the plan does not depend on a clock."""

QUICK_EFFORT = 0.3
"""The same where nothing but ties is asked for: proofs of tiny clusters take half a second."""

log = logging.getLogger(__name__)

Watch = Callable[[Fraction | None, Fraction | None], None]
"""Told the value and the bound, in bytes, of what is being made least."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descent:
    """How far one model was solved.

    `solver` is the one that solved for the expected transfer, `last` the last one asked; each is
    empty if there was none. `bound` is one for the expected transfer of any plan; `least` has
    those of another goal, and of the transfer of plans in which that is least.
    """

    bound: Fraction
    solver: str
    last: str
    values: Ints | None = None
    infeasible: bool = False
    fewest_proven: bool = True
    least: tuple[Fraction, Fraction] | None = None


def descend(
    model: Model,
    clock: Clock,
    options: Options,
    start: Placement | None,
    watch: Watch,
    *,
    only_ties: bool = False,
) -> Descent:
    """Make each objective least, holding the ones before it at their best.

    With `only_ties` the start is the best of all but the ties, and is not improved on by them.
    """
    milp, values, solver = model.milp, _hint(model, start), ""
    if only_ties and (values is None or not milp.holds(values)):
        return Descent(bound=Fraction(0), solver="", last="")
    last = ""
    fewest_proven = True
    bounds: dict[str, Fraction] = {}
    for objective in model.objectives:
        given = only_ties and objective.name not in TIES
        if values is None or not (given or _is_nothing(milp, objective, values)):
            request = request_for(milp, objective, values, clock, options, watch)
            if request is not None and only_ties:
                request = replace(request, effort=QUICK_EFFORT)
            if request is None:
                fewest_proven &= objective.name != "unprotected"
                break
            name = EXACT_SOLVER if objective.name in TIES else options.solver
            answer = solvers.load(name)(request)
            log.info("%s: %s, bound %s", objective.name, answer.outcome.value, answer.bound)
            if answer.outcome is Outcome.INFEASIBLE and values is None:
                impossible = is_infeasible(milp, answer, clock, options)
                return Descent(
                    bound=Fraction(0),
                    solver=answer.solver,
                    last=answer.solver,
                    infeasible=impossible,
                )
            found = mended(request.milp, answer.values, clock, options)
            values = _better(milp, objective, values, found)
            if objective.name == "unprotected":
                fewest_proven &= answer.outcome is Outcome.OPTIMAL
            if objective.name in (options.objective, "transfer"):
                solver = answer.solver
                bounds[objective.name] = proven(objective, answer, values)
            last = answer.solver
            if values is None:
                break
        least = int(objective.coefficients @ values)
        milp = milp.with_row(f"least {objective.name}", objective.coefficients, -FREE, least)
    asked, transfer = (bounds.get(name, Fraction(0)) for name in (options.objective, "transfer"))
    alone = options.objective == "transfer"
    return Descent(
        values=values,
        bound=transfer if alone else Fraction(0),
        solver=solver,
        last=last,
        fewest_proven=fewest_proven,
        least=None if alone else (asked, transfer),
    )


def _is_nothing(milp: Milp, objective: Objective, values: Ints) -> bool:
    """Tell whether the values make an objective 0: it cannot be less."""
    return not objective.coefficients @ values and milp.holds(values)


def _hint(model: Model, start: Placement | None) -> Ints | None:
    return None if start is None else write(model, start)


def request_for(
    milp: Milp,
    objective: Objective,
    hint: Ints | None,
    clock: Clock,
    options: Options,
    watch: Watch,
) -> Request | None:
    """Ask for one objective, within its share of the time left; ``None`` if there is none."""
    if clock.over():
        return None
    left = clock.part(SHARES.get(objective.name, 1.0)).left()
    asked, tie = objective.name == options.objective, objective.name in TIES
    return Request(
        milp=milp.with_objective(objective.coefficients),
        hint=None if options.move_cost or options.stored_cost else hint,  # see cp_sat, presolve
        seconds=left,
        workers=1 if tie else options.workers,
        seed=options.seed,
        gap=options.gap if asked else 0.0,
        effort=TIE_EFFORT if tie else None,
        stop=clock.stop,
        progress=_progress(objective, watch) if asked else lambda *_: None,
    )


def _progress(objective: Objective, watch: Watch) -> Callable[[float | None, float | None], None]:
    """Translate a solver's progress to bytes, or seconds."""

    def told(value: float | None, bound: float | None) -> None:
        known = bound is not None and math.isfinite(bound)
        watch(
            None if value is None else Fraction(value) * objective.unit,
            max(Fraction(bound or 0), Fraction(0)) * objective.unit if known else None,
        )

    return told


def _better(milp: Milp, objective: Objective, old: Ints | None, new: Ints | None) -> Ints | None:
    """Keep the start if a solver that was cut off came back with less."""
    if new is None or old is None or not milp.holds(old):
        return old if new is None and old is not None and milp.holds(old) else new
    worse = objective.coefficients @ new > objective.coefficients @ old
    return old if worse else new
