"""The temperature falls fast until fewer changes stay, and takes its time from there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.search.freezing import (
    FASTER,
    HOTTER,
    LESS,
    LOOK,
    MELTED,
    MELTING,
    SOON,
    UNKNOWN,
    Freezing,
    heat_of,
    is_due,
    look,
)

SHARE, COLD = st.floats(0, 1), st.floats(0, 1)


def looked_at(shares: list[float], hot: float = 1.0) -> Freezing:
    """Give what is known after looks at these shares, the first one as soon as it has melted."""
    known = UNKNOWN
    for number, share in enumerate(shares):
        known = look(known, hot, MELTED + number * LOOK, share)
    return known


def test_a_state_that_has_to_last_begins_a_little_hotter_and_ends_cold() -> None:
    assert heat_of(UNKNOWN, 2.0, 0.0, melt=False) == HOTTER * 2
    assert heat_of(UNKNOWN, 2.0, 1.0, melt=False) == 0


def test_what_is_molten_cools_fast_until_fewer_changes_stay() -> None:
    hot = MELTING * 2
    assert heat_of(looked_at([], 2.0), 2.0, 0.0, melt=True) == hot
    assert heat_of(looked_at([0.9], 2.0), 2.0, 0.0, melt=True) == hot  # it was melting
    assert looked_at([0.9, 0.5], 2.0).stayed == 0.5
    assert heat_of(looked_at([0.9, 0.5], 2.0), 2.0, 0.0, melt=True) == hot * FASTER
    going_on = looked_at([0.9, 0.5, 0.5 * LESS], 2.0)
    assert going_on.point == 0
    assert heat_of(going_on, 2.0, 0.0, melt=True) == hot * FASTER**2
    assert look(going_on, 2.0, 0.06, 0.49 * LESS).point == hot * FASTER**2


def test_it_goes_on_from_the_temperature_at_which_fewer_stayed() -> None:
    found = looked_at([0.9, 0.5, 0.1])
    assert heat_of(found, 1.0, 0.0, melt=True) == found.point == MELTING * FASTER


@given(st.lists(SHARE, max_size=60))
def test_it_is_found_in_time_whatever_stays(shares: list[float]) -> None:
    known, cold = UNKNOWN, 0.0
    for share in shares:
        cold += LOOK
        if is_due(known, cold):
            known = look(known, 1.0, cold, share)
    assert (known.point > 0) or cold < SOON + LOOK or not shares
    assert known.point <= MELTING


@given(st.integers(1, 26))
def test_what_seems_never_to_freeze_begins_no_colder_than_what_has_to_last(looks: int) -> None:
    known = looked_at([0.9, *[0.5] * looks], 2.0)
    assert heat_of(known, 2.0, 0.0, melt=True) >= 2.0


@given(st.lists(SHARE, min_size=2, max_size=60), COLD, COLD)
def test_it_never_becomes_hotter(shares: list[float], one: float, other: float) -> None:
    known, cold, last = UNKNOWN, 0.0, MELTING
    for share in shares:
        cold += 3 * LOOK
        if is_due(known, cold):
            known = look(known, 1.0, cold, share)
        now = heat_of(known, 1.0, cold, melt=True)
        assert 0 < now <= last
        last = now
    warm, cold = sorted((one, other))
    after, before = (heat_of(known, 1.0, at, melt=True) for at in (cold, warm))
    assert 0 < after <= before


def test_nobody_looks_before_it_has_melted_nor_once_it_is_known() -> None:
    assert not is_due(UNKNOWN, MELTED / 2)
    assert is_due(UNKNOWN, MELTED)
    seen = look(UNKNOWN, 1.0, MELTED, 0.5)
    assert not is_due(seen, MELTED + LOOK / 2)
    assert is_due(seen, MELTED + LOOK)
    assert not is_due(looked_at([0.9, 0.5, 0.1]), 1.0)


@pytest.mark.parametrize("hot", [0.0, 1e-9, 1e15])
def test_any_scale_will_do(hot: float) -> None:
    assert looked_at([0.9, 0.5, 0.1], hot).point == pytest.approx(MELTING * hot * FASTER)
