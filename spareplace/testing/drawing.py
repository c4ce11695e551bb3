"""What all strategies draw: one of some values, some of them, bytes, amounts.

Plain functions over few strategies, which Hypothesis keeps: made anew for every value, they would
take most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.fields import Amount

_Value = TypeVar("_Value")

EVEN = st.booleans()


def one_of(draw: DrawFn, values: Sequence[_Value]) -> _Value:
    """Draw one value; the first is the simplest."""
    return values[draw(st.integers(0, len(values) - 1))]


def some_of(draw: DrawFn, values: Sequence[_Value], least: int = 0) -> tuple[_Value, ...]:
    """Draw any of the values, in their order, at least 0 or 1 of them."""
    chosen = tuple(value for value in values if draw(EVEN))
    return chosen if len(chosen) >= least else (one_of(draw, values),)


def few_of(draw: DrawFn, values: Sequence[_Value]) -> tuple[_Value, ...]:
    """Draw one or two of the values, sometimes more."""
    if one_of(draw, (True, True, True, False)):
        return tuple(dict.fromkeys((one_of(draw, values), one_of(draw, values))))
    return some_of(draw, values, least=1)


def bytes_of(draw: DrawFn, unit: int, least: int, most: int, *, odd: bool) -> int:
    """Draw a number of units; one that is odd may have a byte more."""
    return draw(st.integers(least, most)) * unit + (odd and draw(st.integers(0, 1)))


def amount_of(draw: DrawFn, most: int, *, decimals: bool) -> Amount:
    """Draw an amount of a resource; with decimals, also in tenths, as a float or a decimal."""
    whole = draw(st.integers(0, most))
    if not decimals or draw(EVEN):
        return whole
    tenths = Decimal(10 * whole + draw(st.integers(0, 9))) / 10
    return tenths if draw(EVEN) else float(tenths)
