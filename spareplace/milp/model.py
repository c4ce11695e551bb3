"""An integer program as plain data: named columns and rows, sparse integer coefficients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

FREE = 2**62
"""Stands for no bound on a row; larger in magnitude than any activity of a row."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Milp:
    """Minimise ``objective @ x`` for integers x with bounds on columns and rows.

    All numbers are integers, so a solver that computes with integers solves it exactly.

    Parameters
    ----------
    columns, rows
        Names, unique among their kind: ``rebuild[f,v,s]``, ``disk[f,s]``.
    lower, upper
        Bounds of the columns, shape (columns,).
    choice
        Columns that are choices, shape (columns,). The others are amounts: every solution stays
        one when they are rounded right, so a solver that computes with floats may take them as
        continuous.
    row_lower, row_upper
        Bounds of the rows, shape (rows,); ``-FREE`` and ``FREE`` where there is none.
    at_row, at_column, coefficient
        The entries of the matrix in no special order, each place once, shape (entries,).
    objective
        Coefficients, shape (columns,).
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    lower: Ints
    upper: Ints
    choice: Flags
    row_lower: Ints
    row_upper: Ints
    at_row: Ints
    at_column: Ints
    coefficient: Ints
    objective: Ints

    def with_objective(self, objective: Ints) -> Milp:
        """Give the same model with another objective."""
        return replace(self, objective=objective)

    def with_row(self, name: str, coefficients: Ints, lower: int, upper: int) -> Milp:
        """Give the same model with one more row; `coefficients` has an entry for each column."""
        used = np.flatnonzero(coefficients)
        if not used.size:
            return self
        return replace(
            self,
            rows=(*self.rows, name),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
            at_row=np.append(self.at_row, np.full(used.size, len(self.rows))),
            at_column=np.append(self.at_column, used),
            coefficient=np.append(self.coefficient, coefficients[used]),
        )

    def activity(self, values: Ints) -> Ints:
        """Give the value of every row for values of the columns."""
        total = np.zeros(len(self.rows), dtype=np.int64)
        np.add.at(total, self.at_row, self.coefficient * values[self.at_column])
        return total

    def holds(self, values: Ints) -> bool:
        """Tell whether values of the columns keep every bound."""
        total = self.activity(values)
        return bool(
            (self.lower <= values).all()
            and (values <= self.upper).all()
            and (self.row_lower <= total).all()
            and (total <= self.row_upper).all()
        )
