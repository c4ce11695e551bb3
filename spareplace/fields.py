"""How the fields of a value are checked when it is made: every problem is listed, then refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from spareplace.errors import InvalidInput, Problem
from spareplace.units import LARGEST, exact_amount

Amount: TypeAlias = int | float | Decimal
"""A number of a resource. It is kept as the `Decimal` that it is written as."""


def complain(bad: list[Problem], key: str, found: object, expected: str) -> None:
    """Add a problem to a list."""
    bad.append(Problem(path=key, found=shown(found), expected=expected))


def shown(found: object) -> str:
    """Show a value of any length."""
    try:
        return repr(found)[:80]
    except ValueError:  # Python refuses to write integers of thousands of digits
        return "an integer of thousands of digits"


def refuse(bad: Sequence[Problem], kind: str, name: object) -> None:
    """Raise what was found, if anything was."""
    if bad:
        raise InvalidInput(bad, source=f"{kind} {shown(name)}")


def check_name(bad: list[Problem], key: str, name: object) -> None:
    """Expect text that is not empty and can be written."""
    if not isinstance(name, str) or not name:
        complain(bad, key, name, "a name: text that is not empty")
    elif not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
        complain(bad, key, name, "a name of valid Unicode text")


def check_bytes(bad: list[Problem], key: str, count: object) -> None:
    """Expect an integer of bytes."""
    if type(count) is not int or not 0 <= count <= LARGEST:
        complain(bad, key, count, "whole bytes from 0 to 2^53")


def check_flag(bad: list[Problem], key: str, flag: object) -> None:
    """Expect a truth value."""
    if not isinstance(flag, bool):
        complain(bad, key, flag, "true or false")


def names_of(bad: list[Problem], key: str, names: Iterable[str], least: int = 0) -> tuple[str, ...]:
    """Give a list of names as a tuple; expect each name once."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        complain(bad, key, names, "a list of names")
        return ()
    kept = tuple(names)
    if len(kept) < least:
        complain(bad, key, list(kept), "at least one name")
    seen: set[str] = set()
    for position, name in enumerate(kept):
        before = len(bad)
        check_name(bad, f"{key}[{position}]", name)
        if len(bad) == before and name in seen:
            complain(bad, f"{key}[{position}]", name, "each name once")
        elif len(bad) == before:
            seen.add(name)
    return kept


def amounts_of(bad: list[Problem], key: str, amounts: object) -> Mapping[str, Amount]:
    """Give amounts by resource as exact decimals."""
    kept: dict[str, Amount] = {}
    if not isinstance(amounts, Mapping):
        complain(bad, key, amounts, "a mapping from resources to amounts")
        return kept
    for resource, amount in amounts.items():
        check_name(bad, f"{key} key", resource)
        try:
            kept[resource] = exact_amount(amount)
        except ValueError:
            complain(bad, f"{key}.{resource}", amount, "a number from 0 to 2^53")
    return kept


def weight_of(bad: list[Problem], key: str, weight: object) -> float:
    """Give a weight as a float; expect it to be finite and not negative."""
    if isinstance(weight, (int, float, Decimal)) and not isinstance(weight, bool):
        try:
            if math.isfinite(weight) and 0 <= weight <= LARGEST:
                return float(weight)
        except OverflowError:  # an integer beyond all floats
            pass
    complain(bad, key, weight, "a number from 0 to 2^53")
    return 0.0
