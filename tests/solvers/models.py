"""Small models to solve, with the answers by enumeration, and one that no solver finishes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st

from spareplace.milp.model import FREE, Ints, Milp

Column: TypeAlias = tuple[int, int, bool]
"""Lower bound, upper bound, whether it is a choice."""

Row: TypeAlias = tuple[int, dict[int, int], int]
"""Lower bound, coefficients by column, upper bound."""

BINARY: Column = (0, 1, True)

SCALES = (1, 7, 10**3, 10**6)

LARGE_SCALES = (*SCALES, 5 * 10**9, 10**12)


def milp(columns: Sequence[Column], rows: Sequence[Row], objective: Sequence[int]) -> Milp:
    entries = [(row, at, c) for row, (_, terms, _) in enumerate(rows) for at, c in terms.items()]
    return Milp(
        columns=tuple(f"x[{number}]" for number in range(len(columns))),
        rows=tuple(f"row[{number}]" for number in range(len(rows))),
        lower=np.array([lower for lower, _, _ in columns], dtype=np.int64),
        upper=np.array([upper for _, upper, _ in columns], dtype=np.int64),
        choice=np.array([choice for _, _, choice in columns], dtype=np.bool_),
        row_lower=np.array([lower for lower, _, _ in rows], dtype=np.int64),
        row_upper=np.array([upper for _, _, upper in rows], dtype=np.int64),
        at_row=np.array([row for row, _, _ in entries], dtype=np.int64),
        at_column=np.array([at for _, at, _ in entries], dtype=np.int64),
        coefficient=np.array([c for _, _, c in entries], dtype=np.int64),
        objective=np.array(objective, dtype=np.int64),
    )


def knapsack(unit: int = 1) -> Milp:
    """Things of 3, 4, 5, 9 units, worth 4, 5, 6, 10, into 12 units.

    The best is all but the largest: 3 + 4 + 5 = 12, worth 15. Next are 3 + 9, worth 14.
    """
    weights = {0: 3 * unit, 1: 4 * unit, 2: 5 * unit, 3: 9 * unit}
    worth = [-4 * unit, -5 * unit, -6 * unit, -10 * unit]
    return milp([BINARY] * 4, [(-FREE, weights, 12 * unit)], worth)


def market_split(rows: int = 6, columns: int = 50) -> Milp:
    """Split numbers into two halves of equal sums, in six ways at once; pay for what differs.

    A kind of model that branch and bound does not finish: its relaxation says 0 to the end.
    """
    numbers = np.random.default_rng(1).integers(1, 100, (rows, columns))
    terms: list[dict[int, int]] = [dict(enumerate(line)) for line in numbers.tolist()]
    for row, line in enumerate(terms):
        line |= {columns + 2 * row: 1, columns + 2 * row + 1: -1}
    halves = [int(line.sum()) // 2 for line in numbers]
    bounds: list[Column] = [BINARY] * columns + [(0, 10_000, False)] * (2 * rows)
    limits = [(half, line, half) for half, line in zip(halves, terms, strict=True)]
    return milp(bounds, limits, [0] * columns + [1] * (2 * rows))


def least(model: Milp) -> int | None:
    """Find the least objective by trying all choices; ``None`` if there is no solution.

    The amounts must be of the kind that `tiny_milps` makes.
    """
    bounds = zip(model.lower.tolist(), model.upper.tolist(), model.choice.tolist(), strict=True)
    ranges = [range(lower, upper + 1) if choice else (0,) for lower, upper, choice in bounds]
    objectives = [
        int(model.objective @ values)
        for choices in itertools.product(*ranges)
        if model.holds(values := _with_amounts(model, np.array(choices, dtype=np.int64)))
    ]
    return min(objectives, default=None)


def _with_amounts(model: Milp, values: Ints) -> Ints:
    """Set each amount to the least that its row, ``amount - terms >= limit``, asks for."""
    needed = model.row_lower - model.activity(values)
    values = values.copy()
    for row, column in zip(model.at_row.tolist(), model.at_column.tolist(), strict=True):
        if not model.choice[column]:
            values[column] = max(int(values[column]), int(needed[row]))
    return values


@st.composite
def tiny_milps(draw: st.DrawFn, *, scales: Sequence[int] = SCALES) -> Milp:
    """Models of up to five choices, and up to two amounts that follow from them and cost."""
    count = draw(st.integers(1, 5))
    columns = draw(st.lists(_choices(), min_size=count, max_size=count))
    unit = draw(st.sampled_from((1, scales[-1])))
    costs = draw(st.lists(st.integers(-6, 6), min_size=count, max_size=count))
    objective = [unit * cost for cost in costs]
    rows = [draw(_rows(count, scales)) for _ in range(draw(st.integers(0, 4)))]
    for _ in range(draw(st.integers(0, 2))):
        scale = draw(st.sampled_from(scales))
        terms = {**draw(_terms(count, scale)), len(columns): 1}
        rows.append((draw(st.integers(-3, 3)) * scale, terms, FREE))
        columns.append((0, 100 * scale, False))
        objective.append(draw(st.integers(0, 4)))
    return milp(columns, rows, objective)


@st.composite
def _choices(draw: st.DrawFn) -> Column:
    if draw(st.booleans()):
        return BINARY
    lower = draw(st.integers(-2, 1))
    return (lower, lower + draw(st.integers(0, 2)), True)


@st.composite
def _rows(draw: st.DrawFn, count: int, scales: Sequence[int]) -> Row:
    scale = draw(st.sampled_from(scales))
    terms = draw(_terms(count, scale))
    limit = draw(st.integers(-8, 12)) * scale
    width = draw(st.sampled_from((0, 3 * scale, None)))
    if draw(st.booleans()):
        return (limit, terms, FREE if width is None else limit + width)
    return (-FREE if width is None else limit - width, terms, limit)


@st.composite
def _terms(draw: st.DrawFn, count: int, scale: int) -> dict[int, int]:
    coefficients = draw(st.lists(st.integers(-7, 9), min_size=count, max_size=count))
    more = draw(st.sampled_from((0, 0, 1)))  # then they have no common divisor
    return {at: c * scale + more for at, c in enumerate(coefficients) if c}
