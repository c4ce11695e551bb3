"""Whatever a solver does in its own process, the caller gets an answer or a clear error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spareplace.errors import Defect, SolverUnavailable
from spareplace.solvers.apart import Apart, ask
from spareplace.solvers.base import Outcome, Request
from spareplace.solvers.children import Died
from tests.solvers.models import knapsack, market_split


def misbehaving(function: str) -> Apart:
    return Apart(target=f"tests.solvers.misbehaving:{function}", name="bad")


def gone(heartbeat: Path, within: float = 10.0) -> bool:
    """Tell whether everything that beats has ended, or does so in time."""
    end = time.monotonic() + within
    before = -1
    while before != heartbeat.stat().st_size:
        if time.monotonic() > end:
            return False
        before = heartbeat.stat().st_size
        time.sleep(0.7)
    return before > 0


@pytest.fixture
def heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "heartbeat"
    file.touch()
    monkeypatch.setenv("HEARTBEAT", str(file))
    return file


@pytest.mark.parametrize(
    ("function", "how"),
    [
        ("dies", "ended with exit code 3, and said last: it hurts"),
        ("crashes", "was killed by SIGSEGV"),
        ("is_killed", "was killed by SIGKILL, as when memory runs out"),
        ("needs_too_much", "ended with exit code 3, and said last: MemoryError: of a petabyte"),
    ],
)
def test_a_process_that_dies_is_no_plan_and_how_it_ended_is_told(function: str, how: str) -> None:
    with pytest.raises(Died, match=f"the process of bad {how}"):
        misbehaving(function)(Request(milp=knapsack()))


def test_an_error_of_ours_in_a_process_is_a_defect() -> None:
    with pytest.raises(Defect, match="process of bad ended with exit code 1") as caught:
        misbehaving("fails")(Request(milp=knapsack()))
    assert "ZeroDivisionError" in str(caught.value)


def test_an_error_of_the_request_is_raised_here() -> None:
    with pytest.raises(ValueError, match="seed 7 is not nice"):
        misbehaving("refuses")(Request(milp=knapsack(), seed=7))


def test_a_missing_solver_is_reported_by_the_name_it_was_asked_by() -> None:
    with pytest.raises(SolverUnavailable, match="solver 'bad' is not available: no licence"):
        misbehaving("is_missing")(Request(milp=knapsack()))


def test_a_library_that_cannot_be_imported_makes_it_unavailable() -> None:
    solve = Apart(target="tests.solvers.not_there:solve", name="absent")
    with pytest.raises(SolverUnavailable, match=r"'absent'.*cannot be loaded: No module named"):
        solve(Request(milp=knapsack()))


def test_a_solver_that_does_not_stop_is_killed_with_all_it_started(heartbeat: Path) -> None:
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    answer = misbehaving("never_ends")(Request(milp=knapsack(), stop=stop))
    assert answer.outcome is Outcome.NO_ANSWER
    assert answer.bound == -25
    assert gone(heartbeat)


def test_a_solver_that_does_not_keep_its_limit_is_killed(heartbeat: Path) -> None:
    start = time.monotonic()
    answer = misbehaving("never_ends")(Request(milp=knapsack(), seconds=0.2))
    assert time.monotonic() - start < 5
    assert answer.outcome is Outcome.NO_ANSWER
    assert gone(heartbeat)


def test_it_ends_when_the_process_that_asked_is_killed(heartbeat: Path, tmp_path: Path) -> None:
    program = (
        "from tests.solvers.test_apart import *\n"
        "misbehaving('never_ends')(Request(milp=knapsack()))"
    )
    folder = tmp_path / "files"
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    caller = subprocess.Popen([sys.executable, "-c", program], env=environment)
    while not {"p", "s"} <= set(heartbeat.read_text()):
        time.sleep(0.05)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert gone(heartbeat)
    assert list(folder.iterdir()) == []


def test_an_error_of_the_listener_ends_the_solve() -> None:
    def listen(*_: float | None) -> None:
        raise KeyError("listener")

    solve = Apart(target="spareplace.solvers.mathopt:scip", name="scip")
    with pytest.raises(KeyError, match="listener"):
        solve(Request(milp=market_split(), progress=listen))


def test_a_question_is_answered() -> None:
    assert ask("os:getcwd", name="any") == os.getcwd()


def test_a_question_without_an_answer_is_a_defect() -> None:
    with pytest.raises(Defect, match="does not answer in"):
        ask("tests.solvers.misbehaving:is_silent", name="any", seconds=0.5)
