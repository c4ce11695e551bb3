"""What a model comes to, by one search of CP-SAT."""

from __future__ import annotations

from fractions import Fraction

from spareplace import solvers
from spareplace.milp.build import Model
from spareplace.milp.model import FREE, Ints
from spareplace.solvers.base import Outcome, Request


def least(model: Model) -> Fraction | None:
    """Give the least value of the first objective; `None` where the model has no solution."""
    found = descended(model, 1)
    return None if found is None else found[0][0]


def descended(model: Model, depth: int | None = None) -> tuple[list[Fraction], Ints] | None:
    """Make the objectives least one after the other; give their values, and those of the columns.

    All of them, or so many.
    """
    milp, found, values = model.milp, [], model.milp.lower
    for objective in model.objectives[:depth]:
        request = Request(milp=milp.with_objective(objective.coefficients), workers=1)
        answer = solvers.load("cp-sat")(request)
        if answer.outcome is Outcome.INFEASIBLE:
            return None
        assert answer.outcome is Outcome.OPTIMAL
        assert answer.values is not None
        values = answer.values
        best = int(objective.coefficients @ values)
        milp = milp.with_row(f"least {objective.name}", objective.coefficients, -FREE, best)
        found.append(best * objective.unit)
    return found, values
