from __future__ import annotations

import json
from pathlib import Path

import pytest

from spareplace.cli.exits import Exit
from tests.cli.commands import PAPER, TINY, run

QUICK = ("--method", "search", "--iterations", "2")


@pytest.fixture
def greedy(tmp_path: Path) -> str:
    path = str(tmp_path / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", path).exit_code == Exit.DONE
    return path


def test_a_plans_own_output_moves_nothing(greedy: str) -> None:
    result = run("replan", PAPER, greedy, "--method", "greedy")
    assert result.exit_code == Exit.DONE
    assert result.stdout.startswith("no change is needed in what is stored")
    document = json.loads(run("replan", PAPER, greedy, "--method", "greedy", "--json").stdout)
    assert (document["moved_bytes"], document["moves"]["steps"]) == (0, [])
    assert document["plan"] == json.loads(Path(greedy).read_text())
    assert result.stdout.endswith("made for: to improve it, give --move-limit\n")


def test_the_steps_of_a_better_plan_are_listed_and_it_is_written(
    greedy: str, tmp_path: Path
) -> None:
    better = str(tmp_path / "better.json")
    result = run("replan", PAPER, greedy, "--move-limit", "20GB", *QUICK, "-o", better)
    assert result.exit_code == Exit.DONE
    assert result.stdout.splitlines()[0] == "moved: 20 GB"
    assert "in this order: 20 GB copied" in result.stdout
    assert run("check", PAPER, better).exit_code == Exit.DONE


def test_a_plan_of_another_cluster_is_taken_as_what_is_stored(tmp_path: Path) -> None:
    cluster, plan = tmp_path / "tiny.json", str(tmp_path / "plan.json")
    cluster.write_text(TINY)
    assert run("plan", str(cluster), "-o", plan).exit_code == Exit.DONE
    more = '"vms": [{"name": "db", "server": "b", "disk": 1}, '
    cluster.write_text(TINY.replace('"vms": [', more))
    assert run("check", str(cluster), plan).exit_code == Exit.OTHER_CLUSTER
    result = run("replan", str(cluster), plan, "-o", plan)  # -o may name what is read
    assert result.exit_code == Exit.DONE
    assert run("check", str(cluster), plan).exit_code == Exit.DONE


def test_a_limit_that_is_too_small_is_an_error_and_no_file_is_touched(tmp_path: Path) -> None:
    cluster, plan = tmp_path / "tiny.json", tmp_path / "plan.json"
    cluster.write_text(TINY)
    run("plan", str(cluster), "-o", str(plan))
    document = json.loads(plan.read_text())
    document["stored"] = []
    plan.write_text(json.dumps(document))
    before = plan.read_bytes()
    result = run("replan", str(cluster), str(plan), "--move-limit", "39B", "-o", str(plan))
    assert result.exit_code == Exit.INFEASIBLE
    assert "move_limit is 1 bytes too low: needed 40, found 39" in result.stderr
    assert plan.read_bytes() == before
    enough = run("replan", str(cluster), str(plan), "--move-limit", "40")
    assert enough.stdout.splitlines()[0] == "moved: 40 B"


@pytest.mark.parametrize("option", [("--move-limit", "much"), ("--move-cost", "-1"), ("-o", "-")])
def test_wrong_usage(greedy: str, option: tuple[str, str]) -> None:
    assert run("replan", PAPER, greedy, *option).exit_code == Exit.USAGE
