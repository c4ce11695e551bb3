"""The same model in numbers that suit a solver that computes with floats, and the way back.

Rows and the objective are divided by their greatest common divisor, then everything by powers of
two, which floats represent exactly: the scaled model is equivalent, not rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.milp.model import FREE, Flags, Ints, Milp
from spareplace.solvers.beforehand import at_most, corner, divisors

Floats = NDArray[np.float64]

LARGEST = 2**16
"""Numbers up to this stay as they are: solvers tell them from their neighbours at a tolerance of
1e-6, and no row gets coefficients too small to count."""

TOLERANCE = 1e-6
"""By how much solvers let scaled amounts break their rows."""

RELATIVE = 1e-9
"""What sums of floats are good for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaled:
    """A model in floats. Rows without terms are left out; entries are ordered by row.

    Parameters
    ----------
    milp
        The model that was scaled.
    unit
        What 1 of each scaled column stands for: 1 for choices, a power of two for amounts.
    objective_step
        The greatest common divisor of the objective: it takes only multiples of it.
    objective_unit
        How many steps 1 of the scaled objective stands for, a power of two.
    lower, upper, row_lower, row_upper, objective
        As in the model; infinite where a row has no bound.
    integer
        Columns that must be integers; the others may be continuous.
    at_row, at_column, coefficient
        As in the model, rows being numbered anew.
    """

    milp: Milp
    unit: Floats
    objective_step: int
    objective_unit: float
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    integer: Flags
    at_row: Ints
    at_column: Ints
    coefficient: Floats
    objective: Floats

    def scale(self, values: Ints) -> Floats:
        """Give values of the columns, moved into their bounds, in scaled units."""
        return np.asarray(np.clip(values, self.milp.lower, self.milp.upper) / self.unit)

    def rounded(self, values: Floats) -> Ints:
        """Give the integers nearest to scaled values, within the bounds of the columns."""
        whole = np.rint(values * self.unit).astype(np.int64)
        return np.clip(whole, self.milp.lower, self.milp.upper)

    def value(self, objective: float) -> float:
        """Give the objective in the model's units."""
        return objective * self.objective_unit * self.objective_step

    def bound(self, dual: float) -> float:
        """Give a proven lower bound in the model's units, made safe for the errors of floats.

        All columns are integers in the model, so it rounds up to what the objective can be.
        """
        if not math.isfinite(dual):
            return corner(self.milp)
        amounts = np.abs(self.objective[~self.integer]).max(initial=1.0)
        safe = dual - TOLERANCE * float(amounts) - RELATIVE * abs(dual)
        steps = math.ceil(safe * self.objective_unit)
        return max(at_most(steps * self.objective_step), corner(self.milp))

    def agrees(self, dual: float, value: float) -> bool:
        """Tell whether a bound that is called proven means the value of a solution.

        It must be as near as floats tell, and no column so coarse that its errors hide more.
        """
        step = self.objective_step / 2
        coarse = np.abs(self.milp.objective * self.unit)[self.unit > 1].max(initial=0.0)
        return bool(
            abs(self.value(dual) - value) <= max(step, RELATIVE * abs(value))
            and TOLERANCE * coarse <= max(step, TOLERANCE * abs(value))
        )


def scaled(milp: Milp, *, whole: bool = False) -> Scaled:
    """Scale a model.

    Parameters
    ----------
    milp
        A model with rows that have terms, and without contradictions.
    whole
        Keep all numbers and all columns integers: for a solver that knows nothing else.
    """
    divisor = divisors(milp)
    kept = divisor > 0
    order = np.argsort(milp.at_row, kind="stable")
    order = order[(milp.coefficient != 0)[order]]
    at_row = (np.cumsum(kept) - 1)[milp.at_row[order]]
    at_column, coefficient = milp.at_column[order], milp.coefficient[order]
    starts = np.searchsorted(at_row, np.arange(int(kept.sum())))
    common = divisor[kept]
    largest = math.inf if whole else LARGEST
    integer = milp.choice | whole
    size = np.maximum(np.abs(milp.lower), np.abs(milp.upper))
    unit = np.where(integer, 1.0, _power(size, largest))
    entries = coefficient // common[at_row] * unit[at_column]
    row_unit = _power(np.maximum.reduceat(np.abs(entries), starts), largest)
    step = int(np.gcd.reduce(np.abs(milp.objective))) or 1
    objective = milp.objective // step * unit
    objective_unit = float(_power(np.abs(objective).max(), largest))
    # Integers that are multiples of the divisor: a bound between two of them moves to the next.
    least, most = -(-milp.row_lower[kept] // common), milp.row_upper[kept] // common
    return Scaled(
        milp=milp,
        unit=unit,
        objective_step=step,
        objective_unit=objective_unit,
        lower=milp.lower / unit,
        upper=milp.upper / unit,
        row_lower=np.where(milp.row_lower[kept] <= -FREE, -np.inf, least / row_unit),
        row_upper=np.where(milp.row_upper[kept] >= FREE, np.inf, most / row_unit),
        integer=integer,
        at_row=at_row,
        at_column=at_column,
        coefficient=entries / row_unit[at_row],
        objective=objective / objective_unit,
    )


def _power(size: Ints | Floats, largest: float) -> Floats:
    """Give the least power of two, from 1, that brings a size down to the largest wanted."""
    times = np.maximum(np.asarray(size, dtype=float) / largest, 1.0)
    return np.asarray(np.exp2(np.ceil(np.log2(times))))
