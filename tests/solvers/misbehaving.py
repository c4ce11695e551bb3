"""Solvers that do what solvers should not: each runs in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from spareplace.errors import SolverUnavailable
from spareplace.solvers.base import Answer, Request


def dies(_: Request) -> Answer:
    sys.stderr.write("it hurts")
    sys.stderr.flush()
    os._exit(3)


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
