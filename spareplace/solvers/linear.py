"""GLOP of OR-Tools, for a linear program that grows: the master of a decomposition.

The only module that imports `ortools.linear_solver`. What it says is never taken for a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp  # type: ignore[import-untyped,attr-defined,unused-ignore]

Floats = NDArray[np.float64]
Column = tuple[int, float, Sequence[int], Sequence[float]]

SHORT = 1e-7
"""By how much a row must be left short to count: GLOP's tolerance."""

NEARLY = "change_status_to_imprecise: false"
"""A little imprecise is good enough."""


@dataclass(slots=True, kw_only=True, eq=False)
class Covering:
    """Columns of least cost that cover rows, their shares of each group adding up to 1 at most.

    Each row may also be left short, at a price, which is a limit on its dual price.

    Parameters
    ----------
    least
        How much of each row is to be covered, shape (rows,).
    caps
        What it costs to leave 1 of a row short, shape (rows,).
    groups
        How many there are.
    short
        Which rows the last solution leaves short; all before there is one.
    """

    least: Floats
    caps: Floats
    groups: int
    short: NDArray[np.bool_] = field(init=False)
    _columns: list[Column] = field(init=False, default_factory=list)
    _solver: Any = field(init=False, default=None)
    _rows: list[Any] = field(init=False, default_factory=list)
    _shares: list[Any] = field(init=False, default_factory=list)
    _short: list[Any] = field(init=False, default_factory=list)
    _put_in: list[Any] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.short = np.ones(len(self.least), dtype=bool)
        self._begin()

    def add(self, group: int, cost: float, rows: Sequence[int], covers: Sequence[float]) -> None:
        """Add a column that covers so much of some rows."""
        self._columns.append((group, cost, rows, covers))
        self._put(self._columns[-1])

    def solve(self) -> tuple[float, Floats] | None:
        """Give the least cost and the price of each row; ``None`` where GLOP gets lost."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            self._begin()  # without the basis that it got lost from
            if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
                return None
        self.short = np.array([column.solution_value() for column in self._short]) > SHORT
        prices = np.array([row.dual_value() for row in self._rows])
        return self._solver.Objective().Value(), np.maximum(prices, 0.0)

    def shares(self) -> Floats:
        """Give how much of each column the least cost takes; none where GLOP gets lost."""
        if self.solve() is None:
            return np.zeros(len(self._columns))
        return np.array([column.solution_value() for column in self._put_in])

    def keep(self, columns: Sequence[int]) -> None:
        """Forget all columns but these, which are numbered as they were added."""
        self._columns = [self._columns[at] for at in columns]
        self._begin()

    def raise_caps(self, rows: NDArray[np.bool_], factor: float) -> None:
        """Make it dearer to leave some rows short."""
        self.caps = np.where(rows, self.caps * factor, self.caps)
        for row in np.flatnonzero(rows).tolist():
            self._solver.Objective().SetCoefficient(self._short[row], float(self.caps[row]))

    def _begin(self) -> None:
        """Start a new program, with all columns so far."""
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(NEARLY)
        free = self._solver.infinity()
        objective = self._solver.Objective()
        objective.SetMinimization()
        self._rows = [self._solver.Constraint(least, free) for least in self.least.tolist()]
        self._shares = [self._solver.Constraint(-free, 1.0) for _ in range(self.groups)]
        self._short = [self._solver.NumVar(0.0, free, "") for _ in self._rows]
        for row, column, cap in zip(self._rows, self._short, self.caps.tolist(), strict=True):
            row.SetCoefficient(column, 1.0)
            objective.SetCoefficient(column, cap)
        self._put_in = []
        for known in self._columns:
            self._put(known)

    def _put(self, column: Column) -> None:
        group, cost, rows, covers = column
        share = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._put_in.append(share)
        self._solver.Objective().SetCoefficient(share, cost)
        self._shares[group].SetCoefficient(share, 1.0)
        for row, covered in zip(rows, covers, strict=True):
            self._rows[row].SetCoefficient(share, covered)
