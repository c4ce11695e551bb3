"""A native solve ends when asked to, and leaves no thread."""

from __future__ import annotations

import _thread
import threading
import time

import pytest

from spareplace import solvers
from spareplace.solvers.base import Request
from spareplace.solvers.interrupting import run
from tests.solvers.models import market_split


class Deaf:
    """A solve that forgets the first requests to end, as CP-SAT does before it has begun."""

    def __init__(self, forgets: int = 3) -> None:
        self.left = forgets
        self.ended = threading.Event()

    def solve(self) -> str:
        assert self.ended.wait(20)
        return "ended"

    def end(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.ended.set()


class Interrupted(threading.Event):
    """An event that is interrupted by Ctrl-C when it is looked at."""

    def is_set(self) -> bool:
        raise KeyboardInterrupt


def test_the_result_comes_back() -> None:
    assert run(lambda: 42, threading.Event(), lambda: None) == 42


def test_an_error_comes_back() -> None:
    def fail() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        run(fail, threading.Event(), lambda: None)


def test_it_is_asked_to_end_until_it_does() -> None:
    stop, deaf = threading.Event(), Deaf()
    stop.set()
    assert run(deaf.solve, stop, deaf.end) == "ended"


def test_an_interrupt_ends_it_and_leaves_no_thread() -> None:
    deaf, threads = Deaf(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run(deaf.solve, Interrupted(), deaf.end)
    assert deaf.ended.is_set()
    assert threading.active_count() == threads


@pytest.mark.parametrize("name", ["cp-sat", "highs"])
def test_ctrl_c_reaches_python_while_a_solver_runs(name: str) -> None:
    solve, threads = solvers.load(name), threading.active_count()
    timer = threading.Timer(0.7, _thread.interrupt_main)
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        solve(Request(milp=market_split(), seconds=20))
    timer.join()
    assert time.monotonic() - start < 5
    assert threading.active_count() == threads
