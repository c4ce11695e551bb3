from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from spareplace.cli.printing import echo, one_line, printable


@given(text=st.text())
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    assert one_line(text).isprintable()
    assert printable(text).replace("\n", "").isprintable()


@given(text=st.text(st.characters(categories=["L", "N", "P"])))
def test_letters_of_every_script_stay(text: str) -> None:
    assert one_line(text) == text


def test_colours_and_turned_text_are_escaped() -> None:
    assert one_line("a\x1b[31mb\r\n\u202ec\x9b") == "a\\x1b[31mb\\r\\n\\u202ec\\x9b"


def test_line_breaks_stay_where_they_may() -> None:
    assert printable("a\nb\tc") == "a\nb\\tc"


def test_letters_that_the_encoding_lacks_are_escaped() -> None:
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding="latin-1")
    echo("d\u00e9r \u6771 \udcff", stream)
    assert content.getvalue() == b"d\xe9r \\u6771 \\udcff\n"


def test_a_closed_stream_takes_nothing() -> None:
    echo("text", None)
