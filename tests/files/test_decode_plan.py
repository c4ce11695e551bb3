from __future__ import annotations

import itertools

import pytest

from spareplace.errors import InvalidInput
from spareplace.files import read_plan
from spareplace.placement import Extent, Plan, Rebuild, Recovery, Transfer, Unprotected

from .bad_input import BAD_PLANS, GOOD_PLAN, Bad


def refused_paths(text: bytes | str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_plan(text)
    return [problem.path for problem in caught.value.problems]


def test_a_file_is_read_field_by_field() -> None:
    assert read_plan(GOOD_PLAN) == Plan(
        cluster_sha256="00ff",
        status="optimal",
        method="milp",
        solver="cp-sat 9.15",
        seed=0,
        seconds=0.4,
        expected_transfer_bytes=11.5,
        lower_bound_bytes=10.5,
        stored=(
            Extent(diff="b0", server="Si", start=0, stop=20),
            Extent(diff="b0", server="Sj", start=20, stop=40),
        ),
        recoveries=(
            Recovery(
                failure="Sk",
                weight=0.25,
                transfer_bytes=46,
                rebuilds=(Rebuild(vm="G", server="Si"),),
                transfers=(Transfer(diff="b0", source="Sj", target="Si", start=21, stop=41),),
            ),
            Recovery(failure="Sl", weight=1.0, transfer_bytes=0),
        ),
        unprotected=(Unprotected(vm="K", failure="Sk", reason=""),),
    )


def test_solver_and_bound_may_be_null_and_unprotected_left_out() -> None:
    text = GOOD_PLAN.replace('"cp-sat 9.15"', "null").replace("10.5", "null")
    text = text[: text.index(',\n"unprotected"')] + "}"
    plan = read_plan(text)
    assert plan.solver is None
    assert plan.lower_bound_bytes is None
    assert plan.unprotected == ()


@pytest.mark.parametrize("bad", BAD_PLANS, ids=str)
def test_each_kind_of_bad_input_is_refused_where_it_stands(bad: Bad) -> None:
    assert refused_paths(bad.put_into(GOOD_PLAN)) == [bad.path]


def test_any_two_kinds_of_bad_input_are_both_told() -> None:
    tried = 0
    for one, other in itertools.combinations(BAD_PLANS, 2):
        apart = one.old not in other.old and other.old not in one.old and one.path != other.path
        text = one.put_into(GOOD_PLAN)
        if apart and text.count(other.old) == 1:
            assert sorted(refused_paths(other.put_into(text))) == sorted([one.path, other.path])
            tried += 1
    assert tried > 500


def test_a_cluster_is_not_a_plan_and_nothing_else_is_said() -> None:
    with pytest.raises(InvalidInput, match="this is a cluster"):
        read_plan('{"format": "spareplace/cluster/1", "servers": []}')


def test_whether_the_rules_are_kept_is_not_asked_here() -> None:
    nonsense = GOOD_PLAN.replace('"to":"Si"', '"to":"Sj"').replace("11.5", "7")
    assert read_plan(nonsense).expected_transfer_bytes == 7.0


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, b"\xff", GOOD_PLAN[:-5]])
def test_a_file_that_is_no_object_is_refused(text: bytes | str) -> None:
    assert refused_paths(text) == ["$"]
