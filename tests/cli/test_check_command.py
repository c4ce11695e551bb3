from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import PAPER, TINY, run


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan for the paper's example, by ``level``."""
    path = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "level", "-o", str(path)).exit_code == 0
    return path


def _change(plan: Path, old: str, new: str) -> None:
    text = plan.read_text()
    assert old in text
    plan.write_text(text.replace(old, new))


def test_a_right_plan_is_confirmed(plan: Path) -> None:
    result = run("check", PAPER, str(plan))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "keeps every rule in 4 failures: expected transfer 27.5 GB" in result.stdout


def test_a_right_plan_has_no_violations_in_json(plan: Path) -> None:
    result = run("check", PAPER, str(plan), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"format": "spareplace/check/1", "violations": []}


def test_every_violation_is_listed(plan: Path) -> None:
    _change(plan, "27500000000", "1")
    _change(plan, "65000000000", "2")
    result = run("check", PAPER, str(plan))
    assert result.exit_code == 6
    assert len(result.stdout.splitlines()) >= 2
    assert all(line.startswith("figures") for line in result.stdout.splitlines())
    assert "the plan breaks a rule" in result.stderr


def test_violations_are_given_as_json(plan: Path) -> None:
    _change(plan, "27500000000", "1")
    result = run("check", PAPER, str(plan), "--json")
    assert result.exit_code == 6
    (violation,) = json.loads(result.stdout)["violations"]
    assert violation["rule"] == "figures"
    assert violation["amount"] == 27_499_999_999


def test_options_that_the_plan_was_not_made_with_are_heeded(plan: Path) -> None:
    limited = run("check", PAPER, str(plan), "--stored-limit", "1GB", "--json")
    assert limited.exit_code == 6
    assert "stored-limit" in limited.stdout
    halves = json.loads(plan.read_text())
    first = halves["stored"][0]
    other = dict(first, server=next(name for name in ("Si", "Sj") if name != first["server"]))
    halves["stored"] += [dict(other, stop=first["stop"] // 2)]
    plan.write_text(json.dumps(halves))
    assert '"pieces"' in run("check", PAPER, str(plan), "--max-pieces", "1", "--json").stdout
    assert '"pieces"' not in run("check", PAPER, str(plan), "--json").stdout


def test_a_plan_of_another_cluster_ends_with_7(plan: Path) -> None:
    result = run("check", "-", str(plan), given=TINY)
    assert (result.exit_code, result.stdout) == (7, "")
    assert "the plan is of another cluster" in result.stderr
    other_failures = run("check", PAPER, str(plan), "--failures", "pairs")
    assert other_failures.exit_code == 7
    same_failures = run("check", PAPER, str(plan), "--failures", "single")
    assert same_failures.exit_code == 0


def test_the_plan_may_come_from_standard_input(plan: Path) -> None:
    assert run("check", PAPER, "-", given=plan.read_bytes()).exit_code == 0


def test_both_from_standard_input_is_wrong_usage() -> None:
    result = run("check", "-", "-", given=TINY)
    assert result.exit_code == 2
    assert "only one of CLUSTER and PLAN" in result.stderr


def test_a_hash_in_a_plan_cannot_act_on_the_terminal(plan: Path) -> None:
    document = json.loads(plan.read_text())
    plan.write_text(json.dumps(document | {"cluster_sha256": "\x1b[2J"}))
    result = run("check", PAPER, str(plan))
    assert result.exit_code in (3, 7)
    assert "\x1b" not in result.stderr
