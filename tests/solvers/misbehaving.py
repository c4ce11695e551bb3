"""Solvers that do what solvers should not: each runs in a process of its own."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from spareplace.errors import SolverUnavailable
from spareplace.solvers.base import Answer, Request

CP_SAT = "spareplace.solvers.cp_sat"
"""Loaded where it is used: most of these end sooner than it is."""


def dies(_: Request) -> Answer:
    sys.stderr.write("it hurts")
    sys.stderr.flush()
    os._exit(3)


def crashes(_: Request) -> Answer:
    """As native code does, and without a core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # not pytest's, which writes where it was
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError("it lives")


def is_killed(_: Request) -> Answer:
    """As the system does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it lives")


def needs_too_much(_: Request) -> Answer:
    raise MemoryError("of a petabyte")


def solve(request: Request) -> Answer:
    """Solve as CP-SAT does."""
    answer: Answer = importlib.import_module(CP_SAT).solve(request)
    return answer


def finds_and_crashes(request: Request) -> Answer:
    """Tells what CP-SAT finds, and crashes when it has proven it."""
    solve(request)
    return crashes(request)


def finds_and_hangs(request: Request) -> Answer:
    """Tells what CP-SAT finds, and does not come to an end."""
    solve(request)
    time.sleep(600)
    raise AssertionError("late")


def crashes_with_many(request: Request) -> Answer:
    """Crashes but where one worker is asked for."""
    return solve(request) if request.workers == 1 else crashes(request)


def tells_its_number(request: Request) -> Answer:
    """Tells the number of its process as a bound, and solves."""
    request.progress(None, float(os.getpid()))
    return solve(request)


def fails(_: Request) -> Answer:
    raise ZeroDivisionError("of its own")


def refuses(request: Request) -> Answer:
    raise ValueError(f"seed {request.seed} is not nice")


def is_missing(_: Request) -> Answer:
    raise SolverUnavailable("native", "no licence")


def never_ends(_: Request) -> Answer:
    """Runs a program, too; both add to the file named by ``HEARTBEAT`` while they live."""
    subprocess.Popen(["sh", "-c", 'while :; do echo p >> "$HEARTBEAT"; sleep 0.1; done'])
    while True:
        with Path(os.environ["HEARTBEAT"]).open("a") as file:
            file.write("s\n")
        time.sleep(0.1)


def is_silent() -> str:
    time.sleep(600)
    return "late"
