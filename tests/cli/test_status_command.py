from __future__ import annotations

import json
from pathlib import Path

import pytest

from spareplace.lifecycle.health.status_file import read_status
from tests.cli.commands import FULL, PAPER, TINY, run
from tests.lifecycle.health.exposition import read_exposition


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan for the paper's example, by ``greedy``: a0 to a14 are on Sl alone."""
    path = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "greedy", "-o", str(path)).exit_code == 0
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A plan for two servers: web, of a, is rebuilt on b."""
    path = tmp_path / "tiny.json"
    assert run("plan", "-", "--method", "greedy", "-o", str(path), given=TINY).exit_code == 0
    return path


def _without(plan: Path, server: str) -> None:
    document = json.loads(plan.read_text())
    document["stored"] = [one for one in document["stored"] if one["server"] != server]
    plan.write_text(json.dumps(document))


def test_a_plan_that_holds_ends_with_0_and_says_nothing_more(plan: Path) -> None:
    result = run("status", PAPER, str(plan))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "holds as planned" in result.stdout
    assert "10 protected, 0 retargetable, 0 broken" in result.stdout
    assert "15 GB; the plan promised 15 GB" in result.stdout


def test_lost_data_ends_with_6_and_is_named(plan: Path) -> None:
    _without(plan, "Sl")
    result = run("status", PAPER, str(plan))
    assert result.exit_code == 6
    assert "data lost: 40 GB of a0 and of 3 more" in result.stdout
    assert result.stderr == "error: 6 (VM, failure) pairs cannot be rebuilt\n"


def test_other_targets_than_planned_end_with_0_and_a_warning(tiny: Path) -> None:
    """Web now runs on b, which keeps base; a third server c takes it, and fetches base from a."""
    cluster = json.loads(TINY)
    cluster["servers"].append({"name": "c", "disk": 100, "resident": ["base"]})
    cluster["servers"][1]["accept_rebuilds"] = False
    result = run("status", "-", str(tiny), given=json.dumps(cluster))
    assert result.exit_code == 0
    assert "b: accepts no rebuilds; on c" in result.stdout
    assert "made for another state of the cluster" in result.stdout
    assert "warning: 1 (VM, failure) pair is rebuilt elsewhere than planned" in result.stderr


def test_what_is_missing_is_named_with_the_server(tiny: Path) -> None:
    """b keeps base, 40 bytes, and shrank to 50: web lacks 30 of its 40."""
    result = run(
        "status", "-", str(tiny), given=TINY.replace('"b", "disk": 100', '"b", "disk": 50')
    )
    assert result.exit_code == 6
    assert "no room: b lacks 30 B of disk" in result.stdout


def test_a_disk_that_extents_put_over_ends_with_6(tiny: Path) -> None:
    result = run("status", "-", str(tiny), given=FULL)
    assert result.exit_code == 6
    assert "stored extents put 1 disk over" in result.stderr


def test_the_document_reads_back(plan: Path) -> None:
    result = run("status", PAPER, str(plan), "--json")
    assert result.exit_code == 0
    assert read_status(result.stdout).pairs.protected == 10
    assert json.loads(result.stdout)["format"] == "spareplace/status/1"


def test_the_metrics_say_what_the_exit_code_does(plan: Path) -> None:
    holding = run("status", PAPER, str(plan), "--prometheus")
    metrics = read_exposition(holding.stdout)
    assert (holding.exit_code, metrics["spareplace_holds"][()]) == (0, 1)
    assert metrics["spareplace_plan_current"][()] == 1
    assert metrics["spareplace_plan_expected_transfer_bytes"][()] == 15e9
    _without(plan, "Sl")
    broken = run("status", PAPER, str(plan), "--prometheus")
    metrics = read_exposition(broken.stdout)
    assert (broken.exit_code, metrics["spareplace_holds"][()]) == (6, 0)
    assert metrics["spareplace_broken_pairs"][(("cause", "data"),)] == 6


def test_both_outputs_at_once_are_wrong_usage(plan: Path) -> None:
    result = run("status", PAPER, str(plan), "--json", "--prometheus")
    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_both_from_standard_input_is_wrong_usage() -> None:
    assert run("status", "-", "-", given=TINY).exit_code == 2


def test_a_plan_that_is_none_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    assert run("status", PAPER, str(tmp_path / "plan.json")).exit_code == 3


def test_names_cannot_act_on_the_terminal(tiny: Path) -> None:
    document = json.loads(TINY.replace('"disk": 100', '"disk": 41'))
    document["servers"].append({"name": "\x1b[2J", "disk": 0, "accept_rebuilds": False})
    document["failures"] = [{"name": "\x1b[2J", "servers": ["a"]}]
    result = run("status", "-", str(tiny), given=json.dumps(document))
    assert result.exit_code == 6
    assert "\x1b" not in result.stdout + result.stderr
