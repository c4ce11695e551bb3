from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.best_known import Contradiction, Known, improved, load, save
from benchmarks.measurement import Measurement
from tests.benchmarks.rows import made


def figures(known: Mapping[str, Known]) -> tuple[float | None, float | None]:
    entry = known["6x5-tight-1"]
    return (
        entry.expected.bytes if entry.expected else None,
        entry.bound.bytes if entry.bound else None,
    )


@given(st.lists(st.tuples(st.integers(50, 99), st.integers(0, 49)), min_size=1, max_size=6))
def test_values_only_fall_and_bounds_only_rise(pairs: list[tuple[int, int]]) -> None:
    known: dict[str, Known] = {}
    for expected, bound in pairs:
        known = improved(known, made(expected=float(expected), bound=float(bound)))
    assert figures(known) == (min(value for value, _ in pairs), max(bound for _, bound in pairs))


def test_how_it_was_got_stays_with_the_first_of_two_alike() -> None:
    known = improved(improved({}, made(method="auto")), made(method="milp"))
    entry = known["6x5-tight-1"]
    assert entry.expected is not None
    assert entry.expected.method == "auto"


@pytest.mark.parametrize(
    "useless", [made(violations=1), made(ended="no plan", expected=None, bound=None)]
)
def test_what_breaks_a_rule_or_has_no_plan_is_not_known(useless: Measurement) -> None:
    assert improved({}, useless) == {}


def test_a_bound_above_a_value_is_refused() -> None:
    known = improved({}, made(expected=50.0, bound=40.0))
    with pytest.raises(Contradiction, match=r"bound 60\.0 of auto is above the value 50\.0"):
        improved(known, made(expected=70.0, bound=60.0))


def test_what_is_saved_is_loaded_back(tmp_path: Path) -> None:
    known = improved({}, made(solver=None))
    save(known, tmp_path / "best.json")
    assert load(tmp_path / "best.json") == known
    assert load(tmp_path / "none.json") == {}
