"""One rule that a plan breaks, as a value, and amounts written exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

Rule: TypeAlias = Literal[
    "reference",  # every name is one of the cluster
    "complete",  # each failure once, each lost VM once
    "survival",
    "resources",
    "disk",
    "anti-affinity",
    "targets",
    "bounds",  # an extent lies within its diff and is not empty
    "overlap",
    "pieces",
    "stored-limit",
    "transfers",  # exactly what is missing, once, from surviving holders
    "figures",  # every number in the plan is true
]
"""What a plan must keep."""

_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One breach of one rule.

    Parameters
    ----------
    rule
        The rule that is broken.
    item
        The diff, VM, group, resource, failure or field that it is about.
    amount
        By how much it is broken, in the unit of the item: bytes, an amount of the resource, VMs
        too many. 1 where there is only yes or no.
    found, expected
        What the plan says or leads to, and what the rule asks for.
    failure
        The failure in which it is broken, or ``None`` if it is broken without any.
    server
        The server on which it is broken, or ``None`` if it is not about one.
    """

    rule: Rule
    item: str
    amount: Decimal | int
    found: str
    expected: str
    failure: str | None = None
    server: str | None = None

    def __str__(self) -> str:
        when = f" in failure {self.failure!r}" if self.failure is not None else ""
        where = f" on server {self.server!r}" if self.server is not None else ""
        return (
            f"{self.rule}{when}{where}: {self.item!r}: found {self.found}, expected {self.expected}"
        )


def exact_decimal(number: Fraction) -> Decimal:
    """Write a fraction whose decimals end, with every digit, whatever the caller's context.

    Examples
    --------
    >>> exact_decimal(Fraction(3, 10))
    Decimal('0.3')
    """
    # No sum of amounts and no difference of two floats has as many digits.
    return Context(prec=1500).divide(Decimal(number.numerator), Decimal(number.denominator))


def a_few(names: list[str]) -> str:
    """List names for a sentence, the first ones if there are many."""
    shown = ", ".join(repr(name) for name in names[:_NAMES_SHOWN])
    more = len(names) - _NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
