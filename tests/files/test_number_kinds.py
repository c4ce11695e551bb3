from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.files.json_text import parse_json
from spareplace.files.number_kinds import (
    AMOUNTS,
    BYTES,
    DEFINITIONS,
    INTEGER,
    NUMBER,
    TRAFFIC,
    WEIGHT,
)
from spareplace.files.shapes import Kind
from spareplace.units import LARGEST, parse_amount

NO_NUMBERS = [
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[1]",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999999",
]
NEGATIVE = ["-1", "-0.5", "-1e-30", "-9007199254740993"]
TOO_LARGE = ["9007199254740993", "9" * 5000]


def refused_paths(kind: Kind, text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        kind.read(parse_json(text))
    return [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize("text", NO_NUMBERS + NEGATIVE + TOO_LARGE)
def test_what_is_no_number_in_range_is_refused_everywhere(text: str) -> None:
    for kind in (BYTES, TRAFFIC, NUMBER, WEIGHT):
        assert refused_paths(kind, text) == [""]
    assert refused_paths(AMOUNTS, f'{{"cpu": {text}}}') == [".cpu"]


@pytest.mark.parametrize(
    "text", [*NO_NUMBERS, *TOO_LARGE, "1.5", "1.0", '"1"', "-9007199254740993"]
)
def test_an_integer_is_an_integer(text: str) -> None:
    assert refused_paths(INTEGER, text) == [""]


def test_integers_up_to_the_limit_are_read() -> None:
    assert INTEGER.read(-LARGEST) == -LARGEST
    assert BYTES.read(LARGEST) == TRAFFIC.read(LARGEST) == LARGEST
    assert NUMBER.read(LARGEST) == 2.0**53


@pytest.mark.parametrize("text", ["1.5", "1.0", "4e10", '"40"', '"40 gb"', '"-1B"', '"1.5B"', '""'])
def test_bytes_are_whole_numbers_or_text_with_a_unit(text: str) -> None:
    assert refused_paths(BYTES, text) == [""]


def test_only_traffic_may_be_above_the_limit_and_only_as_text() -> None:
    assert TRAFFIC.read("9007199254740993B") == 2**53 + 1
    assert refused_paths(BYTES, '"9007199254740993B"') == [""]


def test_amounts_keep_every_digit() -> None:
    document = parse_json('{"a": 0.123456789012345678901234567890, "b": "1.5 GiB", "c": 2.50}')
    assert AMOUNTS.read(document) == {
        "a": Decimal("0.123456789012345678901234567890"),
        "b": Decimal(3 * 2**29),
        "c": Decimal("2.5"),
    }


def test_every_amount_that_is_wrong_is_told() -> None:
    assert refused_paths(AMOUNTS, '{"a": -1, "b": 2, "c d": null, "": 1, "e": 1, "e": 2}') == [
        ".e",
        ".a",
        "['c d']",
        "['']",
    ]
    assert refused_paths(AMOUNTS, "[1]") == [""]


def test_a_text_with_a_unit_is_refused_as_a_plain_number() -> None:
    assert refused_paths(NUMBER, '"1B"') == [""]
    assert refused_paths(WEIGHT, '"1B"') == [""]


def test_zero_has_no_sign() -> None:
    assert str(NUMBER.read(Decimal("-0.0"))) == "0.0"


@given(st.floats(0, allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_it_was_written(number: float) -> None:
    assert NUMBER.read(parse_json(repr(number))) == number


@given(st.from_regex(str(DEFINITIONS["amount"]["anyOf"][1]["pattern"])))  # type: ignore[call-overload,index]
def test_every_text_that_the_schema_allows_is_an_amount(text: str) -> None:
    assert parse_amount(text) >= 0


@given(st.text(st.sampled_from("0123456789. kKMGiB\n"), max_size=8))
def test_every_amount_is_allowed_by_the_schema(text: str) -> None:
    pattern = str(DEFINITIONS["amount"]["anyOf"][1]["pattern"])  # type: ignore[call-overload,index]
    try:
        parse_amount(text)
    except ValueError:
        assert re.search(pattern, text) is None
    else:
        assert re.search(pattern, text) is not None
