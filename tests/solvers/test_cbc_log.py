"""CBC's log is read as its old and its new versions write it."""

from __future__ import annotations

import math

import pytest

from spareplace.solvers import cbc_log

OLD = "Objective value:                28.12500000\nLower bound:                    3.125\n"
NEW = "Objective value:                40000000007\nLower bound:                    4e+10\n"


def test_the_objective_is_read_with_all_digits() -> None:
    assert cbc_log.objective(OLD) == 28.125
    assert cbc_log.objective(NEW) == 40000000007


@pytest.mark.parametrize(("log", "low", "high"), [(OLD, 3.12, 3.1245), (NEW, 3.999e10, 3.99996e10)])
def test_a_bound_gives_away_what_its_digits_may_hide(log: str, low: float, high: float) -> None:
    assert low <= cbc_log.bound(log) <= high


@pytest.mark.parametrize("log", ["", "Lower bound:  unknown\n", "No feasible solution found\n"])
def test_what_is_not_logged_is_no_bound(log: str) -> None:
    assert cbc_log.bound(log) == -math.inf
    assert cbc_log.objective(log) == -math.inf


def test_the_last_word_counts() -> None:
    assert cbc_log.objective(OLD + NEW) == 40000000007
