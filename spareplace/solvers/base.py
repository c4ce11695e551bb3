"""What every solver is asked, and what it answers."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from spareplace.milp.model import Ints, Milp


class TooLarge(ValueError):
    """The numbers of a model are too large to be counted exactly in 64 bits."""


class Outcome(enum.Enum):
    """How a solver ended."""

    OPTIMAL = "optimal"
    """The values are proven best, within the gap asked for."""
    FEASIBLE = "feasible"
    """There are values, and no proof."""
    INFEASIBLE = "infeasible"
    """Proven: there are none."""
    NO_ANSWER = "no answer"
    """Cut off before it found values or a proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One model to solve, and how.

    Parameters
    ----------
    milp
        The model.
    hint
        Values to start from, or ``None``. They may break bounds; a solver may ignore them.
    seconds
        The time limit, more than 0, or ``None``.
    workers
        Threads to use, at least 1.
    seed
        For the solver's own random choices.
    gap
        The relative gap at which it may stop and call the values optimal.
    effort
        A bound on the work that no clock cuts, so that the values come out the same every time:
        about seconds for CP-SAT, thousands of nodes for others. ``None`` for no bound.
    presolve
        Whether the model may be made smaller first; some solvers always do.
    stop
        Set by the caller, from any thread, to end the solve within a second.
    progress
        Called from any thread with the objective of the best values so far and the best lower
        bound on it, each ``None`` while there is none.
    found
        Called, by a solver that can tell, with each better values, or ``None``.
    """

    milp: Milp
    hint: Ints | None = None
    seconds: float | None = None
    workers: int = 1
    seed: int = 0
    gap: float = 0.0
    effort: float | None = None
    presolve: bool = True
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[float | None, float | None], None] = lambda *_: None
    found: Callable[[Ints], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a solver found.

    Parameters
    ----------
    outcome
        How it ended.
    values
        Integers for the columns, there exactly when the outcome is optimal or feasible. From a
        solver that computes with floats they are rounded, and may break a row by that.
    bound
        A proven lower bound on the objective, or ``None``.
    solver
        Name and version: ``cp-sat 9.15``.
    """

    outcome: Outcome
    values: Ints | None
    bound: float | None
    solver: str

    def __post_init__(self) -> None:
        if (self.values is not None) != (self.outcome in (Outcome.OPTIMAL, Outcome.FEASIBLE)):
            raise ValueError(f"outcome {self.outcome} with values {self.values is not None}")


class Solver(Protocol):
    """One solver: a function."""

    def __call__(self, request: Request) -> Answer:
        """Solve the model of a request, silently, and end when asked to.

        Raises
        ------
        TooLarge
            When the numbers of the model do not fit into 64 bits.
        SolverUnavailable
            When its library is found but cannot be loaded.
        Defect
            When it ends in a way that is not known here.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverInfo:
    """Whether a solver can be used here.

    Parameters
    ----------
    name
        What to ask for: ``cp-sat``.
    version
        Of the library that brings it, or ``None`` when that is not there.
    available
        Whether it can be used.
    why
        Why not, and what would make it available. Empty when it is available.
    """

    name: str
    version: str | None
    available: bool
    why: str = ""
