from __future__ import annotations

import pytest

from benchmarks.measurement import read, written
from tests.benchmarks.rows import CURVE, GB, made


def test_a_row_that_is_written_is_read_back_equal() -> None:
    row = made(curve=CURVE, solver="cp-sat 9.15", status="feasible")
    assert read(written(row)) == row


def test_a_row_from_before_solvers_were_compared_is_one_of_the_solver_of_then() -> None:
    row = made()
    assert read(written(row).replace(', "solver": "cp-sat"', "")) == row
    assert '"solver": "cp-sat"' in written(row)


def test_a_line_that_is_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="not there"):
        read('{"case": "6x5"}')
    with pytest.raises(ValueError, match="line 1"):
        read(written(made())[:100])


def test_the_curve_tells_the_first_plan_and_when_it_was_near_the_last_one() -> None:
    outcome = made(curve=CURVE).outcome
    assert (outcome.first_seconds, outcome.near_seconds) == (0.5, 7.0)


def test_a_plan_that_came_with_the_answer_alone_came_at_the_end() -> None:
    outcome = made(plan_seconds=0.02).outcome
    assert (outcome.first_seconds, outcome.near_seconds) == (0.02, 0.02)


def test_what_has_no_plan_has_no_times() -> None:
    outcome = made(ended="no plan", expected=None, bound=None, curve=CURVE[:1]).outcome
    assert (outcome.first_seconds, outcome.near_seconds, outcome.gap) == (None, None, None)


def test_the_incumbent_at_a_time_is_the_last_one_before_it() -> None:
    outcome = made(curve=CURVE).outcome
    at = [outcome.at(seconds) for seconds in (0.2, 0.5, 30, 50, 61)]
    assert at == [None, 100.0 * GB, 10.4 * GB, 10.0 * GB, 10.0 * GB]


@pytest.mark.parametrize(("bound", "gap"), [(0.0, 1.0), (9.0 * GB, 0.1), (10.0 * GB, 0.0)])
def test_the_gap_is_what_is_unproven_of_the_value(bound: float, gap: float) -> None:
    assert made(bound=bound).outcome.gap == pytest.approx(gap)
