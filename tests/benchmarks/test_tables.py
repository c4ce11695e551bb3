"""The tables that are made of rows, and what they say of claims."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.best_known import improved
from benchmarks.claims import claims
from benchmarks.exactness import mean
from benchmarks.growth import Pace, growth
from benchmarks.tables import best, markdown, methods, runs
from tests.benchmarks.rows import CURVE, GB, made


def cells(table: str) -> list[list[str]]:
    """Give the rows below the head."""
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


def test_a_table_aligns_figures_to_the_right() -> None:
    assert markdown(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"


def test_a_run_is_told_in_one_row() -> None:
    row = made(curve=CURVE, bound=2.0 * GB, wall_seconds=60.6, peak_bytes=3 * 2**20)
    known = improved({}, made(expected=8.0 * GB))
    # fmt: off
    assert cells(runs([row], known, "new")) == [
        ["6x5-tight-1", "auto", "60", "10 GB", "25.0 %", "2 GB", "80.0 %",
         "0.5", "7.0", "60.6", "3"]
    ]
    # fmt: on


def test_solvers_of_the_whole_model_have_rows_of_their_own() -> None:
    rows = [made(method="milp"), made(method="milp", asked_solver="highs", solver="highs 1.12")]
    assert [row[1] for row in cells(runs(rows, {}, "new"))] == ["milp by cp-sat", "milp by highs"]
    assert [row[1] for row in cells(methods(rows, {}))] == ["milp by cp-sat", "milp by highs"]
    assert cells(best(rows[1:], improved({}, rows[1])))[0][2] == (
        "milp by highs 1.12, 60 s, 2030-01-31"
    )


def test_rows_of_older_code_are_marked() -> None:
    assert cells(runs([made(code="old")], {}, "new"))[0][1] == "auto†"


def test_a_run_without_a_plan_says_how_it_ended() -> None:
    row = made(ended="no plan", expected=None, bound=None)
    assert cells(runs([row], {}, "new"))[0][3] == "no plan"


def test_methods_are_counted_by_family() -> None:
    rows = [
        made("a", status="optimal"),
        made("b", expected=12.0 * GB),
        made("c", ended="no plan", expected=None, bound=None),
        made("d", ended="crashed", expected=None, bound=None),
    ]
    known = improved(improved({}, made("a")), made("b"))
    assert cells(methods(rows, known)) == [["small", "auto", "4", "1", "1", "1", "1"]]


def test_auto_is_held_against_every_other_method_where_more_than_the_quick_ones_ran() -> None:
    rows = [made("a"), made("a", method="milp", expected=9.0 * GB), made("b"),
            made("b", method="search", ended="no plan", expected=None, bound=None),
            made("c"), made("c", method="greedy", expected=11.0 * GB)]  # fmt: skip
    told = next(row for row in cells(claims(rows, {})) if row[0].startswith("every size"))
    assert told[1:] == ["2", "1", "a"]


def test_a_claim_without_rows_says_that_it_was_not_measured() -> None:
    assert all(row[2].startswith("not measured") for row in cells(claims([], {})))


def test_nearness_is_read_from_the_curve() -> None:
    rows = [made("32x30-tight-1", "medium", curve=CURVE)]
    known = improved({}, made("32x30-tight-1"))
    told = next(row for row in cells(claims(rows, known)) if row[0].startswith("32 x 30"))
    assert told[1] == told[2] == "1"


def test_nearness_in_less_time_is_that_of_runs_with_less_time() -> None:
    known = improved({}, made("32x30-tight-1"))
    halves = [
        made("32x30-tight-1", "medium", seconds=30.0, plan_seconds=30.2, expected=10.4 * GB),
        made("32x30-tight-2", "medium", seconds=30.0, plan_seconds=30.2),
    ]
    table = cells(claims([], known, halves))
    told = next(row for row in table if "all that it has" in row[0])
    assert told[1:] == ["2", "1", "32x30-tight-2"]  # nothing is known of the second one


def test_the_mean_says_of_how_many_clusters_it_is() -> None:
    none = made("c", ended="no plan", expected=None, bound=None)
    assert mean([made("a"), made("b", expected=20.0 * GB), none]) == "15 GB (2 of 3)"
    assert (mean([none]), mean([])) == ("no plan", "")


def test_paces_are_told_by_servers_and_chain_length() -> None:
    slow = Pace(by="Python", servers=100, vms=2000, chain=3, iterations=1000, seconds=0.03)
    table = growth([replace(slow, by="kernels", seconds=0.003), slow])
    # 30 µs each; by 300 that is 100 ns
    assert cells(table) == [
        ["Python", "100", "2000", "3", "30.0", "100.0"],
        ["kernels", "100", "2000", "3", "3.0", "10.0"],
    ]
