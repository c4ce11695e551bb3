from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import PAPER, TINY, run


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Plans for the paper's example, by method, and one for another cluster."""
    folder = tmp_path_factory.mktemp("plans")
    made = {name: str(folder / f"{name}.json") for name in ("level", "greedy", "tiny")}
    for method in ("level", "greedy"):
        assert run("plan", PAPER, "--method", method, "-o", made[method]).exit_code == 0
    assert run("plan", "-", "-o", made["tiny"], given=TINY).exit_code == 0
    return made


def test_what_is_stored_and_rebuilt_otherwise_is_shown(plans: dict[str, str]) -> None:
    result = run("diff", plans["level"], plans["greedy"])
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:4] == [
        "to copy            75 GB",
        "to delete          75 GB",
        "expected transfer  27.5 GB before, 15 GB after",
        "largest transfer   65 GB before, 40 GB after",
    ]
    assert "Si      delete  b0    20000000000-40000000000  20 GB" in lines
    assert "and 4 more extents" in lines
    assert "Sl       J   Sj          Si" in lines
    assert "steps" not in result.stdout


def test_with_a_cluster_the_steps_are_listed_in_order(plans: dict[str, str]) -> None:
    result = run("diff", plans["level"], plans["greedy"], "--cluster", PAPER)
    assert result.exit_code == 0
    assert "24 steps, in this order: 75 GB copied, 75 GB deleted" in result.stdout
    numbered = [line for line in result.stdout.splitlines() if line.split(".")[0].strip().isdigit()]
    assert len(numbered) == 24
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_the_document_has_the_same_facts(plans: dict[str, str]) -> None:
    bare = json.loads(run("diff", plans["level"], plans["greedy"], "--json").stdout)
    assert bare["format"] == "spareplace/diff/1"
    assert (bare["copied_bytes"], bare["deleted_bytes"]) == (75 * 10**9, 75 * 10**9)
    assert bare["rebuilds"] == [{"failure": "Sl", "vm": "J", "before": "Si", "after": "Sj"}]
    assert bare["moves"] is None
    full = json.loads(
        run("diff", plans["level"], plans["greedy"], "--cluster", PAPER, "--json").stdout
    )
    moves = full.pop("moves")
    assert full | {"moves": None} == bare
    assert moves["copied_bytes"] == 75 * 10**9
    assert {step["action"] for step in moves["steps"]} == {"copy", "delete"}
    assert all((step["from"] is None) == (step["action"] == "delete") for step in moves["steps"])


def test_equal_plans_have_no_difference(plans: dict[str, str]) -> None:
    result = run("diff", plans["greedy"], plans["greedy"])
    assert (result.exit_code, result.stdout) == (
        0,
        "no difference in what is stored and rebuilt\n",
    )
    with_steps = run("diff", plans["greedy"], plans["greedy"], "--cluster", PAPER)
    assert "0 steps, in this order: 0 B copied, 0 B deleted" in with_steps.stdout


def test_plans_of_different_clusters_are_compared_and_it_is_said(plans: dict[str, str]) -> None:
    result = run("diff", plans["tiny"], plans["greedy"], "--cluster", PAPER)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("the plans are of different clusters\n")
    assert "copy    a0" in result.stdout


def test_a_cluster_that_neither_plan_is_for_is_told(plans: dict[str, str]) -> None:
    result = run("diff", plans["level"], plans["greedy"], "--cluster", PAPER, "--failures", "pairs")
    assert "warning: the second plan is of another cluster" in result.stderr
    unknown = run("diff", plans["level"], plans["greedy"], "--cluster", "-", given=TINY)
    assert unknown.exit_code == 3
    assert "after.stored[0]: found bytes" in unknown.stderr


def test_moves_without_room_end_with_4(plans: dict[str, str], tmp_path: Path) -> None:
    document = json.loads(Path(PAPER).read_text())
    for server in document["servers"]:
        server["disk"] = "1GB"
    full = tmp_path / "full.json"
    full.write_text(json.dumps(document))
    result = run("diff", plans["level"], plans["greedy"], "--cluster", str(full), "--json")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "no order of moves found" in result.stderr


def test_wrong_usage_is_refused(plans: dict[str, str]) -> None:
    assert run("diff", "-", "-").exit_code == 2
    assert run("diff", plans["level"], "-", "--cluster", "-").exit_code == 2
    alone = run("diff", plans["level"], plans["greedy"], "--failures", "pairs")
    assert alone.exit_code == 2
    assert "--failures needs --cluster" in alone.stderr
    assert run("diff", plans["level"], "no such file").exit_code == 3
