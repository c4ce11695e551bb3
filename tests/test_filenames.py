from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from spareplace.filenames import file_name

NAMES = st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"]))


@given(name=NAMES)
def test_no_tool_and_no_shell_reads_anything_into_a_file_name(name: str) -> None:
    made = file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_%][A-Za-z0-9_%.-]*", made)
    assert len(made) <= 180


@given(names=st.lists(NAMES, unique=True, max_size=20))
def test_two_names_never_give_one_file(names: list[str]) -> None:
    assert len({file_name(name) for name in names}) == len(names)


def test_names_that_are_nearly_alike_give_different_files() -> None:
    names = ["a b", "a%20b", "a%2520b", ".", "..", "%2E", "%2E.", "-", "x" * 200, "x" * 201]
    assert len({file_name(name) for name in names}) == len(names)


def test_plain_names_stay_as_they_are() -> None:
    assert file_name("web-01.example_2") == "web-01.example_2"


def test_a_long_name_is_cut_between_letters() -> None:
    made = file_name("é" * 100)
    assert re.fullmatch(r"(%C3%A9){13}%%[0-9a-f]{64}|(%C3%A9)+(%C3)?%%[0-9a-f]{64}", made)
