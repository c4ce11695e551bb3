"""Processes that solve for this one, seen from here: started, asked, asked to end, and killed."""

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

from spareplace.errors import Defect, NoPlan, SolverUnavailable
from spareplace.solvers.base import Answer, Request
from spareplace.solvers.interrupting import TICK

SLACK = 1.0
"""Seconds past the limit after which a solver that does not keep it is asked to end."""

PATIENCE = 0.7
"""Seconds that a solver has to answer once it is asked to end; then it is killed."""

CHILD = (sys.executable, "-P", "-m", "spareplace.solvers.child")


UNCAUGHT = 1
"""With which exit code Python ends when nobody catches an error: that is a defect of ours."""


class Died(NoPlan):
    """A process was killed, or ended by itself, before it answered: native code can do that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that does jobs, one at a time.

    Parameters
    ----------
    name
        Of its solver, for errors.
    process, channel, log
        The process, what it is spoken to through, and what it writes to standard error.
    """

    name: str
    process: subprocess.Popen[bytes]
    channel: Connection
    log: BinaryIO

    def send(self, job: object) -> None:
        """Give it something to do; where it is gone, the first answer will tell."""
        with contextlib.suppress(ConnectionError):
            self.channel.send(job)

    def receive(self) -> tuple[Any, ...]:
        """Give what it says next.

        Raises
        ------
        Died
            When it died.
        Defect
            When it ended with an error of ours.
        """
        try:
            message: tuple[Any, ...] = self.channel.recv()
        except (EOFError, ConnectionError):
            code = self.process.wait()
            self.log.seek(0)
            said = self.log.read().decode(errors="replace").splitlines()[-20:]
            how = f"the process of {self.name} {_ending(code)}"
            if code == UNCAUGHT:
                raise Defect(how, said) from None
            words = f", and said last: {said[-1].strip()}" if said else ""
            raise Died(how + words, "use fewer workers, or another solver or method") from None
        return message

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        # Never after it was waited for: the number could be another process's by then.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def solve(
        self, target: str, option: str, request: Request, deadline: float | None
    ) -> Answer | None:
        """Let it solve a request; pass on what it says of it.

        Parameters
        ----------
        target, option
            The function that solves there, ``module:function``, and its first argument if any.
        request
            What to solve.
        deadline
            When its time is up, on the monotonic clock, which is one for all processes.

        Returns
        -------
        The answer, or ``None`` when it does not come in time; then the process is of no more use.

        Raises
        ------
        Died
            When the process dies.
        """
        self.send((target, option, _plain(request), deadline, request.found is not None))
        asked: float | None = None
        while True:
            if self.channel.poll(TICK):
                try:
                    kind, *content = self.receive()
                except (Died, Defect):
                    if asked is not None:  # some solvers simply end when asked to
                        return None
                    raise
                if kind == "progress":
                    request.progress(*content)
                elif kind == "found" and request.found is not None:
                    request.found(*content)
                elif kind == "answer":
                    answer: Answer = content[0]
                    return answer
                elif kind == "raised":
                    raise_from(content[0], self.name)
            now = time.monotonic()
            late = deadline is not None and now > deadline + SLACK
            if asked is None and (late or request.stop.is_set()):
                asked = now
                self._ask_to_end()
            if asked is not None and now > asked + PATIENCE:
                return None

    def _ask_to_end(self) -> None:
        """Tell it in words, and the programs that it runs by the signal of Ctrl-C."""
        self.send("end")
        self.signal(signal.SIGINT)


@contextlib.contextmanager
def started(name: str) -> Iterator[Child]:
    """Start a process; at the end nothing of it is left, files included."""
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
        child = Child(name=name, process=process, channel=here, log=log)
        try:
            yield child
        finally:
            child.signal(signal.SIGKILL)
            process.wait()


def raise_from(error: Exception, name: str) -> NoReturn:
    """Raise here what was raised there; an absent solver by the name it was asked by."""
    raise SolverUnavailable(name, error.why) if isinstance(error, SolverUnavailable) else error


def _ending(code: int) -> str:
    """Say how a process ended.

    Examples
    --------
    >>> _ending(3), _ending(-11)
    ('ended with exit code 3', 'was killed by SIGSEGV')
    """
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")


def _environment(folder: str) -> dict[str, str]:
    """Let it import what is importable here, and leave its files where they are removed."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    places = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), folder)
    return {**os.environ, **places, "PYTHONPATH": path}


def _plain(request: Request) -> dict[str, object]:
    """Leave out what belongs to this process."""
    kept = ("milp", "hint", "workers", "seed", "gap", "effort", "presolve")
    return {key: getattr(request, key) for key in kept}
