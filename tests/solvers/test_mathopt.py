"""SCIP and HiGHS, beyond what every solver must do: the traps of OR-Tools 9.15."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ortools.math_opt.python.parameters import SolverType  # type: ignore[import-untyped]

from spareplace import solvers
from spareplace.errors import Defect
from spareplace.solvers import mathopt
from spareplace.solvers.base import Outcome, Request
from spareplace.solvers.scaling import scaled
from tests.solvers.models import knapsack, market_split, milp


def test_every_reason_is_known_or_refused() -> None:
    unknown = {reason.name for reason in mathopt.Reason} - {r.name for r in mathopt.OUTCOMES}
    assert unknown == {"UNBOUNDED", "OTHER_ERROR"}


def test_an_unknown_end_is_a_defect() -> None:
    termination = SimpleNamespace(reason=mathopt.Reason.OTHER_ERROR, detail="out of luck")
    result = SimpleNamespace(termination=termination)
    model = knapsack()
    with pytest.raises(Defect, match="any ended with OTHER_ERROR") as caught:
        mathopt._answer(scaled(model), result, Request(milp=model), "any")
    assert "out of luck" in str(caught.value)


def test_what_mathopt_refuses_is_told_in_its_own_words() -> None:
    # It surfaces as AttributeError: 'StatusNotOk' object has no attribute 'canonical_code'.
    model = knapsack()
    job = mathopt._job(scaled(model), Request(milp=model), SolverType.HIGHS)
    job["params"].highs.bool_options["no_such_option"] = True
    with pytest.raises(Defect, match="option name was unknown"):
        mathopt._solve(job)


def test_highs_keeps_its_best_values_at_the_time_limit_and_tells_of_them() -> None:
    told: list[float | None] = []
    model = market_split()
    request = Request(milp=model, seconds=1.0, progress=lambda best, _: told.append(best))
    answer = mathopt.highs(request)
    assert answer.outcome is Outcome.FEASIBLE
    assert answer.values is not None
    assert model.holds(answer.values)
    assert answer.bound == 0
    assert told
    assert None not in told


def test_highs_takes_any_number_of_threads_after_any_other() -> None:
    # In one process it refuses another number than the first.
    solve = solvers.load("highs")
    for workers in (1, 2, 1):
        assert solve(Request(milp=knapsack(), workers=workers)).outcome is Outcome.OPTIMAL


def test_highs_does_not_pass_on_a_solution_that_it_sees_is_none() -> None:
    # HiGHS 1.12 calls this one solved with values that break the row by 4. But an even sum needs
    # c = 2, and then 2a - 3b + d = 6, of which the left side is at most 0 + 3 + 1.
    columns = [(-2, 0, True), (-1, 1, True), (1, 3, True), (0, 1, True)]
    model = milp(columns, [(2, {0: 4, 1: -6, 2: -5, 3: 2}, 2)], [-4, -6, -5, -4])
    answer = mathopt.highs(Request(milp=model))
    assert answer.outcome in (Outcome.NO_ANSWER, Outcome.INFEASIBLE)


def test_scip_tells_of_better_values() -> None:
    told: list[float | None] = []
    model = market_split()
    solve = solvers.load("scip")
    answer = solve(Request(milp=model, seconds=1.5, progress=lambda best, _: told.append(best)))
    assert answer.values is not None
    best = int(model.objective @ answer.values)
    assert any(value is not None and abs(value - best) < 1e-3 for value in told)
