from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from spareplace.exact.trust import proven
from spareplace.milp.objective import Objective
from spareplace.solvers.base import Answer, Outcome

VALUE = 5_775_360_123_456_789
OBJECTIVE = Objective(
    name="transfer", coefficients=np.array([VALUE, 1]), unit=Fraction(1, 7), exact=True
)
VALUES = np.array([1, 0])


def told(bound: float | None) -> Answer:
    return Answer(outcome=Outcome.FEASIBLE, values=VALUES, bound=bound, solver="told by a test")


def test_a_bound_that_meets_the_value_as_a_float_is_the_value() -> None:
    assert proven(OBJECTIVE, told(float(VALUE)), VALUES) == Fraction(VALUE, 7)
    assert proven(OBJECTIVE, told(VALUE * (1 - 0.9e-9)), VALUES) == Fraction(VALUE, 7)


def test_a_bound_below_the_value_stays_below_it() -> None:
    """It is made less by what floats may be off."""
    below = proven(OBJECTIVE, told(VALUE * (1 - 3e-9)), VALUES) * 7
    assert VALUE * (1 - 4.1e-9) < below < VALUE * (1 - 3.9e-9)


@pytest.mark.parametrize("bound", [None, float("inf"), float("nan"), -5.0])
def test_no_bound_is_0(bound: float | None) -> None:
    assert proven(OBJECTIVE, told(bound), VALUES) == 0
