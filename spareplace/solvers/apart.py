"""Run a solver in a process of its own, for libraries that cannot be silenced or stopped.

Measured with OR-Tools 9.15 and PuLP 3.3 and 4.2: HiGHS cannot be interrupted and refuses another
number of threads later in the same process; SCIP prints errors whenever it can be interrupted;
CBC is a program whose start blocks. And PuLP loads every solver that it finds, some of which do
not bear OR-Tools in one process. What happens in the other process cannot crash or write here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from spareplace.errors import Defect
from spareplace.solvers.base import Answer, Request
from spareplace.solvers.beforehand import no_answer
from spareplace.solvers.children import raise_from, started


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A solver that runs in a process of its own; see `Solver`.

    Parameters
    ----------
    target
        The function that solves there: ``module:function``.
    option
        Passed on to that function as its first argument, unless empty.
    name
        For the answer when it is cut off, and for errors.
    """

    target: str
    option: str = ""
    name: str

    def __call__(self, request: Request) -> Answer:
        """Solve a request there; see `Solver`."""
        deadline = None if request.seconds is None else time.monotonic() + request.seconds
        with started(self.name) as child:
            answer = child.solve(self.target, self.option, request, deadline)
        return answer if answer is not None else no_answer(request.milp, self.name)


def ask(target: str, *, name: str, seconds: float = 60.0) -> Any:
    """Call a function in a process of its own, and give what it returns.

    Parameters
    ----------
    target
        ``module:function``, without parameters.
    name
        Of the solver, for errors.
    seconds
        How long to wait.

    Raises
    ------
    SolverUnavailable
        When its module cannot be imported there.
    Defect
        When the process dies or does not answer in time.
    """
    with started(name) as child:
        child.send((target,))
        if not child.channel.poll(seconds):
            raise Defect(f"{target} does not answer in {seconds:g} seconds")
        kind, *content = child.receive()
        if kind == "raised":
            raise_from(content[0], child.name)
        return content[0]
