"""What a caller may choose, checked once."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict, get_args

from spareplace.errors import InvalidInput, Problem
from spareplace.fields import shown
from spareplace.goals import Goal
from spareplace.placement import DEFAULT_MAX_PIECES
from spareplace.references import nearly
from spareplace.units import LARGEST

Method: TypeAlias = Literal["auto", "greedy", "level", "milp", "search"]
"""A way to plan."""

DEFAULT_TIME_LIMIT = 30.0
"""Seconds."""

DEFAULT_WORKERS = 8
"""CP-SAT finds far better plans with eight different searches, even on two cores."""

MOST_PIECES = 64
"""More pieces than that make models that no solver can use."""


class PlanOptions(TypedDict, total=False):
    """What may be passed on to `plan`, but for what it continues; see there."""

    method: Method
    objective: Goal
    time_limit: float | None
    gap: float
    seed: int
    solver: str
    workers: int
    iterations: int | None
    max_pieces: int
    stored_limit: int | None
    stored_cost: float
    allow_unprotected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `plan` was asked for; see there.

    Raises
    ------
    InvalidInput
        If a value is not usable. It lists every problem.
    """

    method: Method = "auto"
    objective: Goal = "transfer"
    time_limit: float | None = DEFAULT_TIME_LIMIT
    gap: float = 0.0
    seed: int = 0
    solver: str = "cp-sat"
    workers: int = DEFAULT_WORKERS
    iterations: int | None = None
    max_pieces: int = DEFAULT_MAX_PIECES
    stored_limit: int | None = None
    stored_cost: float = 0.0
    move_limit: int | None = None
    move_cost: float = 0.0
    allow_unprotected: bool = False

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        for key, name, known in (
            ("method", self.method, get_args(Method)),
            ("objective", self.objective, get_args(Goal)),
        ):
            if name not in known:
                names = dict.fromkeys(known, "")
                expected = f"one of {', '.join(names)}"
                bad.append(_problem(key, name, expected, nearly(str(name), names)))
        if self.time_limit is not None and not _number(self.time_limit, 0):
            bad.append(_problem("time_limit", self.time_limit, "seconds from 0, or None"))
        if not _number(self.gap, 0, 1):
            bad.append(_problem("gap", self.gap, "a share from 0 to 1"))
        for key, value, least, most in (
            ("seed", self.seed, 0, 2**31 - 1),
            ("workers", self.workers, 1, 1024),
            ("iterations", self.iterations, 0, LARGEST),
            ("max_pieces", self.max_pieces, 1, MOST_PIECES),
            ("stored_limit", self.stored_limit, 0, LARGEST),
            ("move_limit", self.move_limit, 0, LARGEST),
        ):
            if value is None and key in ("iterations", "stored_limit", "move_limit"):
                continue
            if type(value) is not int or not least <= value <= most:
                bad.append(_problem(key, value, f"an integer from {least} to {most}"))
        for key, cost in (("stored_cost", self.stored_cost), ("move_cost", self.move_cost)):
            if not _number(cost, 0, LARGEST):
                bad.append(_problem(key, cost, "a number from 0 to 2^53"))
        flag: object = self.allow_unprotected
        if not isinstance(flag, bool):
            bad.append(_problem("allow_unprotected", flag, "true or false"))
        if not bad and self.objective != "transfer":
            bad = self._beside_the_goal()
        if bad:
            raise InvalidInput(bad)

    def _beside_the_goal(self) -> list[Problem]:
        """Find what has no meaning where something else than the transfer is to be least."""
        goal = f"with objective {self.objective!r}"
        bad = [
            _problem(key, cost, f"0 {goal}", "a price is in expected transferred bytes")
            for key, cost in (("stored_cost", self.stored_cost), ("move_cost", self.move_cost))
            if cost
        ]
        if self.method in ("greedy", "level"):
            fitting = f"one of auto, milp, search {goal}"
            bad.append(_problem("method", self.method, fitting, "it decides by rules of its own"))
        return bad


def _problem(key: str, found: object, expected: str, hint: str = "") -> Problem:
    return Problem(path=key, found=shown(found), expected=expected, hint=hint)


def _number(value: object, least: float, most: float = math.inf) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return least <= value <= min(most, sys.float_info.max)
