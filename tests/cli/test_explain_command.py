from __future__ import annotations

import json
from pathlib import Path

import pytest

from spareplace.explaining.explanation_file import read_explanation
from tests.cli.commands import FULL, PAPER, TINY, run


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = str(tmp_path / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", path).exit_code == 0
    return path


def test_a_plan_is_explained(plan: str) -> None:
    result = run("explain", PAPER, plan)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "expected transfer: 15 GB" in result.stdout
    assert "Sk                   0.25    3     40 GB  66.7 %" in result.stdout
    assert "0 B of 270 GB  Sl         Si" in result.stdout


def test_why_here_and_why_not_there(plan: str) -> None:
    result = run("explain", PAPER, plan, "--vm", "J")
    assert "VM J, in failure Sl, is rebuilt on Sj" in result.stdout
    assert "Si  dearer   holds 20 GB of 60 GB; the recovery transfers 40 GB" in result.stdout
    assert "Sl  blocked  it fails itself" in result.stdout


def test_a_blocked_server_says_what_is_needed_and_what_is_left(tmp_path: Path) -> None:
    """c keeps base, 40, and has 50: of web's 40 there is room for 10."""
    cluster = json.loads(TINY)
    cluster["servers"].append({"name": "c", "disk": 30, "capacity": {"cpu": 1}})
    cluster["vms"][0]["demand"] = {"cpu": 2}
    cluster["servers"][1]["capacity"] = {"cpu": 2}
    given, path = tmp_path / "cluster.json", str(tmp_path / "plan.json")
    given.write_text(json.dumps(cluster))
    assert run("plan", str(given), "--method", "greedy", "-o", path).exit_code == 0
    result = run("explain", str(given), path, "--failure", "a", "--server", "c")
    assert "c  blocked  disk: needs 40 B, has 30 B of 30 B" in result.stdout
    assert "cpu: needs 2, has 1 of 1" in result.stdout


def test_an_infeasible_cluster_ends_with_0_and_names_causes_and_remedies() -> None:
    result = run("explain", "-", given=FULL)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "and one would without any of them" in result.stdout
    assert "- server 'b' has no more disk" in result.stdout
    assert "needed 40, available 39" in result.stdout
    assert "- give server 'b' 41 B more disk" in result.stdout


def test_a_feasible_one_is_said_to_be_so() -> None:
    assert run("explain", "-", given=TINY).stdout.startswith("feasible: there is a plan")


def test_the_document_reads_back(plan: str) -> None:
    for result in (
        run("explain", PAPER, plan, "--failure", "Sk", "--json"),
        run("explain", "-", "--json", given=FULL),
        run("explain", "-", "--json", given=TINY),
    ):
        assert result.exit_code == 0
        assert json.loads(result.stdout)["format"] == "spareplace/explanation/1"
        found = read_explanation(result.stdout)
        assert found.subject in ("plan", "infeasible", "feasible")


def test_an_unknown_name_is_wrong_usage(plan: str) -> None:
    result = run("explain", PAPER, plan, "--vm", "JJ")
    assert result.exit_code == 2
    assert "--vm: found 'JJ', expected the name of a vm" in result.stderr
    assert run("explain", PAPER, "--vm", "J").exit_code == 2


def test_the_plan_of_another_cluster_ends_with_7(plan: str) -> None:
    assert run("explain", "-", plan, given=TINY).exit_code == 7
