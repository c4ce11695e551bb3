"""From what a solver with floats says to an answer in integers, which claims no more."""

from __future__ import annotations

import numpy as np

from spareplace.solvers.base import Answer, Outcome
from spareplace.solvers.beforehand import at_most
from spareplace.solvers.scaling import Floats, Scaled

FRACTION = 1e-4
"""How far from an integer the value of a choice may be."""

BREACH = 1e-5
"""By how much a row may be broken, as a share of its terms: some solvers write eight digits."""


def given(
    model: Scaled,
    outcome: Outcome,
    values: Floats | None,
    dual: float,
    *,
    gap: float,
    solver: str,
) -> Answer:
    """Make an answer.

    Parameters
    ----------
    model
        What was solved.
    outcome
        What the solver says. Values that are no solution, as some leave them when they have found
        none, count as none. Optimal counts when the values keep every row exactly and the bound
        is theirs, or within the gap.
    values
        In scaled units, or ``None``.
    dual
        The lower bound that it says, scaled; ``-inf`` if none. Where it says optimal and means the
        values, it is their objective.
    gap
        The relative gap that was asked for.
    solver
        Name and version.
    """
    if outcome is Outcome.INFEASIBLE:
        return Answer(outcome=outcome, values=None, bound=None, solver=solver)
    bound = model.bound(dual)
    if values is None or not nearly_holds(model, values):
        return Answer(outcome=Outcome.NO_ANSWER, values=None, bound=bound, solver=solver)
    whole = model.rounded(values)
    if model.milp.holds(whole):
        value = at_most(int(model.milp.objective @ whole))
        if outcome is Outcome.OPTIMAL and model.agrees(dual, value):
            return Answer(outcome=outcome, values=whole, bound=value, solver=solver)
        bound = min(bound, value)
        if outcome is Outcome.OPTIMAL and value - bound <= gap * abs(value):
            return Answer(outcome=outcome, values=whole, bound=bound, solver=solver)
    # What is proven, if anything, is not proven of these values.
    return Answer(outcome=Outcome.FEASIBLE, values=whole, bound=bound, solver=solver)


def nearly_holds(model: Scaled, values: Floats) -> bool:
    """Tell whether scaled values are a solution, but for the errors of floats."""
    terms = model.coefficient * values[model.at_column]
    rows = len(model.row_lower)
    total = np.bincount(model.at_row, weights=terms, minlength=rows)
    slack = BREACH * (1 + np.bincount(model.at_row, weights=np.abs(terms), minlength=rows))
    choices = values[model.integer]
    return bool(
        np.isfinite(values).all()
        and (np.abs(choices - np.rint(choices)) <= FRACTION).all()
        and (model.row_lower - slack <= total).all()
        and (total <= model.row_upper + slack).all()
    )
