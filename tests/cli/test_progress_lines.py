from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cli.progress_lines import HowFar, Lines

KEYS = {
    *("format", "command", "seconds", "last", "objective", "incumbent", "bound", "gap"),
    *("method", "at", "done", "total"),
}


def _lines(form: str, told: list[tuple[float, HowFar]]) -> list[str]:
    now = [0.0]
    lines = Lines("json" if form == "json" else "plain", "plan", lambda: now[0])
    written = []
    for seconds, far in told:
        now[0] = seconds
        written.append(lines.told(far))
    written.append(lines.ended(None))
    return [line for line in written if line is not None]


def test_a_line_of_json_comes_each_second_and_with_every_better_plan_or_bound() -> None:
    told = [
        (0.0, HowFar(text="", bound=0.0)),
        (0.1, HowFar(text="", bound=0.0)),  # nothing new
        (0.2, HowFar(text="", bound=0.0, incumbent=9.0)),
        (0.3, HowFar(text="", bound=2.0, incumbent=9.0)),
        (0.9, HowFar(text="", bound=2.0, incumbent=9.0)),
        (1.3, HowFar(text="", bound=2.0, incumbent=9.0)),  # a second after the one before
        (1.4, HowFar(text="", bound=2.0, incumbent=9.0)),
    ]
    read = [json.loads(line) for line in _lines("json", told)]
    assert [line["seconds"] for line in read] == [0.0, 0.2, 0.3, 1.3, 1.4]
    assert [line["last"] for line in read] == [False] * 4 + [True]
    assert all(line.keys() == KEYS for line in read)


def test_work_that_told_nothing_has_no_last_line_and_plain_lines_have_none_at_all() -> None:
    assert _lines("json", []) == []
    assert _lines("plain", [(0.0, HowFar(text="a")), (9.9, HowFar(text="b"))]) == []
    assert _lines("plain", [(10.0, HowFar(text="a"))]) == ["a"]


FIGURES = st.none() | st.floats(allow_nan=False, allow_infinity=False, min_value=0)

FAR = st.builds(
    HowFar, text=st.text(), incumbent=FIGURES, bound=FIGURES, at=st.none() | st.text(max_size=4)
)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 100), FAR), max_size=8))
def test_every_line_is_one_line_of_ascii_that_parses_and_time_does_not_go_back(
    told: list[tuple[float, HowFar]],
) -> None:
    told.sort(key=lambda one: one[0])
    lines = _lines("json", told)
    assert all(line.isascii() and "\n" not in line for line in lines)
    read = [json.loads(line) for line in lines]
    seconds = [line["seconds"] for line in read]
    assert seconds == sorted(seconds)
    assert [line["last"] for line in read[-1:]] == [True] * bool(told)


def test_a_number_that_json_lacks_is_a_defect() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        _lines("json", [(0.0, HowFar(text="", bound=float("inf")))])
