"""A name on the command line that the cluster lacks: one exit code, whatever the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from spareplace.cli.exits import Exit
from tests.cli.commands import PAPER, run


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("plans") / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", path).exit_code == 0
    return path


@pytest.mark.parametrize(
    ("words", "where", "meant"),
    [
        ("recover {c} {p} --failed Skk", "--failed", "Sk"),
        ("runbook {c} {p} --failed Skk", "--failed", "Sk"),
        ("reprotect {c} {p} --failed Skk", "--failed", "Sk"),
        ("drain {c} {p} Skk", "SERVER", "Sk"),
        ("explain {c} {p} --vm JJ", "--vm", "J"),
        ("explain {c} {p} --failure Skk", "--failure", "Sk"),
        ("explain {c} {p} --vm J --server Skk", "--server", "Sk"),
        ("whatif {c} {p} --without Skk", "--without", "Sk"),
        ("whatif {c} {p} --disk Skk=1GB", "--disk", "Sk"),
        ("whatif {c} {p} --net Skk=1GB", "--net", "Sk"),
        ("whatif {c} {p} --add-server Sm --like Skk", "--like", "Sk"),
        ("capacity {c} --like JJ", "--like", "J"),
        ("capacity {c} --like J --diff b00", "--diff", "b0"),
        ("capacity {c} --like J --without Skk", "--without", "Sk"),
    ],
)
def test_it_is_wrong_usage_of_the_option_and_the_right_one_is_suggested(
    words: str, where: str, meant: str, plan: str
) -> None:
    result = run(*words.format(c=PAPER, p=plan).split())
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert f"{where}: found " in result.stderr
    assert f"did you mean {meant!r}?" in result.stderr


def test_a_server_may_be_taken_away_twice(plan: str) -> None:
    once = run("whatif", PAPER, plan, "--without", "Sl", "--method", "greedy")
    twice = run("whatif", PAPER, plan, "--without", "Sl", "--without", "Sl", "--method", "greedy")
    assert (twice.exit_code, twice.stdout) == (once.exit_code, once.stdout)


def test_the_servers_that_are_added_are_left(tmp_path: Path) -> None:
    cluster = tmp_path / "cluster.json"
    cluster.write_text(
        """{"format": "spareplace/cluster/1", "servers": [{"name": "a", "disk": 100}],
        "vms": [{"name": "web", "server": "a", "disk": 40, "protect": false}]}"""
    )
    alone = run("capacity", str(cluster), "--like", "web", "--without", "a")
    assert alone.exit_code == Exit.USAGE
    assert "--without: no server would be left" in alone.stderr
    words = ("--like", "web", "--without", "a", "--with-server", "1")
    assert run("capacity", str(cluster), *words).exit_code == 0
