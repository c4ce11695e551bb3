from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measurement import Key
from benchmarks.provenance import code_version, planning_sources
from benchmarks.results import Results, to_show
from tests.benchmarks.rows import GB, made

ASKED = made().key


def test_what_was_added_is_found_by_the_next_run(tmp_path: Path) -> None:
    row = made()
    Results(tmp_path).add(row)
    assert Results(tmp_path).find(row.key) == row


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, method="milp"),
        replace(ASKED, solver="highs"),
        replace(ASKED, seconds=6.0),
        replace(ASKED, seed=1),
        replace(ASKED, workers=2),
        replace(ASKED, cluster="x"),
    ],
)
def test_a_row_answers_no_other_question(tmp_path: Path, other: Key) -> None:
    results = Results(tmp_path)
    results.add(made())
    assert results.find(other, any_code=True) is None


def test_a_row_of_older_code_counts_only_when_it_may(tmp_path: Path) -> None:
    results, row = Results(tmp_path), made(code="old")
    results.add(row)
    asked = replace(row.key, code="new")
    assert results.find(asked) is None
    assert results.find(asked, any_code=True) == row


def test_a_row_that_was_cut_off_is_left_out_and_spoils_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = (made(case) for case in ("a", "b", "c"))
    for row in (first, second):
        Results(tmp_path).add(row)
    path = tmp_path / "small.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    Results(tmp_path).add(third)
    assert Results(tmp_path).rows() == [first, third]
    assert "line 2 is left out" in caplog.text


def test_a_row_measured_again_replaces_the_one_before(tmp_path: Path) -> None:
    for expected in (10.0 * GB, 9.0 * GB):
        Results(tmp_path).add(made(expected=expected))
    assert [row.outcome.expected for row in Results(tmp_path).rows()] == [9.0 * GB]


def test_rows_of_this_code_are_shown_before_newer_ones_of_other_code() -> None:
    rows = [made(code="old"), made(code="new"), made(code="older yet"), made("b", code="old")]
    assert to_show(rows, "new") == [rows[1], rows[3]]


def test_rows_of_a_cluster_that_has_given_its_name_away_are_not_shown() -> None:
    rows = [made(cluster="before"), made(cluster="after", method="milp")]
    assert to_show(rows, "new") == [rows[1]]


LOADED = """
import importlib, pkgutil, sys
import spareplace.planning, spareplace.solvers
for it in pkgutil.iter_modules(spareplace.solvers.__path__):
    importlib.import_module("spareplace.solvers." + it.name)
for name, module in sys.modules.items():
    if name.startswith("spareplace"):
        print(module.__file__)
"""


def test_the_code_version_leaves_out_only_what_a_plan_is_made_without() -> None:
    """Whatever `plan` and all solvers import has to count."""
    ran = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    assert set(map(Path, ran.stdout.splitlines())) <= set(planning_sources())


def test_the_code_version_follows_what_the_sources_say(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("one")
    one = code_version([source])
    assert code_version([source]) == one
    source.write_text("two")
    assert code_version([source]) != one
