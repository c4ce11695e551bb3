"""What a caller may choose."""

from __future__ import annotations

import inspect
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from spareplace.errors import InvalidInput
from spareplace.goals import Goal
from spareplace.options import Options
from spareplace.planning import plan

NUMBERS = ["1", None, True, -1, float("nan"), float("inf"), Decimal(1), 10**400]
INTEGERS = ["1", 1.0, True, -1, 2**60, Decimal(1), 10**5000]

REFUSED: dict[str, tuple[list[Any], str]] = {
    "method": (["", "Greedy", "exact", None, 1, []], "one of auto, greedy, level, milp, search"),
    "objective": (["", "Worst", "mean", None, 1, []], "one of transfer, worst, time"),
    "time_limit": ([bad for bad in NUMBERS if bad is not None], "seconds from 0, or None"),
    "gap": ([*NUMBERS, 1.01], "a share from 0 to 1"),
    "seed": ([*INTEGERS, None, 2**31], "an integer from 0 to 2147483647"),
    "workers": ([*INTEGERS, None, 0, 1025], "an integer from 1 to 1024"),
    "iterations": ([*INTEGERS, 2**53 + 1], "an integer from 0 to 9007199254740992"),
    "max_pieces": ([*INTEGERS, None, 0, 65], "an integer from 1 to 64"),
    "stored_limit": ([*INTEGERS, 2**53 + 1], "an integer from 0 to 9007199254740992"),
    "stored_cost": ([*NUMBERS, 1e308], "a number from 0 to 2^53"),
    "move_limit": ([*INTEGERS, 2**53 + 1], "an integer from 0 to 9007199254740992"),
    "move_cost": ([*NUMBERS, 1e308], "a number from 0 to 2^53"),
    "allow_unprotected": (["no", None, 1, 0], "true or false"),
}

ACCEPTED: dict[str, list[Any]] = {
    "method": ["auto", "greedy", "level", "milp", "search"],
    "objective": ["transfer", "worst", "time"],
    "time_limit": [None, 0, 0.001, 30, 10**9],
    "gap": [0, 0.01, 1],
    "seed": [0, 2**31 - 1],
    "workers": [1, 1024],
    "iterations": [None, 0, 1000],
    "max_pieces": [1, 64],
    "stored_limit": [None, 0, 2**53],
    "stored_cost": [0, 0.5, 10],
    "move_limit": [None, 0, 2**53],
    "move_cost": [0, 0.5, 10],
    "solver": ["cp-sat", "no such solver"],  # what there is, the solvers know
    "allow_unprotected": [True, False],
}


def values(table: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(key, value, id=f"{key}-{position}")
        for key, listed in table.items()
        for position, value in enumerate(listed)
    ]


def test_every_option_is_tried_here() -> None:
    names = {field.name for field in fields(Options)}
    assert REFUSED.keys() == names - {"solver"}
    assert ACCEPTED.keys() == names


@pytest.mark.parametrize(("key", "value"), values({key: bad for key, (bad, _) in REFUSED.items()}))
def test_a_value_of_no_use_is_refused_with_what_was_expected(key: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Options(**{key: value})
    (problem,) = refused.value.problems
    assert problem.path == key
    assert REFUSED[key][1] in problem.expected
    assert len(problem.found) <= 80


@pytest.mark.parametrize(("key", "value"), values(ACCEPTED))
def test_a_value_of_use_is_kept(key: str, value: Any) -> None:
    assert getattr(Options(**{key: value}), key) == value


def test_every_bad_value_is_listed() -> None:
    with pytest.raises(InvalidInput) as refused:
        Options(time_limit=-1, gap=2, seed=-1, workers=0, max_pieces=0, stored_cost=-1)
    assert [problem.path for problem in refused.value.problems] == [
        "time_limit",
        "gap",
        "seed",
        "workers",
        "max_pieces",
        "stored_cost",
    ]


def test_a_method_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(InvalidInput, match=r"'gredy'.*did you mean 'greedy'\?"):
        Options(method="gredy")  # type: ignore[arg-type]


@pytest.mark.parametrize("objective", ["worst", "time"])
def test_prices_and_methods_that_know_only_transfers_are_refused_beside_another_objective(
    objective: Goal,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        Options(objective=objective, method="greedy", stored_cost=0.5, move_cost=2)
    found = {problem.path: str(problem) for problem in refused.value.problems}
    assert found.keys() == {"stored_cost", "move_cost", "method"}
    assert all(f"with objective {objective!r}" in text for text in found.values())
    assert Options(objective=objective, stored_limit=1, move_limit=1).move_limit == 1


def test_plan_has_the_same_options_and_defaults() -> None:
    parameters = inspect.signature(plan).parameters
    of_plan = {name: parameters[name].default for name in parameters}
    for name in ("cluster", "current", "progress", "executor"):
        del of_plan[name]
    options = Options()
    assert of_plan == {field.name: getattr(options, field.name) for field in fields(Options)}
