"""Which method is run on which cluster, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from benchmarks.families import Case
from spareplace.options import Method
from spareplace.solvers.names import DEFAULT
from spareplace.solvers.names import SOLVERS as KNOWN_SOLVERS

METHODS: tuple[Method, ...] = get_args(Method)

SOLVERS = tuple(KNOWN_SOLVERS)

QUICK: tuple[Method, ...] = ("greedy", "level")
"""Run first: they show at once whether a cluster is as tight as meant."""

AUTO_SECONDS = 60.0
SINGLE_SECONDS = 180.0
"""What ``auto`` has to be as good as, it has to be in a third of the time."""

HUGE_SECONDS = 300.0

HALF = 0.5
"""Of the time of `auto`: what is to be shown of 32 x 30 is to be shown in so much."""


def ways(
    case: Case, asked: Sequence[str] = (), solvers: Sequence[str] = SOLVERS
) -> Iterator[tuple[Method, str]]:
    """Give the methods to run on a cluster, those asked for or all, each with its solver.

    The quick ones are first. The exact model of the whole cluster is solved by each of `solvers`;
    what the others solve is small, and they have the solver that `plan` takes by itself.
    """
    for method in _methods(case, asked):
        for solver in solvers if method == "milp" else (DEFAULT,):
            yield method, solver


def _methods(case: Case, asked: Sequence[str]) -> Iterator[Method]:
    for method in (*QUICK, *(name for name in METHODS if name not in QUICK)):
        if asked and method not in asked:
            continue
        if method == "milp" and not case.whole_model:
            continue
        if case.family == "disk" and method not in (*QUICK, "auto"):
            continue
        yield method


def parts(case: Case, method: str) -> tuple[float, ...]:
    """Give for which parts of its time a method is run on a cluster, each a run of its own."""
    return (1.0, HALF) if method == "auto" and case.name.startswith("32x30") else (1.0,)


def seconds(family: str, method: str, scale: float = 1.0) -> float:
    """Give the time limit of a method on a cluster of a family."""
    if family == "huge":
        return HUGE_SECONDS * scale
    return (AUTO_SECONDS if method == "auto" else SINGLE_SECONDS) * scale
