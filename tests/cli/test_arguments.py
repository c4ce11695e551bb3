"""What several commands share: the kinds of failures that replace those of the cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import PAPER, TINY, run

ALONE = """{"format": "spareplace/cluster/1", "servers": [{"name": "a", "disk": 100}]}"""


@pytest.mark.parametrize(
    ("cluster", "kinds", "why"),
    [
        (Path(PAPER).read_text(), "zones", "no server has a zone"),
        (ALONE, "pairs", "there is only one server"),
        (ALONE, "pairs,zones", "there is only one server, and no server has a zone"),
    ],
)
def test_kinds_of_which_there_is_no_failure_are_wrong_usage(
    cluster: str, kinds: str, why: str
) -> None:
    result = run("plan", "-", "--failures", kinds, given=cluster)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--failures: found {kinds}, but {why}; choose" in result.stderr


@pytest.mark.parametrize("command", ["check", "status", "recover"])
def test_no_plan_is_praised_for_being_ready_for_nothing(command: str, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert run("plan", PAPER, "--method", "level", "-o", plan).exit_code == 0
    words = ("--failed", "Si") if command == "recover" else ()
    assert run(command, PAPER, plan, "--failures", "zones", *words).exit_code == 2


def test_a_kind_without_failures_beside_others_is_told() -> None:
    result = run("plan", PAPER, "--method", "level", "--failures", "single,zones", "--json")
    assert result.exit_code == 0
    assert result.stderr == "warning: --failures zones adds no failure: no server has a zone\n"
    assert len(json.loads(result.stdout)["recoveries"]) == 4


def test_kinds_that_name_the_same_servers_are_not_told() -> None:
    result = run("plan", "-", "--method", "level", "--failures", "zones,single", given=TINY)
    assert (result.exit_code, result.stderr) == (0, "")
