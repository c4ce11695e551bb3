from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.commands import FULL, PAPER, TINY, run

EXACT = ("--method", "milp", "--max-pieces", "1", "--gap", "1")


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = str(tmp_path / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", path).exit_code == 0
    return path


def test_changes_are_compared_with_today_in_one_table(plan: str, tmp_path: Path) -> None:
    later = str(tmp_path / "later.json")
    given = ("--disk", "Sl=+40GB", "--net", "Sl=1GB/s", "-o", later)
    result = run("whatif", PAPER, plan, *given, "--method", "milp", "--max-pieces", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "give server 'Sl' 40 GB more disk" in result.stdout
    assert "let server 'Sl' send and receive 1 GB/s" in result.stdout
    (row,) = [line for line in result.stdout.splitlines() if "expected transfer" in line]
    assert row.split() == ["expected", "transfer", "15", "GB", "0", "B", "-15", "GB"]
    assert json.loads(Path(later).read_text())["format"] == "spareplace/plan/1"


def test_servers_come_and_go(plan: str) -> None:
    given = ("--add-server", "Sm", "--like", "Sl", "--without", "Sk", "--json")
    result = run("whatif", PAPER, plan, *given, *EXACT)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert [change["kind"] for change in document["changes"]] == ["add_server", "without_server"]
    assert (document["after"]["servers"], document["after"]["vms"]) == (4, 10)


def test_no_plan_then_is_an_answer(tmp_path: Path) -> None:
    path = str(tmp_path / "tiny.json")
    assert run("plan", "-", "--method", "greedy", "-o", path, given=TINY).exit_code == 0
    result = run("whatif", "-", path, "--disk", "b=39B", given=TINY)
    assert result.exit_code == 0
    assert "there would be no plan" in result.stdout
    assert "server 'b' lacks 1 of disk" in result.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--disk", "Sl"),
        ("--disk", "Sl=much"),
        ("--add-server", "Sm"),
        ("--like", "Sl"),
        ("--disk", "Sl=0.5B"),
        ("--disk", "Sl=+-5GB"),
        ("--disk", "Sl=-10TB"),
        ("--disk", "S9=1TB"),
        ("--net", "S9=1GB"),
        ("--without", "S9"),
        ("--add-server", "Sm", "--like", "S9"),
        ("--add-server", "Si", "--like", "Sj"),
        ("--add-server", "Sm", "--add-server", "Sm", "--like", "Sj"),
        ("--net", "Si=-1GB"),
        ("--without", "Si", "--without", "Sj", "--without", "Sk", "--without", "Sl"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(plan: str, wrong: tuple[str, ...]) -> None:
    assert run("whatif", PAPER, plan, *wrong).exit_code == 2


def test_capacity_is_counted() -> None:
    result = run("capacity", "-", "--like", "web", given=TINY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "VMs like web that fit  0" in result.stdout
    assert "proven infeasible, wherever it would run" in result.stdout
    assert "runs out first         disk" in result.stdout
    found = json.loads(
        run("capacity", "-", "--like", "web", "--with-server", "1", "--json", given=TINY).stdout
    )
    assert found["format"] == "spareplace/capacity/1"
    assert found["vms"] > 0
    assert sum(home["vms"] for home in found["homes"]) == found["vms"]


def test_capacity_of_a_cluster_without_a_plan_ends_with_4() -> None:
    assert run("capacity", "-", "--like", "web", given=FULL).exit_code == 4


def test_capacity_refuses_what_is_not_there() -> None:
    result = run("capacity", "-", "--like", "wbe", given=TINY)
    assert result.exit_code == 2
    assert "did you mean 'web'" in result.stderr
    assert run("capacity", "-", "--like", "web", "--diff", "bse", given=TINY).exit_code == 2


def test_the_frontier_is_a_chart_a_table_and_a_document() -> None:
    given = ("frontier", "-", "--points", "2", "--max-pieces", "1")
    chart = run(*given, given=TINY)
    assert chart.exit_code == 0
    assert chart.stdout.splitlines()[0].split() == ["stored", "expected", "transfer", "proven"]
    rows = list(csv.DictReader(io.StringIO(run(*given, "--csv", given=TINY).stdout)))
    document = json.loads(run(*given, "--json", given=TINY).stdout)
    assert document["format"] == "spareplace/frontier/1"
    assert [int(row["stored_bytes"]) for row in rows] == [
        point["stored_bytes"] for point in document["points"]
    ]
    assert run(*given, "--csv", "--json", given=TINY).exit_code == 2
