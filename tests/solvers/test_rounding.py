"""An answer claims no more than floats can know."""

from __future__ import annotations

import numpy as np
import pytest

from spareplace.milp.model import FREE
from spareplace.solvers.base import Answer, Outcome
from spareplace.solvers.rounding import given
from spareplace.solvers.scaling import scaled
from tests.solvers.models import BINARY, knapsack, milp


def answered(outcome: Outcome, values: list[float], dual: float, gap: float = 0.0) -> Answer:
    return given(scaled(knapsack()), outcome, np.array(values), dual, gap=gap, solver="any")


def test_values_and_bound_come_through() -> None:
    answer = answered(Outcome.OPTIMAL, [1, 1, 1 - 1e-9, 1e-9], -15.0000001)
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.values is not None
    assert answer.values.tolist() == [1, 1, 1, 0]
    assert answer.bound == -15


def test_a_bound_is_never_above_the_value() -> None:
    answer = answered(Outcome.FEASIBLE, [1, 0, 0, 1], -3.0)
    assert answer.outcome is Outcome.FEASIBLE
    assert answer.bound == -14


@pytest.mark.parametrize(
    "values",
    [[0.5, 1, 1, 0], [1, 1, 1, 1], [float("nan"), 0, 0, 0]],
    ids=["fractions of a relaxation", "a broken row", "no number"],
)
@pytest.mark.parametrize("outcome", [Outcome.OPTIMAL, Outcome.FEASIBLE])
def test_what_is_no_solution_counts_as_none(outcome: Outcome, values: list[float]) -> None:
    # CBC leaves such numbers at a limit, and PuLP calls them optimal.
    answer = answered(outcome, values, -20.0)
    assert answer.outcome is Outcome.NO_ANSWER
    assert answer.values is None
    assert answer.bound == -20


def test_infeasible_has_neither_values_nor_bound() -> None:
    answer = answered(Outcome.INFEASIBLE, [1, 0, 0, 0], 0.0)
    assert answer.values is None
    assert answer.bound is None


def test_optimal_within_the_gap_counts() -> None:
    assert answered(Outcome.OPTIMAL, [1, 0, 0, 1], -15.0, gap=0.1).outcome is Outcome.OPTIMAL
    assert answered(Outcome.OPTIMAL, [1, 0, 0, 1], -15.0, gap=0.1).bound == -15


def test_optimal_of_values_that_are_not_as_good_as_their_bound_does_not_count() -> None:
    assert answered(Outcome.OPTIMAL, [1, 0, 0, 1], -15.0).outcome is Outcome.FEASIBLE
    assert answered(Outcome.OPTIMAL, [1, 0, 0, 1], -15.0, gap=0.01).outcome is Outcome.FEASIBLE


def test_values_that_break_a_row_by_rounding_are_not_called_optimal() -> None:
    # The amount must reach 10**12 + 1; a byte less is within what floats tell.
    columns = [BINARY, (0, 10**13, False)]
    model = milp(columns, [(0, {0: -(10**12) - 1, 1: 1}, FREE), (1, {0: 1}, 1)], [0, 1])
    shrunk = scaled(model)
    values = shrunk.scale(np.array([1, 10**12]))
    answer = given(shrunk, Outcome.OPTIMAL, values, -np.inf, gap=0.0, solver="any")
    assert answer.outcome is Outcome.FEASIBLE
    assert answer.values is not None
    assert not model.holds(answer.values)
