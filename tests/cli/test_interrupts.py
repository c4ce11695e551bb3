"""Ctrl-C, and the live line, in real processes."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spareplace.cli import plan_command
from spareplace.cli.interrupts import Interrupts, heard
from spareplace.files import load_plan, read_plan, save_plan
from spareplace.placement import Plan
from tests.cli.commands import PAPER, ROOT, hard_cluster, process, run


@pytest.fixture
def cluster(tmp_path: Path) -> str:
    path = tmp_path / "cluster.json"
    path.write_text(hard_cluster())
    return str(path)


class _Terminal:
    """A terminal that a process writes its messages to."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.shown = b""

    def wait_for(self, text: bytes) -> None:
        deadline = time.monotonic() + 30
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            self.shown += os.read(self.ours, 4096)

    def rest(self) -> bytes:
        """Read until the process has closed its side."""
        os.close(self.theirs)
        try:
            while part := os.read(self.ours, 4096):
                self.shown += part
        except OSError:  # how Linux tells the end of a terminal
            pass
        os.close(self.ours)
        return self.shown


def _screen(written: bytes) -> list[str]:
    """What is seen of text in which a carriage return goes back to the start of the line."""
    lines = []
    for line in written.decode().replace("\r\n", "\n").split("\n"):
        seen = ""
        for part in line.split("\r"):
            seen = part + seen[len(part) :]
        lines.append(seen.rstrip())
    return lines


def test_the_first_ctrl_c_gives_the_best_plan_so_far(cluster: str) -> None:
    terminal = _Terminal()
    with process(
        "plan", cluster, "--allow-unprotected", "--time-limit=none", "--json",
        stderr=terminal.theirs,
    ) as running:  # fmt: skip
        terminal.wait_for(b"best 0 B")
        running.send_signal(signal.SIGINT)
        assert running.stdout is not None
        plan = read_plan(running.stdout.read())
        running.wait()
        shown = terminal.rest()
    assert running.returncode == 0
    assert plan.status == "feasible"
    assert plan.unprotected
    assert _screen(shown) == ["stopping with the best plan so far; Ctrl-C again ends at once", ""]


def test_ctrl_c_before_there_is_a_plan_ends_with_5(cluster: str) -> None:
    terminal = _Terminal()
    with process("plan", cluster, "--time-limit=none", stderr=terminal.theirs) as running:
        terminal.wait_for(b"best none yet")
        running.send_signal(signal.SIGINT)
        running.wait()
        shown = terminal.rest()
    assert running.returncode == 5
    assert "greedy found no plan" in _screen(shown)[1]


def test_the_live_line_changes_in_place_and_is_gone_at_the_end(cluster: str) -> None:
    terminal = _Terminal()
    with process(
        "plan", cluster, "--allow-unprotected", "--time-limit=2", stderr=terminal.theirs
    ) as running:
        assert running.stdout is not None
        assert b"expected transfer" in running.stdout.read()
        running.wait()
        shown = terminal.rest()
    assert running.returncode == 0
    assert re.search(rb"\r\d\.\d s  best 0 B  bound 0 B  gap 0 %", shown)
    assert b"\n" not in shown
    assert _screen(shown) == [""]


def test_progress_is_not_shown_where_nobody_watches(cluster: str) -> None:
    with process("plan", cluster, "--allow-unprotected", "--time-limit=1") as running:
        _, said = running.communicate()
    assert (running.returncode, said) == (0, b"")


def test_a_second_ctrl_c_ends_at_once() -> None:
    code = (
        "import os, signal, time; from spareplace.cli.interrupts import heard\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with heard() as interrupts:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    assert interrupts.asked\n"
        "    print('once', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('twice', flush=True)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "once\n", "")


def test_ctrl_c_while_reading_ends_with_130_and_one_line() -> None:
    with process("plan", "-", stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(b" " * 10**6)  # more than the pipe holds: it is being read
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate()
    assert (running.returncode, stdout, stderr) == (130, b"", b"interrupted\n")


def test_ctrl_c_once_there_is_a_plan_does_not_lose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_late(plan: Plan, path: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        save_plan(plan, path)

    monkeypatch.setattr(plan_command, "save_plan", save_late)
    path = tmp_path / "plan.json"
    result = run("plan", PAPER, "--method", "level", "-o", str(path))
    assert result.exit_code == 0
    assert "27.5 GB" in result.stdout
    assert load_plan(path).method == "level"


def test_ctrl_c_is_what_it_was_before_and_after() -> None:
    before = signal.getsignal(signal.SIGINT)
    with heard():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_an_ignored_ctrl_c_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heard():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_thread_of_a_larger_program_leaves_ctrl_c_alone() -> None:
    seen: list[Interrupts] = []

    def listen() -> None:
        with heard() as interrupts:
            seen.append(interrupts)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert [interrupts.asked for interrupts in seen] == [False]
