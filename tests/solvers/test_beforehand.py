"""What is settled before any solver is asked."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.milp.model import FREE, Milp
from spareplace.solvers.base import Outcome, Request, TooLarge
from spareplace.solvers.beforehand import at_most, contradicts_itself, corner, divisors, settled
from tests.solvers.models import BINARY, knapsack, least, milp, tiny_milps


def test_a_model_with_work_to_do_is_not_settled() -> None:
    assert settled(Request(milp=knapsack()), "any") is None


def test_a_stop_set_already_settles_it_without_an_answer() -> None:
    stop = threading.Event()
    stop.set()
    answer = settled(Request(milp=knapsack(), stop=stop), "any")
    assert answer is not None
    assert answer.outcome is Outcome.NO_ANSWER
    assert answer.bound == -25  # everything at once


@pytest.mark.parametrize(
    "model",
    [
        milp([(2, 1, True)], [(0, {0: 1}, 5)], [1]),
        milp([BINARY], [(3, {0: 1}, 2)], [1]),
        milp([BINARY], [(1, {}, FREE)], [1]),
        milp([BINARY], [(-FREE, {}, -1)], [1]),
        milp([(0, 9, True)] * 2, [(7, {0: 4, 1: -6}, 7)], [1, 1]),
        milp([(0, 9, True)], [(5, {0: 4}, 7)], [1]),
    ],
    ids=["crossed column", "crossed row", "0 >= 1", "0 <= -1", "odd = even", "none between"],
)
def test_a_contradiction_is_seen(model: Milp) -> None:
    answer = settled(Request(milp=model), "any")
    assert answer is not None
    assert answer.outcome is Outcome.INFEASIBLE


@given(tiny_milps())
def test_what_contradicts_itself_has_no_solution(model: Milp) -> None:
    if contradicts_itself(model):
        assert least(model) is None


@given(tiny_milps())
def test_the_corner_is_a_bound(model: Milp) -> None:
    optimum = least(model)
    assert optimum is None or corner(model) <= optimum


def test_divisors_ignore_signs_and_are_0_without_terms() -> None:
    rows = [(0, {0: -6, 1: 4}, 5), (0, {}, 5), (0, {1: -7}, 5)]
    assert divisors(milp([BINARY] * 2, rows, [1, 1])).tolist() == [2, 0, 7]


def test_zeros_among_the_coefficients_are_no_terms() -> None:
    model = milp([BINARY] * 2, [(1, {0: 0, 1: 0}, 5)], [1, 1])
    assert contradicts_itself(model)


@given(st.integers(-(2**62), 2**62))
def test_at_most_never_raises_a_bound(exact: int) -> None:
    assert at_most(exact) <= exact
    assert exact - at_most(exact) <= abs(exact) / 2**52


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (milp([(0, 2**40, True)], [(0, {0: 2**22}, 5)], [1]), r"row\[0\]"),
        (milp([(-(2**40), 0, True)], [(0, {0: 1}, 5)], [-(2**22)]), "the objective"),
        (milp([(-(2**63), 0, True)], [(0, {0: 0}, 5)], [0]), r"x\[0\]"),
        (milp([BINARY] * 4, [(0, dict.fromkeys(range(4), 2**60), 5)], [0] * 4), r"row\[0\]"),
    ],
)
def test_what_cannot_be_counted_in_64_bits_is_named(model: Milp, where: str) -> None:
    with pytest.raises(TooLarge, match=where):
        settled(Request(milp=model), "any")


def test_the_largest_that_can_be_counted_passes() -> None:
    model = milp([BINARY] * 3, [(0, dict.fromkeys(range(3), 2**60), FREE)], [2**60] * 3)
    assert settled(Request(milp=model), "any") is None
    assert np.all(divisors(model) == 2**60)
