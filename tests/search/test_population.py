"""A population keeps its best, its number, and what is alike."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spareplace.search.population import ENOUGH, MOST, MOST_CELLS, selected, worth_having

VALUES = st.lists(st.floats(0, 1e12), min_size=1, max_size=12)
HEAT = st.floats(1e-3, 1e12)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(VALUES, HEAT, HEAT, CHANCE)
def test_as_many_go_on_as_there_were_and_the_best_one_does(
    values: list[float], one: float, other: float, at: float
) -> None:
    chosen = selected(values, max(one, other), min(one, other), at)
    assert len(chosen) == len(values)
    assert chosen == sorted(chosen)
    assert min(values) in {values[state] for state in chosen}


@given(st.integers(1, 12), HEAT, HEAT, CHANCE)
@example(12, 2.0, 1.0, math.nextafter(1, 0))
def test_of_states_that_are_alike_all_go_on(
    count: int, one: float, other: float, at: float
) -> None:
    alike = selected([7.0] * count, max(one, other), min(one, other), at)
    assert alike == list(range(count))


@given(VALUES, HEAT, CHANCE)
def test_without_a_lower_temperature_or_without_any_all_go_on(
    values: list[float], hot: float, at: float
) -> None:
    assert selected(values, hot, hot, at) == list(range(len(values)))
    assert selected(values, hot, 0.0, at) == list(range(len(values)))


def test_a_state_goes_on_as_often_as_its_weight_says() -> None:
    # From 2 to 1 a state that is worse by 2 x log(3) weighs a third of the other one: of four
    # states, two of them as good, 3, 3, 1 and 1 of 8 parts.
    worse = 2 * math.log(3)
    draws = 1000
    counts = Counter(
        state
        for draw in range(draws)
        for state in selected([0.0, worse, 0.0, worse], 2.0, 1.0, (draw + 0.5) / draws)
    )
    shares = [counts[state] / draws for state in range(4)]
    assert shares == pytest.approx([1.5, 0.5, 1.5, 0.5], abs=0.01)


def test_there_are_as_many_states_as_there_are_changes_and_memory_for() -> None:
    each = ENOUGH * 100 * 10
    assert worth_having(0, 100, 10, 50) == 1
    assert worth_having(7.5 * each, 100, 10, 50) == 7
    assert worth_having(1e3 * each, 100, 10, 50) == MOST
    assert worth_having(1e3 * each, 100, 10, MOST_CELLS // 30) == 3
    assert worth_having(1e3 * each, 100, 10, MOST_CELLS) == 1
    assert worth_having(7.5 * each, 100, 10, 0) == 7
