"""Read CBC's log, where its solutions have too few digits and PuLP 3 gives no bound."""

from __future__ import annotations

import contextlib
import math

DIGITS = 1e-5
"""The share of a bound that six digits may hide."""

DECIMALS = 1e-3
"""What three decimals may hide: older versions log the bound so."""


def objective(log: str) -> float:
    r"""Give the objective, with all digits; ``-inf`` if there is none.

    Of what it has proven optimal CBC logs no bound, but without a gap the objective is one.

    Examples
    --------
    >>> objective("Result - Optimal solution found\n\nObjective value:         28.12500000\n")
    28.125
    """
    return _last(log, "Objective value:")


def bound(log: str) -> float:
    r"""Give the lower bound, made safe for its few digits; ``-inf`` if there is none.

    Examples
    --------
    >>> bound("Result - Stopped on time limit\n\nLower bound:                    9e+06\n")
    8999909.999
    """
    value = _last(log, "Lower bound:")
    return value - DECIMALS - DIGITS * abs(value)


def _last(log: str, title: str) -> float:
    for line in reversed(log.splitlines()):
        if line.startswith(title):
            with contextlib.suppress(ValueError):
                return float(line.removeprefix(title))
    return -math.inf
