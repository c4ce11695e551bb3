"""CP-SAT in processes that are kept for the next model, and whose death is survived.

Native code can crash, and can ask for more memory than there is; either ends the process that it
runs in. While `shelter` is open, what may take long is solved in another one. What is short stays
here: a process takes two thirds of a second to start, longer than a tiny cluster is solved in.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from spareplace.clock import Clock
from spareplace.milp.model import Ints
from spareplace.solvers.base import Answer, Outcome, Request, Solver
from spareplace.solvers.beforehand import corner, no_answer, settled
from spareplace.solvers.children import Child, Died, started
from spareplace.solvers.names import DEFAULT, SOLVERS, version

SMALL = 400
"""Columns of the largest model that is short to solve whatever is asked for."""

MEDIUM = 1_500
"""Columns of the largest model that is short where one search is limited by effort, or by a limit
of `SOON` seconds."""

SOON = 1.0

LEAST = 2.0
"""Seconds for which no process is started."""

log = logging.getLogger(__name__)


def is_short(request: Request) -> bool:
    """Tell whether a request is answered so soon, and with so little, that it stays here.

    It depends on the request alone, so where a model is solved is the same every time.
    """
    columns = len(request.milp.columns)
    soon = request.effort is not None or (request.seconds is not None and request.seconds <= SOON)
    return columns <= SMALL or (soon and request.workers == 1 and columns <= MEDIUM)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Kept:
    """A process that waits for the next model, and what ends it."""

    child: Child
    end: contextlib.ExitStack


@dataclass(slots=True, kw_only=True, eq=False)
class Crew:
    """Processes that solve for whoever is in a `shelter`; they end with the last one.

    Parameters
    ----------
    target
        The function that solves there: ``module:function``.
    """

    target: str = SOLVERS[DEFAULT]
    _inside: int = 0
    _idle: list[_Kept] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_there(self) -> bool:
        """Tell whether somebody is in a shelter."""
        return self._inside > 0

    def enter(self) -> None:
        """Count one more in a shelter."""
        with self._lock:
            self._inside += 1

    def leave(self) -> None:
        """Count one less; after the last one no process is left."""
        with self._lock:
            self._inside -= 1
            gone = [] if self._inside else self._idle[:]
            for kept in gone:
                self._idle.remove(kept)
        for kept in gone:
            kept.end.close()

    def solve(self, request: Request, deadline: float | None) -> Answer | None:
        """Solve a request in a process that waits, or in a new one; see `Child.solve`."""
        kept = self._taken()
        if kept is None:
            end = contextlib.ExitStack()
            kept = _Kept(child=end.enter_context(started(DEFAULT)), end=end)
        answer = None
        try:
            answer = kept.child.solve(self.target, "", request, deadline)
        finally:  # after an error, or without an answer, nobody knows what it is doing
            self._put_back(kept, of_use=answer is not None)
        return answer

    def _taken(self) -> _Kept | None:
        """Take one that waits and lives."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None or kept.child.process.poll() is None:
                return kept
            kept.end.close()

    def _put_back(self, kept: _Kept, *, of_use: bool) -> None:
        with self._lock:
            stays = of_use and self.is_there()
            if stays:
                self._idle.append(kept)
        if not stays:
            kept.end.close()


CREW = Crew()
"""There is one, whoever plans: processes may be shared between plans that are made at once."""


@contextlib.contextmanager
def shelter(clock: Clock) -> Iterator[None]:
    """Let CP-SAT solve in other processes what is not short, wherever `load` is asked for it.

    Not where there is too little time for one to start, or no Python that could be started: that
    of a frozen program would be the program once more.
    """
    left = clock.left()
    alone = not sys.executable or getattr(sys, "frozen", False)
    if alone or (left is not None and left < LEAST):
        yield
        return
    CREW.enter()
    try:
        yield
    finally:
        CREW.leave()


def survived(here: Solver, request: Request) -> Answer:
    """Solve a request, in another process unless it is short.

    When that one dies, a second one tries with a single search, which is what crashes least. When
    it dies, too, the best values that are known are the answer, and nothing is proven.

    Parameters
    ----------
    here
        Solves in this process.
    request
        What to solve.

    Raises
    ------
    Died
        When both died, and no values are known.
    """
    deadline = None if request.seconds is None else time.monotonic() + request.seconds
    early = None if is_short(request) else settled(request, _name())
    if early is not None or is_short(request):
        return early or here(request)
    known: list[Ints] = []
    asked = replace(request, found=_noting(known, request))
    try:
        try:
            answer = CREW.solve(asked, deadline)
        except Died as death:
            log.warning("%s; it is tried once more, with one worker", death.reason)
            hint, seed = known[-1] if known else request.hint, (request.seed + 1) % 2**31
            answer = CREW.solve(replace(asked, workers=1, hint=hint, seed=seed), deadline)
    except Died as death:
        values = known[-1] if known else request.hint
        if values is None or not request.milp.holds(values):
            raise
        log.warning("%s; it goes on with the best that is known", death.reason)
        return _unproven(request, values)
    except OSError as error:
        log.warning("no process can be started for %s, it runs in this one: %s", DEFAULT, error)
        return here(request)
    if answer is not None:
        return answer
    # It did not end when it was asked to.
    return _unproven(request, known[-1]) if known else no_answer(request.milp, _name())


def _noting(known: list[Ints], request: Request) -> Callable[[Ints], None]:
    """Take note of better values; a process that dies cannot be asked for them."""

    def found(values: Ints) -> None:
        known[:] = [values]
        if request.found is not None:
            request.found(values)

    return found


def _unproven(request: Request, values: Ints) -> Answer:
    return Answer(
        outcome=Outcome.FEASIBLE, values=values, bound=corner(request.milp), solver=_name()
    )


def _name() -> str:
    return f"{DEFAULT} {version(DEFAULT)}"
