"""Something to be made least, in integers that every solver can count."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from spareplace.milp.draft import Draft
from spareplace.milp.model import Ints

LONGEST = 2**60
"""The largest sum that every solver still counts in 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """Something to be made least.

    Parameters
    ----------
    name
        ``"unprotected"``, ``"stuck"`` (bytes to which a rate of 0 is the way), ``"worst"``,
        ``"time"``, ``"transfer"``, ``"moved"`` or ``"stored"``.
    coefficients
        Integers for the columns.
    unit
        What the integer 1 stands for, in bytes (or VMs).
    exact
        Whether value = unit x integer; else the integer, times the unit, is not above the value.
    """

    name: str
    coefficients: Ints
    unit: Fraction
    exact: bool


def objective_of(draft: Draft, name: str, costs: list[tuple[int, Fraction]]) -> Objective:
    """Scale costs to integers: by their greatest common divisor, or down to what fits."""
    costs = [(column, cost) for column, cost in costs if cost]
    unit = _common(cost for _, cost in costs)
    longest = sum((cost * draft.upper[column] for column, cost in costs), start=Fraction(0))
    exact = longest / unit <= LONGEST
    if not exact:
        unit = longest / LONGEST
    terms = [(column, math.floor(cost / unit)) for column, cost in costs]
    return Objective(name=name, coefficients=draft.vector(terms), unit=unit, exact=exact)


def _common(costs: Iterable[Fraction]) -> Fraction:
    """Give the greatest number of which every cost is a multiple; 1 if there are none."""
    above, below = 0, 1
    for cost in set(costs):
        below_new = math.lcm(below, cost.denominator)
        above = math.gcd(
            above * (below_new // below), cost.numerator * (below_new // cost.denominator)
        )
        below = below_new
    return Fraction(above, below) if above else Fraction(1)
