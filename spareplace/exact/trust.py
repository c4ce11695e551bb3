"""What to believe of a solver: amounts to the byte, proofs only where they are ones."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import replace
from fractions import Fraction

import numpy as np

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.milp.model import Ints, Milp
from spareplace.milp.objective import Objective
from spareplace.options import Options
from spareplace.solvers.base import Answer, Outcome, Request

EXACT_SOLVER = "cp-sat"
"""The solver that computes with integers: only its proof of infeasibility counts."""

GRACE = 0.3
"""Seconds to settle the amounts of what was found, also when the time is up: all choices are
made, so it takes milliseconds."""

log = logging.getLogger(__name__)


def mended(milp: Milp, values: Ints | None, clock: Clock, options: Options) -> Ints | None:
    """Let the exact solver settle the amounts of a float solver's choices, to the byte.

    ``None`` if the choices break a rule that the float solver's tolerance hid.
    """
    if values is None or milp.holds(values):
        return values
    pinned = replace(
        milp,
        lower=np.where(milp.choice, np.clip(values, milp.lower, milp.upper), milp.lower),
        upper=np.where(milp.choice, np.clip(values, milp.lower, milp.upper), milp.upper),
    )
    late = clock.over()
    answer = solvers.load(EXACT_SOLVER)(
        Request(
            milp=pinned,
            seconds=GRACE if late else clock.left(),
            workers=1,
            seed=options.seed,
            stop=threading.Event() if late else clock.stop,
        )
    )
    if answer.values is None:
        log.warning("%s: its choices break a rule when computed exactly", options.solver)
    return answer.values


def is_infeasible(milp: Milp, answer: Answer, clock: Clock, options: Options) -> bool:
    """Believe a proof of infeasibility only from the exact solver."""
    if options.solver == EXACT_SOLVER:
        return True
    left = clock.left()
    if left == 0.0:
        return False
    second = solvers.load(EXACT_SOLVER)(
        Request(
            milp=milp, seconds=left, workers=options.workers, seed=options.seed, stop=clock.stop
        )
    )
    if second.values is not None:
        raise NoPlan(f"{answer.solver} calls a feasible model infeasible", "use another solver")
    return second.outcome is Outcome.INFEASIBLE


def proven(objective: Objective, answer: Answer, values: Ints | None) -> Fraction:
    """Give the bound in bytes: the objective takes whole numbers only, so bounds round up."""
    if answer.bound is None or not math.isfinite(answer.bound):
        return Fraction(0)
    slack = max(1e-6, abs(answer.bound) * 1e-9)
    bound = max(math.ceil(answer.bound - slack), 0)
    if values is not None:
        value = int(objective.coefficients @ values)
        # A bound that meets the value to within what floats can tell is the value. It is the
        # solver's own that counts here: less the slack, it would miss by just what it may.
        bound = value if answer.bound >= value - slack else bound
    return bound * objective.unit
