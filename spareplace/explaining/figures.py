"""Amounts as numbers to be read: whole where they are, else the nearest float."""

from __future__ import annotations

from decimal import Decimal


def figure(amount: Decimal) -> int | float:
    """Give a number to be read: whole where the amount is, else the nearest float.

    Examples
    --------
    >>> figure(Decimal("40")), figure(Decimal("0.25"))
    (40, 0.25)
    """
    return int(amount) if amount == amount.to_integral_value() else float(amount)
