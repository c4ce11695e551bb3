"""What is plain about a model before any solver is asked: its range, and what needs no search."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spareplace.milp.model import FREE, Ints, Milp
from spareplace.solvers.base import Answer, Outcome, Request, TooLarge


def settled(request: Request, solver: str) -> Answer | None:
    """Answer what needs no solver: contradictions, models without rows, a stop set already.

    Every solver function asks this first, so that none of them meets a row without terms, a
    column without a value or an empty model, on which native solvers fail in ways of their own.

    Parameters
    ----------
    request
        What is asked.
    solver
        Name and version, for the answer.

    Returns
    -------
    The answer, or ``None`` when a solver is needed.

    Raises
    ------
    TooLarge
        When a row or the objective could leave the integers of 64 bits.
    """
    milp = request.milp
    _check_range(milp)
    if contradicts_itself(milp):
        return Answer(outcome=Outcome.INFEASIBLE, values=None, bound=None, solver=solver)
    if not milp.coefficient.any():
        values, bound = best_corner(milp), corner(milp)
        return Answer(outcome=Outcome.OPTIMAL, values=values, bound=bound, solver=solver)
    if request.stop.is_set():
        return no_answer(milp, solver)
    return None


def no_answer(milp: Milp, solver: str) -> Answer:
    """Give the answer of a solver that was cut off: the bound of the columns alone."""
    return Answer(outcome=Outcome.NO_ANSWER, values=None, bound=corner(milp), solver=solver)


def contradicts_itself(milp: Milp) -> bool:
    """Tell whether a column has no value, or a row no activity, whatever the rest may be."""
    crossed = (milp.row_lower > milp.row_upper).any() or (milp.lower > milp.upper).any()
    # The activity of a row is a multiple of its divisor, and 0 without terms.
    divisor = divisors(milp)
    multiple = np.maximum(divisor, 1)
    none_between = -(-milp.row_lower // multiple) > milp.row_upper // multiple
    refused = (divisor == 0) & ((milp.row_lower > 0) | (milp.row_upper < 0))
    return bool(crossed or none_between.any() or refused.any())


def divisors(milp: Milp) -> Ints:
    """Give the greatest common divisor of the coefficients of each row; 0 without terms."""
    divisor = np.zeros(len(milp.rows), dtype=np.int64)
    np.gcd.at(divisor, milp.at_row, milp.coefficient)
    return divisor


def best_corner(milp: Milp) -> Ints:
    """Give each column the bound at which its share of the objective is least."""
    return np.where(milp.objective >= 0, milp.lower, milp.upper)


def corner(milp: Milp) -> float:
    """Give the bound on the objective that the bounds of the columns prove by themselves."""
    return at_most(int(milp.objective @ best_corner(milp)))


def at_most(exact: int) -> float:
    """Turn a lower bound into a float without raising it."""
    rounded = float(exact)
    return rounded if rounded <= exact else math.nextafter(rounded, -math.inf)


def _check_range(milp: Milp) -> None:
    size = np.maximum(np.abs(milp.lower.astype(np.float64)), np.abs(milp.upper.astype(np.float64)))
    share = np.abs(milp.coefficient.astype(float)) * size[milp.at_column]
    reach = np.bincount(milp.at_row, weights=share, minlength=len(milp.rows))
    _refuse_beyond(reach.astype(np.float64), milp.rows)
    _refuse_beyond(np.array([np.abs(milp.objective.astype(float)) @ size]), ("the objective",))
    _refuse_beyond(size, milp.columns)


def _refuse_beyond(reach: NDArray[np.float64], names: tuple[str, ...]) -> None:
    # A millionth off, since the sums are of floats.
    beyond = np.flatnonzero(reach > FREE * (1 - 1e-6))
    if beyond.size:
        first = int(beyond[0])
        raise TooLarge(
            f"{names[first]} can reach {reach[first]:.3g}, expected less than 2**62 = {FREE}; "
            "divide the numbers of the model by a common unit"
        )
