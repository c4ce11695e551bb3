"""Run a solver in a process of its own, for libraries that cannot be silenced or stopped.

Measured with OR-Tools 9.15 and PuLP 3.3 and 4.2: HiGHS cannot be interrupted and refuses another
number of threads later in the same process; SCIP prints errors whenever it can be interrupted;
CBC is a program whose start blocks. And PuLP loads every solver that it finds, some of which do
not bear OR-Tools in one process. What happens in the other process cannot crash or write here.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from spareplace.errors import Defect, SolverUnavailable
from spareplace.solvers.base import Answer, Request
from spareplace.solvers.beforehand import no_answer
from spareplace.solvers.interrupting import TICK

SLACK = 1.0
"""Seconds past the limit after which a solver that does not keep it is asked to end."""

PATIENCE = 0.7
"""Seconds that a solver has to answer once it is asked to end; then it is killed."""

CHILD = (sys.executable, "-P", "-m", "spareplace.solvers.child")


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
        job = (self.target, self.option, _plain(request), deadline)
        with _child(self.name, job) as child:
            answer = _wait(child, request, deadline)
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
    with _child(name, (target,)) as child:
        if not child.channel.poll(seconds):
            raise Defect(f"{target} does not answer in {seconds:g} seconds")
        kind, *content = child.receive()
        if kind == "raised":
            _raise(content[0], child.name)
        return content[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    name: str
    process: subprocess.Popen[bytes]
    channel: Connection
    log: BinaryIO

    def receive(self) -> tuple[Any, ...]:
        try:
            message: tuple[Any, ...] = self.channel.recv()
        except (EOFError, ConnectionError):
            code = self.process.wait()
            self.log.seek(0)
            said = self.log.read().decode(errors="replace").splitlines()[-20:]
            raise Defect(f"the process of {self.name} ended with exit code {code}", said) from None
        return message

    def signal(self, number: signal.Signals) -> None:
        # Never after it was waited for: the number could be another process's by then.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


@contextlib.contextmanager
def _child(name: str, job: object) -> Iterator[_Child]:
    """Start the process and send it a job; at the end nothing of it is left, files included."""
    here, there = multiprocessing.Pipe()
    with (
        tempfile.TemporaryDirectory(prefix="spareplace-", ignore_cleanup_errors=True) as folder,
        Path(folder, "log").open("w+b") as log,
        here,
    ):
        with there:
            process = subprocess.Popen(
                [*CHILD, folder],
                stdin=there.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=_environment(folder),
                start_new_session=True,
            )
        child = _Child(name=name, process=process, channel=here, log=log)
        try:
            with contextlib.suppress(ConnectionError):  # the first answer will tell
                here.send(job)
            yield child
        finally:
            child.signal(signal.SIGKILL)
            process.wait()


def _environment(folder: str) -> dict[str, str]:
    """Let it import what is importable here, and leave its files where they are removed."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    places = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), folder)
    return {**os.environ, **places, "PYTHONPATH": path}


def _plain(request: Request) -> dict[str, object]:
    """Leave out what belongs to this process."""
    kept = ("milp", "hint", "workers", "seed", "gap", "effort")
    return {key: getattr(request, key) for key in kept}


def _wait(child: _Child, request: Request, deadline: float | None) -> Answer | None:
    """Pass progress on until the answer comes, or ``None`` when it does not come in time."""
    asked: float | None = None
    while True:
        if child.channel.poll(TICK):
            try:
                kind, *content = child.receive()
            except Defect:
                if asked is not None:  # some solvers simply end when asked to
                    return None
                raise
            if kind == "progress":
                request.progress(*content)
            elif kind == "answer":
                answer: Answer = content[0]
                return answer
            else:
                _raise(content[0], child.name)
        now = time.monotonic()
        late = deadline is not None and now > deadline + SLACK
        if asked is None and (late or request.stop.is_set()):
            asked = now
            _ask_to_end(child)
        if asked is not None and now > asked + PATIENCE:
            return None


def _ask_to_end(child: _Child) -> None:
    """Tell the child in words, and the programs that it runs by the signal of Ctrl-C."""
    with contextlib.suppress(ConnectionError):
        child.channel.send("end")
    child.signal(signal.SIGINT)


def _raise(error: Exception, name: str) -> NoReturn:
    raise SolverUnavailable(name, error.why) if isinstance(error, SolverUnavailable) else error
