"""The example controller, killed at every line that it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from examples.controller.hypervisor import FilesHypervisor
from examples.controller.state import State, load_state
from spareplace import check, load_cluster, protection_status
from tests.controller.killing import SCRIPT

ROOT = Path(__file__).parents[2]
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run leaves."""

    folder: Path

    @property
    def state(self) -> State:
        state = load_state(self.folder / "state.json")
        return replace(state, plan=replace(state.plan, seconds=0.0))

    @property
    def hypervisor(self) -> FilesHypervisor:
        return FilesHypervisor(self.folder)

    def lines(self, name: str) -> set[str]:
        return set((self.folder / name).read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Left, Left]:
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "tests.controller.killing", str(folder), "1"]
    done = subprocess.run(command, cwd=ROOT, env=HERE, capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr[-2000:]
    return Left(folder=folder / "calm"), Left(folder=folder / "killed")


def test_it_was_killed_at_every_line_that_runs(runs: tuple[Left, Left]) -> None:
    calm, killed = runs
    assert len(calm.lines("seen")) > 150
    assert calm.lines("seen") <= killed.lines("kills")


def test_a_controller_that_is_killed_ends_where_an_undisturbed_one_does(
    runs: tuple[Left, Left],
) -> None:
    calm, killed = runs
    assert killed.state == calm.state
    assert killed.hypervisor.running() == calm.hypervisor.running()
    assert killed.hypervisor.stored() == calm.hypervisor.stored()


def test_every_event_was_handled(runs: tuple[Left, Left]) -> None:
    for left in runs:
        assert left.state.taken == len(SCRIPT)
        assert (left.state.waiting, left.state.moves, left.state.recovery) == ((), (), None)
        assert left.state.away.keys() == {"s2"}  # the only one that did not come back


def test_no_vm_is_lost(runs: tuple[Left, Left]) -> None:
    for left in runs:
        before = {vm.name for vm in load_cluster(left.folder / "cluster.json").vms}
        state = left.state  # "new" and "newer" came and left
        assert {vm.name for vm in state.cluster.vms} == before
        assert left.hypervisor.running() == {vm.name: vm.server for vm in state.cluster.vms}


def test_all_are_protected_in_the_end(runs: tuple[Left, Left]) -> None:
    for left in runs:
        state = left.state
        assert not check(state.cluster, state.plan)
        status = protection_status(state.cluster, state.plan)
        assert (status.pairs.protected, status.holds) == (len(state.cluster.vms), True)


def test_nothing_is_stored_that_the_plan_does_not_say(runs: tuple[Left, Left]) -> None:
    for left in runs:
        there = {server.name for server in left.state.cluster.servers}
        stored = tuple(it for it in left.hypervisor.stored() if it.server in there)
        assert stored == left.state.plan.stored


@pytest.mark.parametrize("source", ["file", "standard input"])
def test_the_program_goes_on_where_it_was_killed(tmp_path: Path, source: str) -> None:
    examples = ROOT / "examples"
    events = (examples / "controller" / "events.jsonl").read_text(encoding="utf-8")
    given = tmp_path / "events.jsonl"
    given.touch()
    command = [sys.executable, "-m", "examples.controller", str(examples / "paper.json")]
    command += ["-" if source == "standard input" else str(given), str(tmp_path)]
    command += ["--until-idle", "--time-limit", "0.2"]
    state, nothing = tmp_path / "state.json", subprocess.DEVNULL
    for line in events.splitlines(keepends=True)[:3]:
        with (
            open(given, "rb") as stdin,
            subprocess.Popen(
                command, cwd=ROOT, env=HERE, stdin=stdin, stdout=nothing, stderr=nothing
            ) as running,
        ):
            was = state.stat().st_ino if state.exists() else 0
            while running.poll() is None and (not state.exists() or state.stat().st_ino == was):
                time.sleep(0.01)  # until it has written its state for the first time
            running.kill()
        with open(given, "a", encoding="utf-8") as file:
            file.write(line)
    with open(given, "rb") as stdin:
        done = subprocess.run(
            command, cwd=ROOT, env=HERE, stdin=stdin, capture_output=True, check=True, timeout=60
        )
    assert done.stdout.split()[-1:] == ([b"3"] if source == "standard input" else [])
    left = Left(folder=tmp_path)
    document = json.loads(state.read_bytes())
    assert (document["taken"], document["waiting"], document["moves"]) == (3, [], [])
    assert {vm.name for vm in left.state.cluster.vms} == set("ABCDEGHIJ")  # F left
    assert left.hypervisor.stored() == left.state.plan.stored
    assert not check(left.state.cluster, left.state.plan)
