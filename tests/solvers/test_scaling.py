"""The scaled model is equivalent, and what comes back is safe."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spareplace.milp.model import FREE, Ints, Milp
from spareplace.solvers.base import Request
from spareplace.solvers.beforehand import settled
from spareplace.solvers.scaling import LARGEST, Scaled, scaled
from tests.solvers.models import BINARY, LARGE_SCALES, knapsack, milp, tiny_milps


@st.composite
def models_and_values(draw: st.DrawFn) -> tuple[Milp, Ints]:
    model = draw(tiny_milps(scales=LARGE_SCALES))
    assume(settled(Request(milp=model), "any") is None)
    bounds = zip(model.lower.tolist(), model.upper.tolist(), strict=True)
    values = [draw(st.integers(lower, upper)) for lower, upper in bounds]
    return model, np.array(values, dtype=np.int64)


def keeps_rows(model: Scaled, values: Ints) -> bool:
    terms = model.coefficient * (values / model.unit)[model.at_column]
    total = np.bincount(model.at_row, weights=terms, minlength=len(model.row_lower))
    return bool((model.row_lower <= total).all() and (total <= model.row_upper).all())


@given(models_and_values())
def test_values_keep_the_scaled_rows_when_they_keep_the_rows(given: tuple[Milp, Ints]) -> None:
    model, values = given
    # The numbers are short enough for floats to be exact: less than 2**53 everywhere.
    assert keeps_rows(scaled(model), values) == model.holds(values)
    assert keeps_rows(scaled(model, whole=True), values) == model.holds(values)


@given(models_and_values())
def test_the_objective_is_the_same(given: tuple[Milp, Ints]) -> None:
    model, values = given
    shrunk = scaled(model)
    value = shrunk.value(float(shrunk.objective @ (values / shrunk.unit)))
    assert math.isclose(value, int(model.objective @ values), rel_tol=1e-12, abs_tol=1e-6)


@given(models_and_values())
def test_values_come_back_as_they_went(given: tuple[Milp, Ints]) -> None:
    model, values = given
    assert scaled(model).rounded(scaled(model).scale(values)).tolist() == values.tolist()


@given(models_and_values())
def test_numbers_are_of_moderate_size(given: tuple[Milp, Ints]) -> None:
    shrunk = scaled(given[0])
    assert np.abs(shrunk.coefficient).max() <= LARGEST
    assert np.abs(shrunk.objective).max() <= LARGEST
    assert np.abs(shrunk.upper[~shrunk.integer]).max(initial=0) <= LARGEST


def test_a_common_divisor_leaves_the_small_model() -> None:
    shrunk = scaled(knapsack(5 * 10**9))
    assert shrunk.coefficient.tolist() == [3, 4, 5, 9]
    assert shrunk.row_upper.tolist() == [12]
    assert shrunk.objective.tolist() == [-4, -5, -6, -10]
    assert shrunk.bound(-15.0) == -15 * 5 * 10**9


def test_small_numbers_stay_as_they_are() -> None:
    columns = [BINARY, (0, LARGEST, False)]
    shrunk = scaled(milp(columns, [(-FREE, {0: LARGEST, 1: 1}, 7)], [LARGEST, 1]))
    assert shrunk.unit.tolist() == [1, 1]
    assert shrunk.coefficient.tolist() == [LARGEST, 1]
    assert shrunk.objective.tolist() == [LARGEST, 1]
    assert shrunk.row_lower.tolist() == [-math.inf]


def test_whole_numbers_stay_whole() -> None:
    columns = [BINARY, (0, 10**12 + 1, False)]
    shrunk = scaled(milp(columns, [(0, {0: -(10**12) - 1, 1: 1}, FREE)], [0, 3]), whole=True)
    assert shrunk.integer.tolist() == [True, True]
    assert shrunk.coefficient.tolist() == [-(10**12) - 1, 1]
    assert shrunk.upper.tolist() == [1, 10**12 + 1]


def test_rows_without_terms_are_left_out() -> None:
    model = milp([BINARY] * 2, [(0, {}, 3), (1, {1: 2, 0: 4}, 9), (0, {0: 0}, 0)], [1, 1])
    shrunk = scaled(model)
    assert shrunk.at_row.tolist() == [0, 0]
    assert shrunk.row_upper.tolist() == [4]  # of x0 + 2 x1 <= 9 / 2


@pytest.mark.parametrize("dual", [-math.inf, math.nan, math.inf])
def test_no_bound_is_the_one_of_the_columns(dual: float) -> None:
    assert scaled(knapsack()).bound(dual) == -25


def test_a_bound_rounds_up_to_what_the_objective_can_be() -> None:
    shrunk = scaled(knapsack(7))
    assert shrunk.bound(-15.9) == -15 * 7
    assert shrunk.bound(-15.0 + 1e-9) == -15 * 7
