"""The example controller, killed at every line that it runs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from examples.controller.controller import Hypervisor
from spareplace import Plan, check, load_cluster, protection_status
from spareplace.lifecycle.living import Life, Observed, load_life
from tests.controller.killing import SCRIPT

ROOT = Path(__file__).parents[2]
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run leaves."""

    folder: Path

    @property
    def life(self) -> Life:
        return load_life(self.folder / "state.json")

    @property
    def plan(self) -> Plan:
        plan = self.life.plan
        assert plan is not None
        return replace(plan, seconds=0.0)

    @property
    def world(self) -> Observed:
        return Hypervisor(self.folder / "world.json").observed()

    def lines(self, name: str) -> set[str]:
        return set((self.folder / name).read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Left, ...]:
    folder = tmp_path_factory.mktemp("runs")
    command = [sys.executable, "-m", "tests.controller.killing", str(folder), "1"]
    done = subprocess.run(command, cwd=ROOT, env=HERE, capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr[-2000:]
    return tuple(Left(folder=folder / name) for name in ("calm", "everywhere", "anywhere"))


def test_it_was_killed_at_every_line_that_runs(runs: tuple[Left, ...]) -> None:
    calm, everywhere, _ = runs
    assert len(calm.lines("seen")) > 70
    assert calm.lines("seen") <= everywhere.lines("kills")


def test_it_was_killed_anywhere(runs: tuple[Left, ...]) -> None:
    assert len(runs[-1].lines("kills")) > 20


def test_a_controller_that_is_killed_ends_where_an_undisturbed_one_does(
    runs: tuple[Left, ...],
) -> None:
    calm, *others = runs
    for killed in others:
        assert replace(killed.life, plan=killed.plan) == replace(calm.life, plan=calm.plan)
        assert killed.world == calm.world


def test_every_event_was_decided_on_and_all_is_done(runs: tuple[Left, ...]) -> None:
    for left in runs:
        assert left.life.taken == len(SCRIPT)
        assert left.life.is_idle
        assert [it.server for it in left.life.away] == ["s2"]  # the only one that stayed away


def test_no_vm_is_lost(runs: tuple[Left, ...]) -> None:
    for left in runs:
        before = {vm.name for vm in load_cluster(left.folder / "cluster.json").vms}
        homes = {vm.name: vm.server for vm in left.life.cluster.vms}
        assert homes.keys() == before  # "new" and "newer" came and left
        assert {vm: left.world.running[vm] for vm in before} == homes


def test_all_are_protected_in_the_end(runs: tuple[Left, ...]) -> None:
    for left in runs:
        cluster = left.life.cluster
        assert not check(cluster, left.plan)
        status = protection_status(cluster, left.plan)
        assert (status.pairs.protected, status.holds) == (len(cluster.vms), True)


def test_nothing_is_stored_that_the_plan_does_not_say(runs: tuple[Left, ...]) -> None:
    for left in runs:
        there = {server.name for server in left.life.cluster.servers}
        assert tuple(it for it in left.world.stored if it.server in there) == left.plan.stored


@pytest.mark.parametrize("source", ["file", "pipe"])
def test_the_program_goes_on_where_it_was_killed(tmp_path: Path, source: str) -> None:
    examples = ROOT / "examples"
    events = (examples / "controller" / "events.jsonl").read_text(encoding="utf-8")
    given = tmp_path / "events.jsonl"
    given.touch()
    command = [sys.executable, "-m", "examples.controller"]
    command += [str(examples / "paper.json"), str(tmp_path)]
    state, nothing = tmp_path / "state.json", subprocess.DEVNULL
    first, second, third, *_ = events.splitlines(keepends=True)
    for line in (first, second + third):
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
    lines = given.read_bytes()
    if source == "pipe":
        done = subprocess.run(command, cwd=ROOT, env=HERE, input=lines, capture_output=True)
    else:
        with open(given, "rb") as stdin:
            done = subprocess.run(command, cwd=ROOT, env=HERE, stdin=stdin, capture_output=True)
    assert not done.returncode, done.stderr[-2000:]
    assert done.stdout.split()[-1] == b"3"
    left = Left(folder=tmp_path)
    assert (left.life.taken, left.life.is_idle) == (3, True)
    assert {vm.name for vm in left.life.cluster.vms} == set("ABCDEGHIJ")  # F left
    assert left.world.stored == left.plan.stored
    assert not check(left.life.cluster, left.plan)
