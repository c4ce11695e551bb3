"""An executor of processes of our own, started where none is given.

Not those of `multiprocessing`: a fork from a program with threads can hang, and what is spawned
loads the caller's main module again, which ends scripts without ``if __name__ == "__main__"``.
These are started like the ones of the solvers, as programs that know this package alone, and not
before the first task.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, ParamSpec, TypeVar

from spareplace.clock import Clock

Asked = ParamSpec("Asked")
Given = TypeVar("Given")

SHORT = 4.0
"""Seconds for which no processes are started: they take half a second before they do anything."""

CHILD = (sys.executable, "-P", "-m", "spareplace.search.process")

READY = b"\0spareplace is ready\0"
"""What a process says first: what stands before it was printed by what else starts with Python."""


class Processes(Executor):
    """Processes of this package, each with one task at a time; `shutdown` kills them.

    Parameters
    ----------
    count
        How many.

    Attributes
    ----------
    running
        Those that were started.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._idle: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="spareplace-search")
        self.running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(
        self, fn: Callable[Asked, Given], /, *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Future[Given]:
        """Run a function of this package in one of the processes."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes, whatever they are doing."""
        with self._lock:
            self._closed = True
            for process in self.running:
                process.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            for process in self.running:
                _forget(process)

    def _call(
        self, fn: Callable[..., Given], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Given:
        process = self._idle.get()
        try:
            fresh = process is None
            process = process or self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            if fresh:
                _await(process.stdout)
            pickle.dump((fn, args, kwargs), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            failed, answer = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise BrokenExecutor(f"a process of the search ended: {error}") from error
        finally:
            self._idle.put(process)
        if failed:
            raise answer
        given: Given = answer
        return given

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise EOFError("it was shut down")
            process = subprocess.Popen(
                CHILD,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                process_group=0,  # Ctrl-C is meant for whoever reads the terminal
            )
            self.running.add(process)
        return process


def _await(said: IO[bytes]) -> None:
    heard = bytearray()
    while not heard.endswith(READY):
        if not (byte := said.read(1)):
            raise EOFError("it did not start")
        heard += byte


def _forget(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was not sent yet cannot be sent any more
                pipe.close()
    process.wait()


@contextlib.contextmanager
def side_by_side(
    executor: Executor | None, workers: int, clock: Clock
) -> Iterator[Executor | None]:
    """Give the executor to search on: processes of our own where none is given.

    ``None`` where there is one core or worker alone, or too little time for processes to start, or
    no Python that could be started: that of a frozen program would be the program once more.
    """
    left, count = clock.left(), min(workers, os.cpu_count() or 1)
    alone = count == 1 or not sys.executable or getattr(sys, "frozen", False)
    if executor is not None or alone or (left is not None and left < SHORT):
        yield executor
        return
    own = Processes(count)
    try:
        yield own
    finally:
        own.shutdown(cancel_futures=True)


def _environment() -> dict[str, str]:
    """Let it import what is importable here."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**os.environ, "PYTHONPATH": path}
