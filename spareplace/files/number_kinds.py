"""The kinds of values that are numbers: sizes and amounts may be text with a unit instead.

Values are checked here, although the parts of a cluster do so too: a plan does not, and what is
told must show the number as it stands in the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from spareplace.canonical import JSON
from spareplace.errors import InvalidInput
from spareplace.files.problems import refused, repeated, step, within
from spareplace.files.shapes import Kind
from spareplace.files.text_kinds import MOST_NAMES, NAME
from spareplace.units import (
    EXACT,
    LARGEST,
    MOST_DECIMALS,
    UNITS,
    exact_amount,
    parse_amount,
    parse_bytes,
)

_SPACE = r"[ \t\n\r\f\v]*"
_UNIT = "|".join(sorted(UNITS))
_PATTERN = rf"^{_SPACE}[0-9]{{1,40}}(\.[0-9]{{1,40}})?{_SPACE}({_UNIT}){_SPACE}$"
_LONGEST_KEPT = 50

Number = TypeVar("Number", int, Decimal)


def _integer(value: object) -> int:
    if type(value) is not int or abs(value) > LARGEST:
        raise refused(value, INTEGER.expected)
    return value


def _kept(parse: Callable[[str], Number]) -> Callable[[str], Number]:
    """Remember what the texts with units were worth: there are few different ones in a file."""
    remembered = lru_cache(maxsize=4096)(parse)

    def parsed(text: str) -> Number:
        return remembered(text) if len(text) <= _LONGEST_KEPT else parse(text)

    return parsed


_bytes_of = _kept(parse_bytes)
_amount_of = _kept(parse_amount)
_exact_integer = lru_cache(maxsize=4096)(exact_amount)


def _traffic(value: object) -> int:
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    if type(value) is str:
        try:
            return _bytes_of(value)
        except ValueError:
            pass
    raise refused(value, _BYTES)


def _bytes(value: object) -> int:
    count = _traffic(value)
    if count > LARGEST:
        raise refused(value, _BYTES)
    return count


def _number(value: object) -> float:
    if type(value) is int and 0 <= value <= LARGEST:
        return float(value)
    if type(value) is Decimal and value.is_finite() and value >= 0:
        near = abs(float(value))  # zero has no sign
        if math.isfinite(near):
            return near
    raise refused(value, NUMBER.expected)


def _exact(value: object) -> Decimal:
    """Read a number as the parts of a cluster will, but without expanding ``1e999999999``."""
    if type(value) is int:
        return _exact_integer(value)
    if type(value) is Decimal and value.is_finite():
        return exact_amount(EXACT.plus(value))
    raise ValueError


def _weight(value: object) -> Decimal:
    try:
        return _exact(value)
    except (ValueError, ArithmeticError):
        raise refused(value, _WEIGHT) from None


def _amount(value: object) -> Decimal:
    try:
        return _amount_of(value) if isinstance(value, str) else _exact(value)
    except (ValueError, ArithmeticError):
        raise refused(value, _AMOUNT) from None


def _amounts(value: object) -> dict[str, Decimal]:
    if not isinstance(value, dict):
        raise refused(value, AMOUNTS.expected)
    if len(value) > MOST_NAMES:
        raise refused(value, f"at most {MOST_NAMES:,} resources")
    amounts: dict[str, Decimal] = {}
    bad = repeated(value)
    for resource, amount in value.items():
        try:
            NAME.read(resource)
            amounts[resource] = _amount(amount)
        except InvalidInput as error:
            bad += within(step(resource), error.problems)
    if bad:
        raise InvalidInput(bad)
    return amounts


_MEASURE: dict[str, JSON] = {"type": "number", "minimum": 0, "maximum": LARGEST}
_WITH_UNIT: dict[str, JSON] = {"type": "string", "pattern": _PATTERN}

DEFINITIONS: Mapping[str, dict[str, JSON]] = {
    "bytes": {
        "description": "Whole bytes; as text with a unit, such as 40GB or 40GiB, if so wished.",
        "anyOf": [{"type": "integer", "minimum": 0, "maximum": LARGEST}, _WITH_UNIT],
    },
    "amount": {
        "description": "How much of a resource; as text with a unit, such as 128GiB, if so wished.",
        "anyOf": [_MEASURE, _WITH_UNIT],
    },
}
"""The schemas that others refer to, by name."""

_WEIGHT = f"a number from 0 to 2^53 with at most {MOST_DECIMALS} decimals"
_AMOUNT = f'{_WEIGHT}, or text such as "40GB" or "40GiB"'
_BYTES = 'whole bytes from 0 to 2^53, or text such as "40GB" or "40GiB"'
_BYTES_SCHEMA: Mapping[str, JSON] = {"$ref": "#/$defs/bytes"}

INTEGER = Kind(
    read=_integer,
    expected="an integer of at most 2^53 either way",
    schema={"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
)
BYTES = Kind(read=_bytes, expected=_BYTES, schema=_BYTES_SCHEMA)
TRAFFIC = Kind(read=_traffic, expected=_BYTES, schema=_BYTES_SCHEMA)
"""A sum of bytes, which may be above 2^53; it is written as text then, never as a number."""

NUMBER = Kind(
    read=_number, expected="a finite number from 0", schema={"type": "number", "minimum": 0}
)
WEIGHT = Kind(read=_weight, expected=_WEIGHT, schema=_MEASURE)
AMOUNTS = Kind(
    read=_amounts,
    expected="an object of resources and their amounts",
    schema={
        "type": "object",
        "propertyNames": {"minLength": 1},
        "maxProperties": MOST_NAMES,
        "additionalProperties": {"$ref": "#/$defs/amount"},
    },
)
