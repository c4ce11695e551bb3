"""The clock of a call. Its start is given here, so that no test waits."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from spareplace.clock import Clock

LONG_AGO = 10_000.0
"""Seconds: far longer than any test takes."""


def started(seconds_ago: float, limit: float | None) -> Clock:
    return Clock(limit=limit, started=time.monotonic() - seconds_ago)


def test_it_starts_when_it_is_made() -> None:
    before = time.monotonic()
    clock = Clock()
    assert before <= clock.started <= time.monotonic()
    assert clock.elapsed() >= 0


def test_it_tells_the_seconds_since_its_start() -> None:
    assert LONG_AGO <= started(LONG_AGO, None).elapsed() < 2 * LONG_AGO


def test_without_a_limit_it_is_never_over_by_itself() -> None:
    clock = started(LONG_AGO, None)
    assert clock.left() is None
    assert not clock.over()


def test_before_the_limit_there_is_time_left() -> None:
    clock = started(LONG_AGO, 2 * LONG_AGO)
    left = clock.left()
    assert left is not None
    assert 0 < left <= LONG_AGO
    assert not clock.over()


def test_after_the_limit_nothing_is_left_and_never_less_than_nothing() -> None:
    clock = started(LONG_AGO, LONG_AGO / 2)
    assert clock.left() == 0.0
    assert clock.over()


def test_a_limit_of_0_is_over_from_the_start_and_is_no_missing_limit() -> None:
    assert Clock(limit=0).over()


@pytest.mark.parametrize("limit", [None, LONG_AGO])
def test_whoever_sets_stop_ends_it(limit: float | None) -> None:
    clock = Clock(limit=limit)
    assert not clock.over()
    clock.stop.set()
    assert clock.over()


def test_each_clock_is_stopped_alone_and_copies_of_one_together() -> None:
    clock, other = Clock(), Clock()
    shorter = replace(clock, limit=1.0)
    shorter.stop.set()
    assert clock.over()
    assert shorter.started == clock.started
    assert not other.over()
