"""What every solver must do. One that is not here is skipped by name, with the reason."""

from __future__ import annotations

import asyncio
import functools
import itertools
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from spareplace import solvers
from spareplace.errors import SolverUnavailable
from spareplace.milp.model import FREE, Milp
from spareplace.solvers import cp_sat, mathopt, pulp_solvers
from spareplace.solvers.base import Answer, Outcome, Request, Solver, TooLarge
from tests.solvers.models import BINARY, knapsack, least, market_split, milp, tiny_milps

NAMES = ("cp-sat", "scip", "highs", "cbc", "pulp:CPSAT")

BELIEVED = ("cp-sat", "scip", "highs", "pulp:CPSAT")
"""Those that may say that a model has no solution."""

FOUND = (Outcome.OPTIMAL, Outcome.FEASIBLE)

EIGHT_DIGITS = ("cbc",)
"""Those that write values in so few digits that rows of large amounts break."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def solve(name: str) -> Solver:
    """The solver as it is used."""
    try:
        return solvers.load(name)
    except SolverUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def work(name: str, solve: Solver) -> Solver:
    """The function that does its work, in this process, since starting another takes longer."""
    assert solve is not None
    return direct(name)


def direct(name: str) -> Solver:
    if name in ("scip", "highs"):
        return mathopt.scip if name == "scip" else mathopt.highs
    if name == "cp-sat":
        return cp_sat.solve
    native = next(n for n in pulp_solvers.found() if name in ("cbc", f"pulp:{n}"))
    return functools.partial(pulp_solvers.solve, native)


def optimum(answer: Answer, model: Milp) -> int:
    """Check what an optimal answer promises, and give its objective."""
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.values is not None
    assert answer.values.dtype == np.int64
    assert model.holds(answer.values)
    value = int(model.objective @ answer.values)
    assert answer.bound == value
    return value


def test_a_knapsack_is_solved(solve: Solver) -> None:
    model = knapsack()
    assert optimum(solve(Request(milp=model)), model) == -15


def test_equality_rows_hold(work: Solver) -> None:
    # x + y = 1, y + z = 1, so x = z, and y = 1 costs 3, x = z = 1 costs 4.
    model = milp([BINARY] * 3, [(1, {0: 1, 1: 1}, 1), (1, {1: 1, 2: 1}, 1)], [2, 3, 2])
    answer = work(Request(milp=model))
    assert optimum(answer, model) == 3
    assert answer.values is not None
    assert answer.values.tolist() == [0, 1, 0]


def test_negative_numbers_are_kept(work: Solver) -> None:
    # -2x + 3y >= 5 for x, y from -4 to -1 needs x <= (3y - 5) / 2: y = -1 gives x = -4.
    columns = [(-4, -1, True), (-4, -1, True)]
    model = milp(columns, [(5, {0: -2, 1: 3}, FREE)], [-1, -10])
    answer = work(Request(milp=model))
    assert optimum(answer, model) == 14
    assert answer.values is not None
    assert answer.values.tolist() == [-4, -1]


def test_amounts_follow_from_choices(work: Solver) -> None:
    # Either of two choices is made; the amount is at least 7 with the first, 5 with the second.
    columns = [BINARY, BINARY, (0, 100, False)]
    rows = [(1, {0: 1, 1: 1}, 1), (0, {0: -7, 1: -5, 2: 1}, FREE)]
    model = milp(columns, rows, [0, 1, 2])
    answer = work(Request(milp=model))
    assert optimum(answer, model) == 11
    assert answer.values is not None
    assert answer.values.tolist() == [0, 1, 5]


def test_no_columns_are_solved_by_nothing(work: Solver) -> None:
    model = milp([], [(-3, {}, 0)], [])
    assert optimum(work(Request(milp=model)), model) == 0


def test_no_columns_may_still_be_infeasible(work: Solver) -> None:
    assert work(Request(milp=milp([], [(1, {}, 3)], []))).outcome is Outcome.INFEASIBLE


def test_no_rows_leave_each_column_at_its_best_bound(work: Solver) -> None:
    model = milp([(-3, 4, True), (-3, 4, False), (2, 9, True)], [], [5, -1, 0])
    answer = work(Request(milp=model))
    assert optimum(answer, model) == -19
    assert answer.values is not None
    assert answer.values[:2].tolist() == [-3, 4]


def test_a_row_without_terms_that_holds_changes_nothing(work: Solver) -> None:
    model = milp([BINARY] * 2, [(0, {}, 0), (1, {0: 1, 1: 1}, FREE), (-5, {}, 3)], [3, 2])
    assert optimum(work(Request(milp=model)), model) == 2


def test_a_row_without_terms_that_cannot_hold_is_infeasible(work: Solver) -> None:
    model = milp([BINARY] * 2, [(1, {0: 1, 1: 1}, FREE), (2, {}, 3)], [3, 2])
    assert work(Request(milp=model)).outcome is Outcome.INFEASIBLE


def test_a_column_that_is_used_nowhere_has_a_value(work: Solver) -> None:
    model = milp([BINARY, (3, 5, True), BINARY], [(1, {0: 1, 2: 1}, FREE)], [2, 0, 3])
    answer = work(Request(milp=model))
    assert optimum(answer, model) == 2


def test_no_solution_is_said_only_by_those_to_be_believed(solve: Solver, name: str) -> None:
    # Of each two of three, exactly one: impossible, though halves would do.
    pairs = [(1, {0: 1, 1: 1}, 1), (1, {1: 1, 2: 1}, 1), (1, {0: 1, 2: 1}, 1)]
    answer = solve(Request(milp=milp([BINARY] * 3, pairs, [1, 1, 1])))
    expected = Outcome.INFEASIBLE if name in BELIEVED else Outcome.NO_ANSWER
    assert answer.outcome is expected
    assert answer.values is None


@pytest.mark.parametrize("unit", [10**6, 10**12])
def test_large_coefficients_are_exact(work: Solver, unit: int) -> None:
    model = knapsack(unit)
    assert optimum(work(Request(milp=model)), model) == -15 * unit


def test_large_numbers_without_a_common_divisor_find_the_right_choices(
    work: Solver, name: str
) -> None:
    # Two pieces into a room of two pieces and one byte; what lies outside is paid by the byte.
    size, room = 40 * 10**9 + 7, 80 * 10**9 + 15
    columns = [BINARY] * 3 + [(0, 3 * size, False)]
    rows = [
        (-FREE, dict.fromkeys(range(3), size), room),
        (3 * size, {**dict.fromkeys(range(3), size), 3: 1}, FREE),
    ]
    model = milp(columns, rows, [0, 0, 0, 1])
    answer = work(Request(milp=model))
    assert answer.outcome in FOUND
    assert answer.values is not None
    assert int(answer.values[:3].sum()) == 2
    digits = 1e-7 if name in EIGHT_DIGITS else 0.0
    assert abs(int(answer.values[3]) - size) <= digits * size
    assert answer.bound is not None
    assert size * (1 - 1e-6) <= answer.bound <= size


def test_what_does_not_fit_into_64_bits_is_refused(solve: Solver) -> None:
    model = milp([(0, 10**7, True)] * 2, [(1, {0: 10**12, 1: 1}, FREE)], [1, 1])
    with pytest.raises(TooLarge, match=r"row\[0\] can reach 1e\+19"):
        solve(Request(milp=model))


@pytest.mark.parametrize("values", [[1, 1, 1, 0], [1, 1, 1, 1], [7, -7, 0, 10**15]])
def test_any_hint_is_accepted(work: Solver, values: list[int]) -> None:
    model = knapsack()
    assert optimum(work(Request(milp=model, hint=np.array(values))), model) == -15


def test_the_time_limit_is_kept_and_the_answer_honest(solve: Solver) -> None:
    told: list[tuple[float | None, float | None]] = []
    model, start = market_split(), time.monotonic()
    answer = solve(Request(milp=model, seconds=1.0, progress=lambda *news: told.append(news)))
    assert time.monotonic() - start < 3.5
    assert answer.outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)
    assert answer.bound is not None
    if answer.values is not None:
        assert model.holds(answer.values)
        assert answer.bound <= model.objective @ answer.values
    assert all(best is None or bound is None or bound <= best + 1e-6 for best, bound in told)
    bests = [best for best, _ in told if best is not None]
    assert all(later <= earlier + 1e-6 for earlier, later in itertools.pairwise(bests))


def test_bounded_effort_ends_without_a_clock(solve: Solver, name: str) -> None:
    if name == "pulp:CPSAT":
        pytest.skip("solver 'pulp:CPSAT' has no bound on its work that PuLP can pass on")
    model = market_split()
    answer = solve(Request(milp=model, effort=0.2))
    assert answer.outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)
    assert answer.values is None or model.holds(answer.values)


@pytest.mark.parametrize("seconds", [1e-9, 1e-3])
def test_next_to_no_time_is_not_taken_for_endless(solve: Solver, seconds: float) -> None:
    start = time.monotonic()
    answer = solve(Request(milp=market_split(), seconds=seconds))
    assert time.monotonic() - start < 4.0
    assert answer.outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)


def test_a_stop_ends_it_within_a_second_with_the_best_so_far(solve: Solver) -> None:
    model, stop = market_split(), threading.Event()
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.monotonic())
        stop.set()

    timer = threading.Timer(1.2, ask)
    timer.start()
    answer = solve(Request(milp=model, stop=stop))
    timer.join()
    assert time.monotonic() - asked[0] < 2.0  # a second, and what a loaded machine adds
    assert answer.outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)
    assert answer.values is None or model.holds(answer.values)


def test_a_stop_set_before_it_begins_counts(solve: Solver) -> None:
    stop = threading.Event()
    stop.set()
    answer = solve(Request(milp=market_split(), stop=stop))
    assert answer.outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)


def test_nothing_is_printed_and_nothing_left_behind(
    solve: Solver,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    threads = threading.active_count()
    solve(Request(milp=market_split(), seconds=0.6, workers=2))
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads


def test_two_threads_may_solve_at_once(solve: Solver) -> None:
    models = [knapsack(), knapsack(7)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = list(pool.map(lambda model: solve(Request(milp=model)), models))
    assert [optimum(a, m) for a, m in zip(answers, models, strict=True)] == [-15, -105]


def test_it_runs_beside_an_event_loop(solve: Solver) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    async def main() -> Answer:
        ticking = asyncio.create_task(tick())
        answer = await asyncio.to_thread(solve, Request(milp=market_split(), seconds=0.6))
        ticking.cancel()
        return answer

    assert asyncio.run(main()).outcome in (Outcome.FEASIBLE, Outcome.NO_ANSWER)
    assert ticks >= 5


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(model=tiny_milps())
def test_it_agrees_with_trying_everything(work: Solver, name: str, model: Milp) -> None:
    answer, expected = work(Request(milp=model)), least(model)
    if expected is None:
        assert answer.outcome is not Outcome.OPTIMAL or name not in BELIEVED
        assert answer.values is None or not model.holds(answer.values)
        return
    assert answer.outcome is not Outcome.INFEASIBLE
    if name not in EIGHT_DIGITS:
        assert answer.values is not None
    assert answer.bound is not None
    assert answer.bound <= expected + 1e-9 * abs(expected)
    if answer.outcome is Outcome.OPTIMAL:
        assert math.isclose(optimum(answer, model), expected, rel_tol=1e-9)
