"""Processes of our own: what is asked of them comes back, and nothing of them is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from spareplace.clock import Clock
from spareplace.search.processes import Processes, side_by_side

SCRIPT = """\
from spareplace import plan
from spareplace.generate import generate_cluster
cluster = generate_cluster(servers=5, vms_per_server=3, disk_slack=1.0, seed=3)
found = plan(cluster, method="search", time_limit=None, iterations=2, workers=2)
print("planned", found.expected_transfer_bytes > 0)
"""


def test_values_and_errors_come_back_and_nothing_is_left() -> None:
    processes = Processes(2)
    with processes:
        there = processes.submit(os.getpid).result()
        assert there != os.getpid()
        with pytest.raises(FileNotFoundError):
            processes.submit(os.stat, "no such file").result()
    with pytest.raises(ProcessLookupError):
        os.kill(there, 0)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="there is no such thing here")
def test_others_go_first() -> None:
    with Processes(1) as processes:
        assert processes.submit(os.nice, 0).result() > min(os.nice(0), 18)


@pytest.mark.skipif(not hasattr(os, "getsid"), reason="there is no such thing here")
def test_ctrl_c_is_not_for_them_and_the_system_weighs_them_with_their_parent() -> None:
    with Processes(1) as processes:
        assert processes.submit(os.getpgid, 0).result() != os.getpgid(0)
        assert processes.submit(os.getsid, 0).result() == os.getsid(0)


def test_nothing_is_started_before_the_first_task() -> None:
    with Processes(2) as processes:
        assert not processes.running


def test_the_death_of_a_process_is_that_of_the_executor() -> None:
    with Processes(1) as processes, pytest.raises(BrokenExecutor, match="ended"):
        processes.submit(os._exit, 3).result()


def test_they_are_taken_where_there_is_time_and_no_other_executor() -> None:
    with side_by_side(None, 1, Clock(limit=60)) as where:
        assert where is None  # one worker was asked for
    with side_by_side(None, 8, Clock(limit=1)) as where:
        assert where is None
    with ThreadPoolExecutor(1) as own, side_by_side(own, 8, Clock()) as where:
        assert where is own


def test_a_frozen_program_is_not_started_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with side_by_side(None, 8, Clock(limit=60)) as where:
        assert where is None


def test_what_python_prints_when_it_starts_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('I am here', flush=True)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with Processes(1) as processes:
        assert processes.submit(max, 3, 4).result() == 4


def test_a_process_ends_amid_its_task_when_its_parent_is_gone() -> None:
    script = "\n".join(
        (
            "import os, time",
            "from spareplace.search.processes import Processes",
            "there = Processes(1)",
            "print(there.submit(os.getpid).result(), flush=True)",
            "there.submit(time.sleep, 600)",
            "time.sleep(0.5)",
            "os._exit(0)",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.kill(int(done.stdout), 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("it is still there")


@pytest.mark.skipif((os.cpu_count() or 1) == 1, reason="one core is used without processes")
def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    # The processes of `multiprocessing` would run the script once more, each of them.
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.stdout, done.stderr) == ("planned True\n", "")
