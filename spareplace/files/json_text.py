"""Turning bytes that nobody has looked at into plain JSON values, in bounded time and memory.

Numbers with a point or an exponent become `Decimal`, so that no digit is lost; so do integers
too long to be anyone's size, since making an `int` of them takes quadratic time. ``NaN`` and
``Infinity``, which are no JSON, become decimals too and are refused where they stand.
"""

from __future__ import annotations

import codecs
import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import NoReturn

from spareplace.errors import InvalidInput, Problem

LARGEST_FILE = 64 * 2**20
"""Bytes of the largest file that is read: some 500,000 objects."""

_LONGEST_INT = 40


class Repeating(dict[str, object]):
    """An object that has some keys more than once; it keeps the last value of each.

    Parameters
    ----------
    pairs
        Its keys and values as they stand in the text.
    """

    __slots__ = ("times",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.times = {key: count for key, count in counts.items() if count > 1}


def parse_json(text: bytes | str, repeating: list[Repeating] | None = None) -> object:
    """Read JSON text; an object with repeated keys becomes a `Repeating`.

    Parameters
    ----------
    text
        At most `LARGEST_FILE` bytes of UTF-8, or as many characters. A byte order mark at the
        start is skipped, since some editors write one.
    repeating
        Gets every `Repeating` that is made: without any, nobody has to look for them.

    Raises
    ------
    InvalidInput
        If it is too long, not UTF-8, not JSON, or nested too deeply to be read.

    Examples
    --------
    >>> parse_json(b'{"cpu": [0.10, 2]}')
    {'cpu': [Decimal('0.10'), 2]}
    """
    if len(text) > LARGEST_FILE:
        limit = f"at most {LARGEST_FILE:,} ({LARGEST_FILE // 2**20} MiB)"
        _refuse(f"more than {LARGEST_FILE:,} bytes", limit)
    letters = text if isinstance(text, str) else _decoded(text)
    letters = letters.removeprefix("\ufeff")
    if not letters or letters.isspace():
        _refuse("nothing: it is empty", "a JSON object")
    try:
        parsed: object = json.loads(
            letters,
            object_pairs_hook=partial(_object, [] if repeating is None else repeating),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=Decimal,
        )
    except json.JSONDecodeError as error:
        _refuse_syntax(error)
    except RecursionError:
        _refuse("lists or objects nested too deeply", "a few levels of nesting")
    return parsed


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        column = error.start - text.rfind(b"\n", 0, error.start)
        wide = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        _refuse(
            f"no UTF-8 at line {line}, byte {column}: 0x{text[error.start]:02x}",
            "text in UTF-8",
            "it looks like UTF-16: save it as UTF-8" if wide else "",
        )


def _refuse_syntax(error: json.JSONDecodeError) -> NoReturn:
    cut_off = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
    _refuse(
        f"a syntax error at line {error.lineno}, column {error.colno}: {error.msg}",
        "JSON",
        "the text ends too early: was it cut off?" if cut_off else "",
    )


def _refuse(found: str, expected: str, hint: str = "") -> NoReturn:
    problem = Problem(path="$", found=found, expected=expected, hint=hint)
    raise InvalidInput([problem]) from None


def _object(repeating: list[Repeating], pairs: list[tuple[str, object]]) -> dict[str, object]:
    once = dict(pairs)
    if len(once) == len(pairs):
        return once
    repeating.append(several := Repeating(pairs))
    return several


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _LONGEST_INT else Decimal(digits)


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent of 19 digits or more
        return Decimal("NaN")
