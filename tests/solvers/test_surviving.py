"""Where CP-SAT dies, whoever asked lives on, with what is known."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.solvers import cp_sat, surviving
from spareplace.solvers.base import Answer, Outcome, Request
from spareplace.solvers.children import Died
from spareplace.solvers.surviving import Crew, is_short, shelter
from tests.solvers.models import BINARY, knapsack, market_split, milp

FAKES = "tests.solvers.misbehaving:"


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """A crew of its own, for models of every size."""
    own = Crew()
    monkeypatch.setattr(surviving, "CREW", own)
    monkeypatch.setattr(solvers, "CREW", own)
    monkeypatch.setattr(surviving, "SMALL", 0)
    yield own
    assert not own._idle


def asked(request: Request) -> Answer:
    """Ask in a shelter."""
    with shelter(Clock()):
        return solvers.load("cp-sat")(request)


def test_what_is_short_stays_here() -> None:
    small, large = knapsack(), milp([BINARY] * 1501, [(1, {0: 1}, 1)], [1] * 1501)
    medium = milp([BINARY] * 401, [(1, {0: 1}, 1)], [1] * 401)
    assert is_short(Request(milp=small, workers=8))
    assert not is_short(Request(milp=medium))
    assert is_short(Request(milp=medium, effort=2.0))
    assert is_short(Request(milp=medium, seconds=0.5))
    assert not is_short(Request(milp=medium, seconds=5.0))
    assert not is_short(Request(milp=medium, effort=2.0, workers=2))
    assert not is_short(Request(milp=large, effort=2.0))


def test_out_of_a_shelter_and_where_time_is_short_nothing_is_started(crew: Crew) -> None:
    assert solvers.load("cp-sat") is cp_sat.solve
    with shelter(Clock(limit=1.0)):
        assert solvers.load("cp-sat") is cp_sat.solve
    with shelter(Clock()):
        assert solvers.load("cp-sat") is not cp_sat.solve
        with shelter(Clock()):
            pass
        assert crew.is_there()
    assert solvers.load("cp-sat") is cp_sat.solve


@pytest.mark.usefixtures("crew")
def test_the_answer_is_the_same_as_here_and_the_news_too() -> None:
    here: list[object] = []
    apart: list[object] = []
    values: list[int] = []
    model = market_split(rows=2, columns=24)

    def found(better: np.ndarray) -> None:
        values.append(int(model.objective @ better))

    request = Request(milp=model, hint=np.zeros(len(model.columns), dtype=np.int64))
    one = cp_sat.solve(replace(request, progress=lambda *news: here.append(news)))
    other = asked(replace(request, progress=lambda *news: apart.append(news), found=found))
    assert one.values is not None
    assert other.values is not None
    assert one.values.tolist() == other.values.tolist()
    assert (one.outcome, one.bound, one.solver) == (other.outcome, other.bound, other.solver)
    assert here == apart
    assert values == sorted(values, reverse=True)
    assert values[-1] == one.bound


def test_one_process_solves_one_model_after_the_other(crew: Crew) -> None:
    crew.target = FAKES + "tells_its_number"
    told: list[float | None] = []
    request = Request(milp=knapsack(), progress=lambda _, bound: told.append(bound))
    with shelter(Clock()):
        for _ in range(2):
            first = len(told)
            assert solvers.load("cp-sat")(request).outcome is Outcome.OPTIMAL
            told = [*told[:first], told[first]]
        assert told[0] == told[1]
        crew._idle[0].child.process.kill()  # while it waits: nobody is any the worse for it
        crew._idle[0].child.process.wait()
        solvers.load("cp-sat")(request)
    assert told[2] != told[0]


def test_two_threads_have_a_process_each(crew: Crew) -> None:
    numbers: set[float | None] = set()
    crew.target = FAKES + "tells_its_number"

    def ask() -> None:
        told: list[float | None] = []
        request = Request(
            milp=market_split(), seconds=3.0, progress=lambda _, bound: told.append(bound)
        )
        solvers.load("cp-sat")(request)
        numbers.add(told[0])

    with shelter(Clock()):
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(crew._idle) == 2
    assert len(numbers) == 2


def test_where_it_dies_twice_the_best_that_it_told_is_the_answer(
    crew: Crew, caplog: pytest.LogCaptureFixture
) -> None:
    crew.target = FAKES + "finds_and_crashes"
    model = knapsack()
    answer = asked(Request(milp=model, workers=2))
    assert answer.outcome is Outcome.FEASIBLE
    assert answer.values is not None
    assert model.objective @ answer.values == -15
    assert answer.bound == -25  # nothing that it said of a bound counts
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "killed by SIGSEGV" in caplog.text


def test_one_that_dies_of_many_workers_is_asked_again_with_one(crew: Crew) -> None:
    crew.target = FAKES + "crashes_with_many"
    answer = asked(Request(milp=knapsack(), workers=8))
    assert (answer.outcome, answer.bound) == (Outcome.OPTIMAL, -15)


def test_where_nothing_was_found_the_start_is_the_answer_or_it_is_no_plan(crew: Crew) -> None:
    crew.target = FAKES + "is_killed"
    model = knapsack()
    start = np.array([1, 0, 0, 0])
    answer = asked(Request(milp=model, hint=start))
    assert (answer.outcome, answer.bound) == (Outcome.FEASIBLE, -25)
    assert answer.values is not None
    assert answer.values.tolist() == start.tolist()
    nothing = np.ones(4, dtype=np.int64)  # all of them do not fit
    with pytest.raises(Died, match="the process of cp-sat was killed by SIGKILL, as when"):
        asked(Request(milp=model, hint=nothing))


def test_one_that_does_not_stop_is_killed_and_what_it_told_is_kept(crew: Crew) -> None:
    crew.target = FAKES + "finds_and_hangs"
    model, stop = knapsack(), threading.Event()
    begun: list[float] = []

    def found(_: object) -> None:
        if not begun:
            begun.append(time.monotonic())
            threading.Timer(0.3, stop.set).start()

    answer = asked(Request(milp=model, stop=stop, found=found))
    assert time.monotonic() - begun[0] < 3
    assert answer.outcome is Outcome.FEASIBLE
    assert model.holds(np.asarray(answer.values))


def test_an_error_of_the_listener_is_raised_and_the_process_not_used_again(crew: Crew) -> None:
    def listen(*_: float | None) -> None:
        raise KeyError("listener")

    with shelter(Clock()):
        with pytest.raises(KeyError, match="listener"):
            solvers.load("cp-sat")(Request(milp=market_split(), progress=listen))
        assert not crew._idle


@pytest.mark.usefixtures("crew")
def test_where_no_process_can_be_started_it_runs_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("spareplace.solvers.children.CHILD", ("/no/such/python",))
    assert asked(Request(milp=knapsack())).bound == -15
    assert "no process can be started for cp-sat" in caplog.text
