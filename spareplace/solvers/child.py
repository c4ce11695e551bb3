"""The other end of `apart`: a process that runs one job for the process that started it.

It speaks through its standard input, a socket, and leaves nothing behind: it ends when the other
side is gone, whatever the solver may be doing.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from spareplace.errors import SolverUnavailable, SpareplaceError
from spareplace.solvers.base import Answer, Request

PATIENCE = 2.0
"""Seconds after which a child that was asked to end, or was left alone, kills itself."""

LEAST = 1e-3
"""Seconds that a solver gets when its process took all the time to start."""


def main() -> None:
    """Do one job, and tell how it ended. The only argument is the folder for its files."""
    signal.signal(signal.SIGINT, lambda *_: None)  # meant for the programs that solvers run
    channel = Connection(os.dup(0))
    with open(os.devnull, "r+b") as null:
        os.dup2(null.fileno(), 0)
    job = channel.recv()
    stop = threading.Event()
    threading.Thread(target=_obey, args=(channel, stop, sys.argv[1]), daemon=True).start()
    target = job[0]
    try:
        content = _solve(channel, stop, *job) if len(job) > 1 else _function(target)()
        message = ("answer", content)
    except ImportError as error:
        message = ("raised", SolverUnavailable(target, f"its library cannot be loaded: {error}"))
    except (SpareplaceError, ValueError) as error:
        message = ("raised", error)
    channel.send(message)
    os._exit(0)  # a solver that does not end when asked to is left running until here


def _solve(
    channel: Connection,
    stop: threading.Event,
    target: str,
    option: str,
    asked: dict[str, Any],
    deadline: float | None,
) -> Answer:
    solve = _function(target)
    # The monotonic clock is one for all processes. A limit of 0 would be none to some solvers.
    left = None if deadline is None else max(deadline - time.monotonic(), LEAST)
    lock = threading.Lock()

    def progress(best: float | None, bound: float | None) -> None:
        with lock:
            channel.send(("progress", best, bound))

    request = Request(**asked, seconds=left, stop=stop, progress=progress)
    answer: Answer = solve(option, request) if option else solve(request)
    return answer


def _function(target: str) -> Any:
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def _obey(channel: Connection, stop: threading.Event, folder: str) -> None:
    with contextlib.suppress(EOFError, ConnectionError):  # the other side may be gone
        channel.recv()
    stop.set()
    time.sleep(PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
