from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.reporting.markup import Markup, joined, name_of, shown, tag
from tests.reporting.pages import read_page


@settings(max_examples=100)
@given(text=st.text())
def test_text_stays_text(text: str) -> None:
    page = read_page(tag("p", text, title=text))
    assert [name for name, _ in page.elements] == ["p"]
    if "\x00" not in text and "\r" not in text:  # which browsers read as other letters
        assert page.text == text
        assert page.elements[0][1] == {"title": text}


@settings(max_examples=100)
@given(name=st.text(min_size=1))
def test_a_name_that_is_shown_prints_and_is_not_long(name: str) -> None:
    assert shown(name).isprintable()
    assert len(shown(name, most=10)) <= 11 * 10  # a letter is spelled out in ten at most


def test_markup_is_not_escaped_again() -> None:
    assert tag("b", tag("i", "<")) == "<b><i>&lt;</i></b>"
    assert joined([None, "&", 7, Markup("<br>"), ["a", ("b",)]]) == "&amp;7<br>ab"


def test_attributes_are_left_out_set_or_bare() -> None:
    made = tag("input", class_="a", aria_label="b", hidden=True, disabled=False, value=None, size=0)
    assert made == '<input class="a" aria-label="b" hidden size="0">'


def test_a_name_turns_nothing_around_it() -> None:
    assert name_of("a\u202eb") == r"<bdi>a\u202eb</bdi>"
