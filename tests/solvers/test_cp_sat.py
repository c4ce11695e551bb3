"""CP-SAT, beyond what every solver must do."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from ortools.sat.python import cp_model

from spareplace.errors import Defect
from spareplace.milp.model import FREE
from spareplace.solvers import cp_sat
from spareplace.solvers.base import Outcome, Request, TooLarge
from tests.solvers.models import BINARY, knapsack, market_split, milp


def test_with_one_worker_the_same_values_come_out_every_time() -> None:
    model = market_split(rows=2, columns=24)
    hint = np.zeros(len(model.columns), dtype=np.int64)
    answers = [cp_sat.solve(Request(milp=model, seed=5, hint=hint)) for _ in range(3)]
    assert answers[0].outcome is Outcome.OPTIMAL
    assert answers[0].values is not None
    for answer in answers[1:]:
        assert answer.values is not None
        assert answer.values.tolist() == answers[0].values.tolist()


def test_an_error_of_the_listener_ends_the_solve_and_is_raised_here() -> None:
    def listen(*_: float | None) -> None:
        raise KeyError("listener")

    threads = threading.active_count()
    with pytest.raises(KeyError, match="listener"):
        cp_sat.solve(Request(milp=market_split(), progress=listen))
    assert threading.active_count() == threads


def test_progress_tells_of_values_and_bounds() -> None:
    told: list[tuple[float | None, float | None]] = []
    cp_sat.solve(Request(milp=market_split(rows=2), progress=lambda *news: told.append(news)))
    assert told[-1] == (0.0, 0.0)


def test_the_bound_of_nothing_found_is_not_0() -> None:
    # Its response says 0 there, which would be a false bound for a negative objective.
    response = cp_model.CpSolverResponse()
    assert response.best_objective_bound == 0
    relay = cp_sat._Relay(lambda *_: None, lambda: None)
    answer = cp_sat._answer(knapsack(), response, cp_model.UNKNOWN, relay)
    assert answer.outcome is Outcome.NO_ANSWER
    assert answer.bound == -25
    relay.bound_found(-17.0)
    assert cp_sat._answer(knapsack(), response, cp_model.UNKNOWN, relay).bound == -17


@pytest.mark.parametrize("status", [cp_model.MODEL_INVALID])
def test_an_unknown_end_is_a_defect(status: cp_model.CpSolverStatus) -> None:
    relay = cp_sat._Relay(lambda *_: None, lambda: None)
    with pytest.raises(Defect, match="ended with MODEL_INVALID"):
        cp_sat._answer(knapsack(), cp_model.CpSolverResponse(), status, relay)


def test_every_status_is_known_or_refused() -> None:
    every = {cp_model.CpSolverStatus(value) for value in range(5)}
    assert every - set(cp_sat.OUTCOMES) == {cp_model.MODEL_INVALID}


@pytest.mark.parametrize("cost", [2**53 + 1, 2**53 + 3, 2**60 + 1])
def test_a_bound_too_long_for_a_float_is_rounded_down(cost: int) -> None:
    model = milp([(1, 3, True)] * 2, [(2, {0: 1, 1: 1}, 9)], [cost // 2, cost - cost // 2])
    answer = cp_sat.solve(Request(milp=model))
    assert answer.values is not None
    assert answer.values.tolist() == [1, 1]
    assert answer.bound is not None
    assert cost * (1 - 1e-15) <= answer.bound <= cost


def test_the_gap_is_passed_on() -> None:
    parameters = cp_model.CpSolver()
    cp_sat._set(parameters, Request(milp=knapsack(), gap=0.25, seed=2**40 + 3, workers=3))
    assert parameters.parameters.relative_gap_limit == 0.25
    assert parameters.parameters.random_seed == 3
    assert parameters.parameters.num_workers == 3
    assert not parameters.parameters.catch_sigint_signal


def test_what_only_cp_sat_finds_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Possible integer overflow in constraint: linear {\n  vars: 0\n}"
    monkeypatch.setattr(cp_model.CpModel, "validate", lambda _: said)
    with pytest.raises(TooLarge, match="Possible integer overflow"):
        cp_sat.solve(Request(milp=knapsack()))


def test_a_row_may_be_as_large_as_is_allowed() -> None:
    size = 2**60
    model = milp([BINARY] * 3, [(2 * size, dict.fromkeys(range(3), size), FREE)], [1, 2, 3])
    answer = cp_sat.solve(Request(milp=model))
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.bound == 3
