from __future__ import annotations

import contextlib
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import InvalidInput, Problem
from spareplace.files.json_text import LARGEST_FILE, Repeating, parse_json


def only_problem(text: bytes | str) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        parse_json(text)
    (problem,) = caught.value.problems
    assert problem.path == "$"
    return problem


def test_no_digit_of_a_number_is_lost() -> None:
    assert parse_json(b"0.1234567890123456789012345678901234567890") == Decimal(
        "0.1234567890123456789012345678901234567890"
    )


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]
    assert parse_json("\ufeff[1]") == [1]


@pytest.mark.parametrize("text", [b"", b" \r\n", "", "\ufeff"])
def test_an_empty_file_is_called_empty(text: bytes | str) -> None:
    assert "empty" in only_problem(text).found


def test_a_syntax_error_names_line_and_column() -> None:
    problem = only_problem(b'{"a": 1,\n "b": x}')
    assert "line 2, column 7" in problem.found
    assert not problem.hint


@pytest.mark.parametrize("text", ['{"a": [1,', '{"a": "b', '{"a": 1\n', '{"a"'])
def test_a_truncated_file_is_said_to_be_cut_off(text: str) -> None:
    assert "cut off" in only_problem(text).hint


def test_bytes_that_are_not_utf8_are_named_with_their_place() -> None:
    problem = only_problem(b'{\n "\xff": 1}')
    assert "line 2, byte 3: 0xff" in problem.found


def test_utf16_is_recognized() -> None:
    assert "UTF-16" in only_problem('{"a": 1}'.encode("utf-16")).hint


def test_one_byte_too_many_is_refused_unread() -> None:
    assert "67,108,864" in only_problem(b"\0" * (LARGEST_FILE + 1)).found


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_a_nesting_bomb_is_refused(text: str) -> None:
    assert "nested" in only_problem(text).found


@pytest.mark.parametrize(
    "digits", ["9" * 100_000, "-" + "1" * 5000, "0." + "1" * 100_000, "1e999999999", "1e-999999999"]
)
def test_a_number_of_any_length_is_read_without_being_expanded(digits: str) -> None:
    number = parse_json(digits)
    assert isinstance(number, Decimal)
    assert number == Decimal(digits)


def test_the_limit_of_python_on_the_digits_of_an_int_is_never_met() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert parse_json("9" * 641) == Decimal("9" * 641)
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("digits", ["1e99999999999999999999", "-1e-99999999999999999999"])
def test_an_exponent_that_no_decimal_can_have_gives_no_number(digits: str) -> None:
    number = parse_json(digits)
    assert isinstance(number, Decimal)
    assert number.is_nan()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_for_numbers_that_are_no_json_are_kept_to_be_refused_where_they_stand(
    word: str,
) -> None:
    number = parse_json(word)
    assert isinstance(number, Decimal)
    assert not number.is_finite()


def test_repeated_keys_are_counted() -> None:
    document = parse_json('{"a": 1, "b": {"c": 1, "c": 2, "c": 3}, "a": 4}')
    assert isinstance(document, Repeating)
    assert document.times == {"a": 2}
    inner = document["b"]
    assert isinstance(inner, Repeating)
    assert inner == {"c": 3}
    assert inner.times == {"c": 3}


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: bytes | str) -> None:
    with contextlib.suppress(InvalidInput):
        parse_json(text)
