from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.families import FAMILIES, cases
from benchmarks.schedule import HALF, METHODS, SOLVERS, parts, seconds, ways
from spareplace.canonical import fingerprint

PUBLISHED = {
    "6x3-splits-1": "b899fd68",
    "8x4-pairs-3": "bf616a57",
    "8x5-groups-1": "0278b9ae",
    "8x5-residents-1": "b2d1554b",
    "9x4-zones-2": "b6c056b4",
    "12x10-tight-1": "d82f8b5d",
}

NOWHERE = Path("no such folder")


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in cases(FAMILIES, NOWHERE)]
    assert len(names) == len(set(names))


def test_without_the_image_layers_those_clusters_are_left_out() -> None:
    assert list(cases(["layers"], NOWHERE)) == []


def test_a_name_stands_for_its_cluster_for_good() -> None:
    # What the names stood for when they were published, not worked by hand.
    made = {case.name: case.make for case in cases(["small", "variants"], NOWHERE)}
    assert {name: fingerprint(made[name]())[:8] for name in PUBLISHED} == PUBLISHED


def test_small_clusters_get_every_method_and_large_ones_no_whole_model() -> None:
    by_name = {case.name: case for case in cases(FAMILIES, NOWHERE)}
    assert {method for method, _ in ways(by_name["12x10-tight-1"])} == set(METHODS)
    assert {method for method, _ in ways(by_name["20x15-tight-1"])} == set(METHODS) - {"milp"}


def test_the_whole_model_is_solved_by_every_solver_asked_for() -> None:
    case = next(case for case in cases(["paper"], NOWHERE))
    solvers = {way: [s for method, s in ways(case) if method == way] for way in METHODS}
    assert solvers.pop("milp") == list(SOLVERS)
    assert set(map(tuple, solvers.values())) == {("cp-sat",)}
    assert list(ways(case, ["milp"], ["highs"])) == [("milp", "highs")]


@pytest.mark.parametrize(("method", "limit"), [("auto", 6.0), ("level", 18.0)])
def test_auto_gets_a_third_of_the_time_and_all_limits_can_be_scaled(
    method: str, limit: float
) -> None:
    assert seconds("small", method, scale=0.1) == pytest.approx(limit)


def test_auto_runs_in_half_its_time_as_well_where_that_is_to_be_shown() -> None:
    given = {case.name: case for case in cases(["medium"], NOWHERE)}
    assert parts(given["32x30-tight-1"], "auto") == (1.0, HALF)
    assert (
        parts(given["32x30-tight-1"], "search") == parts(given["20x15-tight-1"], "auto") == (1.0,)
    )
