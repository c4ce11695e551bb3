"""Bounds beside a search: kept as they come, and the search ends when they meet its plan."""

from __future__ import annotations

import logging
import time
from fractions import Fraction

import pytest

from spareplace.clock import Clock
from spareplace.errors import Infeasible, NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.instance import Instance, number
from spareplace.options import Options
from spareplace.proving import Known, Tell, beside
from spareplace.watching import Best
from tests.examples import paper

LONG = 20.0
"""Seconds until a test that waits for an event gives up."""


def greedy_best() -> tuple[Instance, Best]:
    instance, best = number(paper()), Best(cluster=paper())
    best.offer(greedy(instance, Clock()), "greedy")
    return instance, best


def ended(clock: Clock) -> bool:
    began = time.monotonic()
    while not clock.over() and time.monotonic() - began < LONG:
        time.sleep(0.01)
    return clock.over()


def meets(
    _instance: Instance, _clock: Clock, _options: Options, tell: Tell, _known: Known
) -> Fraction:
    tell(Fraction(1))
    return Fraction(15 * 10**9)


def breaks(
    _instance: Instance, _clock: Clock, _options: Options, tell: Tell, _known: Known
) -> Fraction:
    tell(Fraction(7))
    raise NoPlan("its solver fell over", "nothing")


def waits(
    _instance: Instance, clock: Clock, _options: Options, _tell: Tell, _known: Known
) -> Fraction:
    ended(clock)
    return Fraction(3)


def test_the_work_beside_it_ends_when_a_bound_meets_the_plan() -> None:
    instance, best = greedy_best()
    with beside([meets], instance, Clock(), Options(), best) as clock:
        assert ended(clock)
    assert best.bound == 15 * 10**9
    assert best.within(0.0)


def test_a_gap_is_enough_if_it_was_asked_for() -> None:
    instance, best = greedy_best()
    best.proves(Fraction(14 * 10**9))
    assert not best.within(0.05)
    assert best.within(0.07)
    with beside([], instance, Clock(), Options(gap=0.07), best) as clock:
        assert ended(clock)


def test_the_work_beside_a_proof_that_there_is_no_plan_ends() -> None:
    def refutes(*_: object) -> Fraction:
        raise Infeasible([])

    instance, found = greedy_best()
    none = Best(cluster=paper())
    with (
        pytest.raises(Infeasible),
        beside([refutes], instance, Clock(), Options(), none) as clock,
    ):
        assert ended(clock)
    with beside([refutes, meets], instance, Clock(), Options(), found) as clock:
        assert ended(clock)  # what has a plan goes on


def test_a_bound_that_breaks_down_costs_only_what_it_had_not_proven(
    caplog: pytest.LogCaptureFixture,
) -> None:
    instance, best = greedy_best()
    with (
        caplog.at_level(logging.WARNING),
        beside([breaks, meets], instance, Clock(), Options(), best) as clock,
    ):
        assert ended(clock)
    assert "its solver fell over" in caplog.text
    assert best.bound == 15 * 10**9


def test_the_bounds_end_when_the_work_beside_them_does() -> None:
    instance, best = greedy_best()
    with beside([waits, meets], instance, Clock(), Options(), best):
        pass
    assert best.bound == 3


def test_a_wish_to_stop_is_passed_on() -> None:
    instance, best = greedy_best()
    outer = Clock()
    with beside([waits], instance, outer, Options(), best) as clock:
        outer.stop.set()
        assert ended(clock)


def test_a_plan_that_leaves_vms_out_is_never_good_enough() -> None:
    best = Best(cluster=paper())
    assert not best.within(1.0)
