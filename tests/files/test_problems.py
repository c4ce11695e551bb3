from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import Problem
from spareplace.files.problems import refusal, shown, step, unknown, within, wrong


@given(st.text() | st.text(st.characters(categories=["Cs", "Cc"])))
def test_any_key_makes_a_step_that_can_be_printed(key: str) -> None:
    assert step(key).isprintable()
    assert len(step(key)) < 100


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists))
def test_whatever_was_found_is_shown_in_one_short_line(value: object) -> None:
    assert shown(value).isprintable()
    assert 0 < len(shown(value)) < 100


def test_a_long_text_is_shown_by_its_start() -> None:
    assert shown("x" * 1000) == "'" + "x" * 79 + "..."


def test_an_unknown_key_comes_with_the_nearest_known_one() -> None:
    assert unknown("dsik", ["name", "disk"]).hint == "did you mean 'disk'?"
    assert unknown("colour", ["name", "disk"]).hint == ""


def test_paths_are_put_together() -> None:
    assert [it.path for it in within("$.vms[3]", [wrong(1, "text", ".name")])] == ["$.vms[3].name"]


@pytest.mark.parametrize("name", ["\n", "\x1b[31m", "\ud800"])
def test_a_path_with_a_name_that_cannot_be_printed_is_escaped(name: str) -> None:
    problem = Problem(path=f"$.vms[0].demand.{name}", found="nothing", expected="something")
    assert str(refusal([problem], "file")).isprintable()


def test_a_reading_that_was_cut_short_says_so_first() -> None:
    problems = [Problem(path=f"$.a[{i}]", found="1", expected="2") for i in range(200)]
    message = str(refusal(problems, "file", cut_short=True)).splitlines()
    assert "read no further" in message[0]
    assert message[-1] == "file: and 101 more problems"
