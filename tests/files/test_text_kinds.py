from __future__ import annotations

import pytest

from spareplace.errors import InvalidInput
from spareplace.files.shapes import Kind
from spareplace.files.text_kinds import (
    FLAG,
    MOST_NAMES,
    NAME,
    NAMES,
    SOME_NAMES,
    TEXT,
    maybe,
    one_of,
)


def refused_paths(kind: Kind, value: object) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        kind.read(value)
    return [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize("name", ["a", "日本", "🦆", "\u202e", "a\nb"])
def test_a_name_may_be_any_text(name: str) -> None:
    assert NAME.read(name) == name


@pytest.mark.parametrize("value", ["", None, 1, True, [], {}, ["a"], "\ud800"])
def test_what_is_no_name_is_refused(value: object) -> None:
    assert refused_paths(NAME, value) == [""]


def test_text_may_be_empty() -> None:
    assert TEXT.read("") == ""
    assert refused_paths(TEXT, "a\udfff") == [""]
    assert refused_paths(TEXT, None) == [""]


def test_only_true_and_false_are_flags() -> None:
    assert FLAG.read(True) is True
    assert [refused_paths(FLAG, value) for value in (0, 1, "true", None)] == [[""]] * 4


def test_a_list_of_names_tells_each_that_is_no_text() -> None:
    assert NAMES.read(["a", "b"]) == ("a", "b")
    assert refused_paths(NAMES, ["a", 1, "b", None]) == ["[1]", "[3]"]
    assert refused_paths(SOME_NAMES, "ab") == [""]


def test_a_list_of_names_has_a_limit() -> None:
    assert len(NAMES.read(["a"] * MOST_NAMES)) == MOST_NAMES  # type: ignore[arg-type]
    assert refused_paths(NAMES, ["a"] * (MOST_NAMES + 1)) == [""]


def test_null_is_allowed_only_where_it_is_said() -> None:
    assert maybe(NAME).read(None) is None
    assert maybe(NAME).read("a") == "a"
    assert refused_paths(maybe(NAME), 1) == [""]


def test_one_of_some_texts_suggests_the_nearest() -> None:
    kind = one_of("optimal", "feasible")
    assert kind.read("feasible") == "feasible"
    with pytest.raises(InvalidInput, match="did you mean 'feasible'"):
        kind.read("feasable")
    assert refused_paths(kind, None) == [""]
    assert refused_paths(kind, []) == [""]
