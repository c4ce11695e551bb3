from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spareplace.cli.columns import LONGEST_NAME, name_shown, table, width


@given(name=st.text())
def test_a_name_is_never_too_wide_and_never_acts(name: str) -> None:
    shown = name_shown(name)
    assert width(shown) <= LONGEST_NAME
    assert shown.isprintable()


@given(name=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=LONGEST_NAME))
def test_a_plain_name_that_is_short_is_shown_as_it_is(name: str) -> None:
    assert name_shown(name) == name


def test_a_long_name_keeps_both_ends() -> None:
    assert name_shown("a" * 50 + "z" * 50, most=11) == "aaaa...zzzz"


def test_a_name_of_a_million_letters_takes_no_time_and_little_room() -> None:
    for letter in ("x", "\u6771", "\u0301", "\x1b"):
        shown = name_shown(letter * 10**6)
        assert len(shown) <= 4 * LONGEST_NAME


def test_wide_letters_are_aligned() -> None:
    rows = table([["\u6771\u4eac", "1"], ["abcde", "20"]], right={1})
    assert rows == ["\u6771\u4eac    1", "abcde  20"]


def test_columns_end_without_blanks() -> None:
    assert table([["name", "why"], ["s1", ""]]) == ["name  why", "s1"]
