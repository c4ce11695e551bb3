"""Bytes and amounts: how they are written, and how they are read without losing a digit."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from numbers import Integral

LARGEST = 2**53
"""The largest integer that JSON readers everywhere keep exactly."""

MOST_DECIMALS = 30
"""Digits after the point that an amount may have: a bound on the work, far above any meter."""

EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])
"""Arithmetic on amounts: the default context would round to 28 digits without a word."""

UNITS = {"B": 1} | {
    f"{prefix}{suffix}": base**power
    for suffix, base in (("B", 1000), ("iB", 1024))
    for power, prefix in enumerate("KMGTPE", start=1)
}
UNITS["kB"] = 1000

_WITH_UNIT = re.compile(r"\s*(\d{1,40}(?:\.\d{1,40})?)\s*([A-Za-z]{1,3})\s*", re.ASCII)


def parse_amount(text: str) -> Decimal:
    """Read an amount with a unit, such as ``"128GiB"``.

    Parameters
    ----------
    text
        A decimal number, then ``B``, ``kB``, ``KB``, ``MB`` ... ``EB`` (powers of 1000) or
        ``KiB``, ``MiB`` ... ``EiB`` (powers of 1024).

    Raises
    ------
    ValueError
        If the text is not of that form.

    Examples
    --------
    >>> parse_amount("1.5GB"), parse_amount("40 GiB")
    (Decimal('1500000000'), Decimal('42949672960'))
    """
    match = _WITH_UNIT.fullmatch(text)
    if match is None or match[2] not in UNITS:
        raise ValueError(f"{text!r} is not a number with a unit such as 40GB or 40GiB")
    return canonical(EXACT.multiply(Decimal(match[1]), Decimal(UNITS[match[2]])))


def parse_bytes(text: str) -> int:
    """Read a size with a unit as whole bytes.

    Raises
    ------
    ValueError
        If the text is not of the form that `parse_amount` reads, or not a whole number of bytes.

    Examples
    --------
    >>> parse_bytes("40GB")
    40000000000
    """
    amount = parse_amount(text)
    if amount != amount.to_integral_value():
        raise ValueError(f"{text!r} is {amount:f} bytes, not a whole number of them")
    return int(amount)


def exact_amount(number: object) -> Decimal:
    """Give the decimal that a number is written as, so that 0.1 + 0.2 fits into 0.3.

    Raises
    ------
    ValueError
        If it is negative, not finite, above 2**53, or has more than 30 decimals.

    Examples
    --------
    >>> exact_amount(0.1) + exact_amount(0.2) == exact_amount(0.3)
    True
    """
    if type(number) is int and 0 <= number <= LARGEST:
        return Decimal(number)
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal, Integral)):
        raise ValueError(f"{number!r} is not a number")
    if isinstance(number, float):
        # float.__repr__: the shortest decimal, also for subclasses such as NumPy's float64
        amount = Decimal(float.__repr__(number))
    else:
        amount = number if isinstance(number, Decimal) else Decimal(int(number))
    if not amount.is_finite() or not 0 <= amount <= LARGEST:
        raise ValueError("it is not a finite number from 0 to 2^53")
    amount = canonical(amount)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
        raise ValueError(f"{number!r} has more than {MOST_DECIMALS} decimals")
    return amount


def canonical(amount: Decimal) -> Decimal:
    """Write one value in one way: no trailing zeros, no positive exponent, no negative zero."""
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{amount} is not finite")
    shown = list(digits)
    while exponent < 0 and shown and shown[-1] == 0:
        shown.pop()
        exponent += 1
    if not any(shown):
        return Decimal(0)
    if exponent > 0:
        return Decimal((sign, (*shown, *([0] * exponent)), 0))
    return Decimal((sign, tuple(shown), exponent))


def exact_weight(weight: float) -> Fraction:
    """Give the fraction that a weight is written as: 0.1 is one tenth."""
    return Fraction(repr(float(weight)))


def format_bytes(count: float | Fraction) -> str:
    """Write bytes for a reader, in powers of 1000, with three digits that matter.

    Examples
    --------
    >>> format_bytes(27_500_000_000), format_bytes(0), format_bytes(999)
    ('27.5 GB', '0 B', '999 B')
    """
    size = float(count)
    units = ("B", "kB", "MB", "GB", "TB", "PB")
    power = 0
    while power < len(units) - 1 and float(f"{size:.3g}") >= 1000:
        size, power = size / 1000, power + 1
    shown = f"{size:.3g}" if float(f"{size:.3g}") < 1000 else f"{size:.0f}"
    return f"{shown} {units[power]}"
