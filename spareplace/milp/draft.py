"""A model under construction: columns and rows are added one by one, then scaled and frozen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.milp.columns import label
from spareplace.milp.model import FREE, Milp

Term: TypeAlias = tuple[int, int]
"""A column and its coefficient."""

_LONGEST = 2**50
"""In how many steps an excess is counted."""

DIGIT = 2**32
"""Long numbers are cut into digits below this."""

_LOOK_UP = 4096
"""How many columns are added between two looks at the clock."""

_EXACT = 2**60
"""The largest activity that is left as it is: integer solvers compute it exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a row of capacity limits: something of a server, in a failure.

    Parameters
    ----------
    failure, server
        Their numbers; ``None`` for no failure, and for all servers together.
    resource
        Its name, or the rule.
    available
        What there is of it, in the smallest unit that is counted.
    unit
        The amount that 1 stands for.
    """

    failure: int | None
    server: int | None
    resource: str
    available: int
    unit: Decimal = Decimal(1)


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """Columns and rows so far.

    Parameters
    ----------
    clock
        Looked at while columns are added, so that building a large model ends in time.
    elastic
        Whether capacities may be exceeded, each by a column of its own: for finding out how
        much is missing.
    carries
        Columns that carry from one digit of a long row to the next: the column, the terms that
        it carries from, and what they may come to without it.
    excess
        By column, the limit that it exceeds and how much of it the integer 1 stands for.
    """

    clock: Clock
    elastic: bool = False
    carries: list[tuple[int, tuple[Term, ...], int]] = field(default_factory=list)
    excess: dict[int, tuple[Limit, int]] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    choice: list[bool] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    row_lower: list[int] = field(default_factory=list)
    row_upper: list[int] = field(default_factory=list)
    at_row: list[int] = field(default_factory=list)
    at_column: list[int] = field(default_factory=list)
    coefficient: list[int] = field(default_factory=list)

    def choose(self, name: str) -> int:
        """Add a yes/no choice; give its column."""
        return self.amount(name, 0, 1, choice=True)

    def amount(self, name: str, lower: int, upper: int, *, choice: bool = False) -> int:
        """Add an amount that follows from the choices; give its column."""
        if len(self.columns) % _LOOK_UP == 0 and self.clock.over():
            raise NoPlan("stopped while the model was built", "give it more time")
        self.columns.append(name)
        self.lower.append(lower)
        self.upper.append(upper)
        self.choice.append(choice)
        return len(self.columns) - 1

    def at_most(self, name: str, terms: Sequence[Term], most: int) -> None:
        """Add a row ``sum of terms <= most``."""
        self._row(name, terms, -FREE, most)

    def at_least(self, name: str, terms: Sequence[Term], least: int) -> None:
        """Add a row ``sum of terms >= least``."""
        self._row(name, terms, least, FREE)

    def equal(self, name: str, terms: Sequence[Term], value: int) -> None:
        """Add a row ``sum of terms == value``."""
        self._row(name, terms, value, value)

    def capacity(self, name: str, terms: Sequence[Term], limit: Limit) -> None:
        """Add a row of what is used and what there is, unless it can never be full.

        All coefficients are positive. In an elastic draft a column says by how much it is
        exceeded, in steps that keep the numbers short.
        """
        longest = sum(coefficient * self.upper[column] for column, coefficient in terms)
        if longest <= limit.available:
            return
        if not self.elastic:
            self._at_most_exactly(name, terms, limit.available)
            return
        step = max(1, longest // _LONGEST)
        excess = self.amount(label("excess", name), 0, -(-longest // step))
        self.excess[excess] = (limit, step)
        steps = [(column, -(-coefficient // step)) for column, coefficient in terms]
        self._row(name, [*steps, (excess, -1)], -FREE, limit.available // step)

    def _at_most_exactly(self, name: str, terms: Sequence[Term], most: int) -> None:
        """Add ``sum of terms <= most``, cut into digits of 32 bits where it is too long.

        With a = h M + l for every coefficient, and likewise for `most`, the row holds exactly if
        some carry c from 0 makes ``sum of l x - M c <= l of most`` and
        ``sum of h x + c <= h of most`` hold.
        """
        common = math.gcd(*(coefficient for _, coefficient in terms))
        terms, most = [(column, a // common) for column, a in terms], most // common
        if sum(a * self.upper[column] for column, a in terms) <= _EXACT:
            self._row(name, terms, -FREE, most)
            return
        low = [(column, a % DIGIT) for column, a in terms if a % DIGIT]
        high = [(column, a // DIGIT) for column, a in terms if a // DIGIT]
        longest = sum(a * self.upper[column] for column, a in low)
        carry = self.amount(label("carry", name), 0, -(-longest // DIGIT))
        self.carries.append((carry, tuple(low), most % DIGIT))
        self._row(f"{name} low", [*low, (carry, -DIGIT)], -FREE, most % DIGIT)
        self._at_most_exactly(name, [*high, (carry, 1)], most // DIGIT)

    def _row(self, name: str, terms: Sequence[Term], least: int, most: int) -> None:
        common = math.gcd(*(coefficient for _, coefficient in terms)) or 1
        self.row_lower.append(least if least == -FREE else -(-least // common))
        self.row_upper.append(most if most == FREE else most // common)
        self.at_row.extend([len(self.rows)] * len(terms))
        self.at_column.extend(column for column, _ in terms)
        self.coefficient.extend(coefficient // common for _, coefficient in terms)
        self.rows.append(name)

    def vector(self, terms: Iterable[Term]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Give terms as one coefficient for each column."""
        coefficients = np.zeros(len(self.columns), dtype=np.int64)
        for column, coefficient in terms:
            coefficients[column] += coefficient
        return coefficients

    def frozen(self) -> Milp:
        """Give the model, with nothing to minimise yet."""
        return Milp(
            columns=tuple(self.columns),
            rows=tuple(self.rows),
            lower=np.array(self.lower, dtype=np.int64),
            upper=np.array(self.upper, dtype=np.int64),
            choice=np.array(self.choice, dtype=bool),
            row_lower=np.array(self.row_lower, dtype=np.int64),
            row_upper=np.array(self.row_upper, dtype=np.int64),
            at_row=np.array(self.at_row, dtype=np.int64),
            at_column=np.array(self.at_column, dtype=np.int64),
            coefficient=np.array(self.coefficient, dtype=np.int64),
            objective=np.zeros(len(self.columns), dtype=np.int64),
        )
