from __future__ import annotations

from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.sources import Source, json_of, lines_of, read_source, text_of


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"found no such file or directory, expected a file"):
        read_source(str(tmp_path / "c.json"))


def test_text_that_is_no_utf8_is_told_with_its_line() -> None:
    with pytest.raises(InvalidInput, match=r"f: line 2: found no UTF-8: 0xff, expected text"):
        text_of(Source(path="f", content=b"a\n\xff"))


def test_lines_are_numbered_whichever_way_they_end() -> None:
    assert list(lines_of(Source(path="f", content=b"a\r\nb\n"))) == [(1, "a"), (2, "b"), (3, "")]


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_as_such(content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"f: .*found nothing: it is empty, expected an answer"):
        json_of(Source(path="f", content=content), "an answer")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"a": 1, "a": 1}', "$.a"),
        ('[{"b c": [0, {"size": 1, "size": 2}]}]', "$[0]['b c'][1].size"),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', "$.a"),
        ('[{"a": {"b": 1, "b": 2}, "c": 1, "c": 3}]', "$[0].c"),
        ("[" * 300 + '{"a": 1, "a": 2}' + "]" * 300, "$" + "[0]" * 300 + ".a"),
    ],
)
def test_a_key_that_stands_twice_is_told_with_its_place(content: str, place: str) -> None:
    with pytest.raises(InvalidInput) as error:
        json_of(Source(path="f", content=content.encode()), "an answer")
    assert str(error.value) == f"f: {place}: found this key 2 times, expected each key once"
