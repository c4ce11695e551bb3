"""How a command ends: one table of exit codes, and what is said about an error."""

from __future__ import annotations

import enum
import os
import traceback

from spareplace.errors import (
    Infeasible,
    InvalidInput,
    NoPlan,
    NoRoom,
    OtherCluster,
    SolverUnavailable,
    SpareplaceError,
)

DEBUG = "SPAREPLACE_DEBUG"
"""The environment variable that, if not empty, adds the traceback to the report of a defect."""


class Exit(enum.IntEnum):
    """The exit codes of every command."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Exit:
        """Give each code a sentence that the help shows."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    DONE = 0, "done, also when Ctrl-C or the time limit ended it with a valid plan"
    DEFECT = 1, "a defect of spareplace: please report it"
    USAGE = 2, "an option, argument or name is wrong, or the output cannot be written"
    INVALID_INPUT = 3, "the cluster or the plan cannot be read, or is not valid"
    INFEASIBLE = 4, "proven: no plan protects every VM in every failure; or moves lack room"
    NO_PLAN = 5, "ended without a plan, or the solver asked for is not here"
    RULE_BROKEN = 6, "the plan that was checked breaks a rule"
    OTHER_CLUSTER = 7, "the plan is of another cluster"
    INTERRUPTED = 130, "ended by Ctrl-C before there was an answer"


_ENDS: tuple[tuple[type[BaseException], Exit], ...] = (
    (InvalidInput, Exit.INVALID_INPUT),
    (Infeasible, Exit.INFEASIBLE),
    (NoRoom, Exit.INFEASIBLE),
    (NoPlan, Exit.NO_PLAN),
    (SolverUnavailable, Exit.NO_PLAN),
    (MemoryError, Exit.NO_PLAN),
    (OtherCluster, Exit.OTHER_CLUSTER),
    (KeyboardInterrupt, Exit.INTERRUPTED),
)


def exit_of(error: BaseException) -> Exit:
    """Give the exit code for an error; one that nobody foresaw is a defect.

    Examples
    --------
    >>> exit_of(NoPlan("the time was up")).name, exit_of(KeyError("s1")).name
    ('NO_PLAN', 'DEFECT')
    """
    return next((code for kind, code in _ENDS if isinstance(error, kind)), Exit.DEFECT)


def told(error: BaseException) -> str:
    """Say what went wrong, for standard error.

    Examples
    --------
    >>> told(NoPlan("the time was up"))
    'error: the time was up'
    """
    if isinstance(error, InvalidInput):
        return str(error)  # a list: every line says where
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, MemoryError):
        return "error: out of memory"
    text = f"error: {error}"
    if not isinstance(error, SpareplaceError):
        text = f"error: {type(error).__name__}: {error}; this is a defect of spareplace, "
        text += "please report it"
    if exit_of(error) is not Exit.DEFECT:
        return text
    if os.environ.get(DEBUG):
        return "".join(traceback.format_exception(error)) + text
    return f"{text}\n(set {DEBUG}=1 to see where)"
