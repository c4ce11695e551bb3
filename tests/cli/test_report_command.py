from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import PAPER, TINY, run
from tests.reporting.pages import read_page


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan for the paper's example, by ``greedy``."""
    path = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "greedy", "-o", str(path)).exit_code == 0
    return path


def test_the_page_is_written_and_nothing_is_said(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    result = run("report", PAPER, str(plan), "-o", str(target))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    page = read_page(target.read_text(encoding="utf-8"))
    assert "15 GB" in page.text


def test_the_same_input_gives_the_same_page(plan: Path) -> None:
    once = run("report", PAPER, str(plan), "-o", "-", "--title", "A & B")
    assert once.exit_code == 0
    assert once.stdout == run("report", PAPER, str(plan), "-o", "-", "--title", "A & B").stdout
    assert "<title>A &amp; B</title>" in once.stdout


def test_a_frontier_is_found_when_asked_for(tmp_path: Path) -> None:
    cluster, plan = tmp_path / "cluster.json", tmp_path / "plan.json"
    cluster.write_text(TINY)
    assert run("plan", str(cluster), "-o", str(plan)).exit_code == 0
    result = run("report", str(cluster), str(plan), "-o", "-", "--frontier", "5")
    assert result.exit_code == 0
    assert "What stored bytes buy" in read_page(result.stdout).text


def test_no_page_is_made_of_a_plan_that_breaks_a_rule(plan: Path, tmp_path: Path) -> None:
    document = json.loads(plan.read_text())
    document["expected_transfer_bytes"] = 1.0
    plan.write_text(json.dumps(document))
    target = tmp_path / "report.html"
    result = run("report", PAPER, str(plan), "-o", str(target))
    assert result.exit_code == 6
    assert "breaks a rule in 1 place; spareplace check says which" in result.stderr
    assert not target.exists()


def test_a_plan_of_another_cluster_ends_with_7(plan: Path, tmp_path: Path) -> None:
    result = run("report", "-", str(plan), "-o", str(tmp_path / "r.html"), given=TINY)
    assert result.exit_code == 7


def test_the_input_is_not_replaced(plan: Path) -> None:
    before = plan.read_bytes()
    assert run("report", PAPER, str(plan), "-o", str(plan)).exit_code == 2
    assert plan.read_bytes() == before


def test_a_page_needs_a_place(plan: Path) -> None:
    assert run("report", PAPER, str(plan)).exit_code == 2
    assert run("report", PAPER, str(plan), "-o", str(plan / "x")).exit_code == 2
