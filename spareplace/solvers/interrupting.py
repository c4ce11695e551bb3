"""Run a native solve so that the caller can end it: by its event, or by Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

TICK = 0.05
"""Seconds between two looks at the event."""

T = TypeVar("T")


def run(solve: Callable[[], T], stop: threading.Event, end: Callable[[], None]) -> T:
    """Run a solve in a thread of its own, and end it when asked to.

    The calling thread waits in Python, not in native code, so that signal handlers run and
    ``KeyboardInterrupt`` is raised at once. No thread is left when it returns.

    Parameters
    ----------
    solve
        The native solve; it must release the interpreter lock.
    stop
        Set, from any thread, to end it.
    end
        Asks the native solve to end. It is called again and again until the solve has ended,
        since some solvers forget a request that comes before they have begun.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="spareplace-solver") as pool:
        future = pool.submit(solve)
        try:
            while not future.done() and not stop.is_set():
                wait([future], TICK)
        finally:
            while not future.done():
                end()
                wait([future], TICK)
    return future.result()
