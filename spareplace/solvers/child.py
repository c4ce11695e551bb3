"""The other end of `children`: a process that does jobs for the process that started it.

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
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from spareplace.errors import SolverUnavailable, SpareplaceError
from spareplace.milp.model import Ints
from spareplace.solvers.base import Answer, Request

PATIENCE = 2.0
"""Seconds after which a child that was asked to end, or was left alone, kills itself."""

LEAST = 1e-3
"""Seconds that a solver gets when its process took all the time to start."""

OUT_OF_MEMORY = 3
"""The exit code where memory was asked for in vain."""

FIRST = "500"
"""Of a thousand: how much sooner Linux kills this process than others when memory runs out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """What to do, and whether it is to be ended, or has ended."""

    content: tuple[Any, ...]
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


def main() -> None:
    """Do one job after the other. The only argument is the folder for its files."""
    signal.signal(signal.SIGINT, lambda *_: None)  # meant for the programs that solvers run
    channel = Connection(os.dup(0))
    with open(os.devnull, "r+b") as null:
        os.dup2(null.fileno(), 0)
    with contextlib.suppress(OSError):  # Linux alone has it
        Path("/proc/self/oom_score_adj").write_text(FIRST)
    jobs: SimpleQueue[Job] = SimpleQueue()
    threading.Thread(target=_listen, args=(channel, jobs, sys.argv[1]), daemon=True).start()
    while True:
        job = jobs.get()
        message = _do(channel, job)
        job.done.set()
        with contextlib.suppress(ConnectionError):  # nobody waits for it any more
            channel.send(message)


def _do(channel: Connection, job: Job) -> tuple[str, object]:
    target = job.content[0]
    try:
        content = _solve(channel, job.stop, *job.content)
        return ("answer", content)
    except ImportError as error:
        return ("raised", SolverUnavailable(target, f"its library cannot be loaded: {error}"))
    except (SpareplaceError, ValueError) as error:
        return ("raised", error)
    except MemoryError:
        traceback.print_exc()
        os._exit(OUT_OF_MEMORY)


def _solve(
    channel: Connection,
    stop: threading.Event,
    target: str,
    option: str = "",
    asked: dict[str, Any] | None = None,
    deadline: float | None = None,
    tells: bool = False,
) -> object:
    """Call a function: without anything, or with a request."""
    if asked is None:
        return _function(target)()
    solve = _function(target)
    # The monotonic clock is one for all processes. A limit of 0 would be none to some solvers.
    left = None if deadline is None else max(deadline - time.monotonic(), LEAST)
    lock = threading.Lock()

    def progress(best: float | None, bound: float | None) -> None:
        with lock:
            channel.send(("progress", best, bound))

    def found(values: Ints) -> None:
        with lock:
            channel.send(("found", values))

    request = Request(
        **asked, seconds=left, stop=stop, progress=progress, found=found if tells else None
    )
    answer: Answer = solve(option, request) if option else solve(request)
    return answer


def _function(target: str) -> Any:
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def _listen(channel: Connection, jobs: SimpleQueue[Job], folder: str) -> None:
    """Take jobs in, and end what is under way when asked to, or all when nobody is there."""
    job: Job | None = None
    while True:
        try:
            message = channel.recv()
        except (EOFError, ConnectionError):
            message = None
        if isinstance(message, tuple):
            job = Job(content=message)
            jobs.put(job)
            continue
        if job is not None:
            job.stop.set()
            if job.done.wait(PATIENCE) and message is not None:
                continue
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
