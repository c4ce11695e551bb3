"""PuLP's solvers, beyond what every solver must do: the traps of CBC and of two PuLPs."""

from __future__ import annotations

import functools
import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from spareplace import solvers
from spareplace.errors import Defect, SolverUnavailable
from spareplace.milp.model import FREE, Milp
from spareplace.solvers import pulp_solvers
from spareplace.solvers.base import Outcome, Request, Solver
from spareplace.solvers.names import CBCS
from tests.solvers.models import BINARY, knapsack, least, market_split, milp

PULP_3 = pulp_solvers.pulp.__version__.startswith("3.")


@pytest.fixture
def cbc() -> Solver:
    """CBC in this process: it is a program anyway."""
    for native in pulp_solvers.found():
        if native in CBCS:
            return functools.partial(pulp_solvers.solve, native)
    pytest.skip("solver 'cbc' is not available: PuLP finds none here")


def run(program: str) -> str:
    """Run a program in a fresh process, its warnings being errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def falsely_infeasible() -> Milp:
    """Five binaries that the preprocessing of CBC 2.10.3 loses the solution of: pulp#662.

    Columns x0, x1, x2, c0, c1; all x and no c is a solution, and free.
    """
    rows = [
        (1, {0: 1, 4: 1}, 1),
        (1, {0: 1, 3: 1}, FREE),
        (-FREE, {1: 1, 4: 1}, 1),
        (-FREE, {3: 1, 4: 1}, 1),
        (1, {2: 1}, 1),
        (16200, {1: 9000, 2: 7200, 4: 10800}, FREE),
    ]
    return milp([BINARY] * 5, rows, [0, 0, 0, 1, 1])


def test_a_feasible_model_is_not_called_infeasible(cbc: Solver) -> None:
    model = falsely_infeasible()
    answer = cbc(Request(milp=model))
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.values is not None
    assert answer.values.tolist() == [1, 1, 1, 0, 0]


def test_a_model_that_makes_cbc_crash_has_no_answer(cbc: Solver) -> None:
    # Without preprocessing, CBC 2.10.3 dies of a segmentation fault on this infeasible one.
    rows = [
        (-3000, {0: 1001, 1: 1001, 2: -4999}, 0),
        (-FREE, {0: 9000001, 1: 2000001, 2: 4000001}, 5000000),
        (-70, {0: 56, 1: -28, 2: -35}, -49),
    ]
    model = milp([BINARY] * 3, rows, [-3, -1, 6])
    assert least(model) is None
    assert cbc(Request(milp=model)).outcome is Outcome.NO_ANSWER


def test_at_the_time_limit_it_is_not_optimal(cbc: Solver) -> None:
    # PuLP 3 says "Optimal" there.
    model = market_split()
    answer = cbc(Request(milp=model, seconds=1.0))
    assert answer.outcome is Outcome.FEASIBLE
    assert answer.bound == 0


def test_what_is_found_within_a_gap_is_not_taken_for_the_bound(cbc: Solver) -> None:
    answer = cbc(Request(milp=knapsack(), gap=0.9))
    assert answer.values is not None
    assert answer.bound is not None
    assert answer.bound <= -15


@pytest.mark.skipif(not PULP_3, reason="PuLP 4 gives an object, not numbers")
@pytest.mark.parametrize(
    ("status", "solution", "outcome"),
    [
        (1, 1, Outcome.OPTIMAL),
        (1, 2, Outcome.FEASIBLE),
        (0, 2, Outcome.FEASIBLE),
        (0, 0, Outcome.NO_ANSWER),
        (1, 0, Outcome.NO_ANSWER),
        (-1, -1, Outcome.INFEASIBLE),
        (-1, 0, Outcome.INFEASIBLE),
        (-2, -2, Outcome.NO_ANSWER),
        (-3, 0, Outcome.NO_ANSWER),
    ],
)
def test_pulp_3_is_read_by_both_its_statuses(status: int, solution: int, outcome: Outcome) -> None:
    problem = SimpleNamespace(sol_status=solution)
    assert pulp_solvers._outcome(problem, status) is outcome


@pytest.mark.skipif(not PULP_3, reason="PuLP 4 gives an object, not numbers")
@pytest.mark.parametrize(("status", "solution"), [(7, 1), (1, 7)])
def test_an_unknown_status_of_pulp_3_is_a_defect(status: int, solution: int) -> None:
    with pytest.raises(Defect, match=f"status {status} and solution status {solution}"):
        pulp_solvers._outcome(SimpleNamespace(sol_status=solution), status)


@pytest.mark.parametrize(
    ("status", "has_solution", "outcome"),
    [
        ("Optimal", True, Outcome.OPTIMAL),
        ("TimeLimit", True, Outcome.FEASIBLE),
        ("GapLimit", True, Outcome.OPTIMAL),
        ("Stopped", False, Outcome.NO_ANSWER),
        ("Optimal", False, Outcome.NO_ANSWER),
        ("Infeasible", False, Outcome.INFEASIBLE),
        ("NumericalError", False, Outcome.NO_ANSWER),
    ],
)
def test_pulp_4_is_read_by_whether_it_has_a_solution(
    status: str, has_solution: bool, outcome: Outcome
) -> None:
    ended = SimpleNamespace(status=SimpleNamespace(name=status), has_solution=has_solution)
    assert pulp_solvers._outcome(None, ended) is outcome


def test_a_solver_that_pulp_does_not_find_is_unavailable() -> None:
    with pytest.raises(SolverUnavailable, match="'pulp:NO_SUCH'"):
        pulp_solvers.solve("NO_SUCH", Request(milp=knapsack()))


def test_only_options_that_a_solver_knows_are_passed() -> None:
    request = Request(milp=knapsack(), workers=3, seed=4, hint=np.zeros(4, dtype=np.int64))
    options = pulp_solvers._options("GLPK_CMD", request, 2.0)
    assert options == {"msg": False, "timeLimit": 2.0}
    assert not pulp_solvers._knows_gap("GLPK_CMD")
    options = pulp_solvers._options("COIN_CMD", request, math.inf)
    assert options["threads"] == 3
    assert options["options"] == ["preprocess off", "randomSeed 4"]
    assert options["warmStart"]
    assert "timeLimit" not in options


def test_warnings_may_be_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    for name in ("cbc", "pulp:CPSAT"):
        try:
            solve = solvers.load(name)
        except SolverUnavailable:
            continue
        request = Request(milp=knapsack(), hint=np.zeros(4, dtype=np.int64), seconds=20)
        assert solve(request).outcome is Outcome.OPTIMAL


def test_ortools_is_loaded_before_pulp() -> None:
    # The other way round, OR-Tools cannot be loaded if highspy is there (or-tools#5246).
    program = (
        "import sys, spareplace.solvers.pulp_solvers\n"
        "loaded = list(sys.modules)\n"
        "print(loaded.index('ortools.init.python.init') < loaded.index('pulp'))"
    )
    assert run(program) == "True\n"


@pytest.mark.parametrize(
    "order", ["pulp_solvers cp_sat mathopt", "mathopt pulp_solvers cp_sat", "cp_sat pulp_solvers"]
)
def test_the_modules_can_be_loaded_in_any_order(order: str) -> None:
    run(f"import {', '.join(f'spareplace.solvers.{module}' for module in order.split())}")
