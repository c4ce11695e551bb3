"""What is chosen, and what the values that hold it can tell."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.holding import holdings, merged, missing_from
from spareplace.parts import Diff, Server
from spareplace.placement import (
    LEAST_PIECE,
    Extent,
    Placement,
    Plan,
    Rebuild,
    Recovery,
    Transfer,
    Unprotected,
    least_piece,
)


def extent(diff: str, server: str, start: int, stop: int) -> Extent:
    return Extent(diff=diff, server=server, start=start, stop=stop)


STORED = (extent("base", "s1", 0, 40), extent("base", "s2", 0, 25), extent("top", "s1", 0, 5))

PLAN = Plan(
    cluster_sha256="0" * 64,
    status="feasible",
    method="greedy",
    solver=None,
    seed=0,
    seconds=0.1,
    expected_transfer_bytes=20.0,
    lower_bound_bytes=15.0,
    stored=STORED,
    recoveries=(
        Recovery(
            failure="s3",
            weight=0.5,
            transfer_bytes=15,
            rebuilds=(Rebuild(vm="web", server="s2"),),
            transfers=(Transfer(diff="base", source="s1", target="s2", start=25, stop=40),),
        ),
        Recovery(failure="s1", weight=0.5, transfer_bytes=0),
    ),
    unprotected=(Unprotected(vm="db", failure="s1", reason="no room"),),
)


def test_the_stop_is_not_in_an_extent_nor_in_a_transfer() -> None:
    assert extent("base", "s1", 20, 40).size == 20
    assert PLAN.recovery("s3").transfers[0].size == 15


def test_extents_are_ordered_by_diff_then_server_then_start() -> None:
    ordered = [
        extent("a", "s1", 0, 9),
        extent("a", "s1", 10, 11),
        extent("a", "s2", 0, 1),
        extent("b", "s1", 0, 1),
    ]
    shuffled = [ordered[at] for at in (2, 0, 3, 1)]
    assert sorted(shuffled) == ordered


@pytest.mark.parametrize(
    ("size", "least"),
    [(0, 0), (1, 1), (2**20 - 1, 1), (2**20, 2**20), (2**20 + 1, 2**20), (2**53, 2**20)],
)
def test_a_piece_is_a_mebibyte_at_least_unless_the_diff_is_smaller(size: int, least: int) -> None:
    assert least_piece(size) == least
    assert LEAST_PIECE == 1_048_576


def test_the_stored_bytes_are_those_of_all_extents() -> None:
    assert PLAN.stored_bytes == 40 + 25 + 5
    assert PLAN.placement.stored_bytes == 40 + 25 + 5
    assert Placement().stored_bytes == 0


def test_a_recovery_is_found_by_the_name_of_its_failure() -> None:
    assert PLAN.recovery("s1") == PLAN.recoveries[1]
    assert PLAN.recovery("s3").rebuilds == (Rebuild(vm="web", server="s2"),)


def test_an_unknown_failure_is_refused_with_some_that_are_known() -> None:
    with pytest.raises(
        KeyError, match="no failure 's9' in this plan; the first ones are 's3', 's1"
    ):
        PLAN.recovery("s9")


def test_what_is_stored_on_a_server_is_listed() -> None:
    assert PLAN.stored_on("s1") == (STORED[0], STORED[2])
    assert PLAN.stored_on("s9") == ()


@pytest.mark.parametrize(
    ("expected", "bound", "gap"),
    [
        (20.0, None, None),
        (20.0, 15.0, 0.25),
        (20.0, 0.0, 1.0),
        (20.0, 20.0, 0.0),
        (0.0, 0.0, 0.0),
        (20.0, 20.000001, 0.0),  # a float's last digit is no negative gap
    ],
)
def test_the_gap_is_a_share_of_the_expected_transfer(
    expected: float, bound: float | None, gap: float | None
) -> None:
    plan = replace(PLAN, expected_transfer_bytes=expected, lower_bound_bytes=bound)
    assert plan.gap == gap


def test_the_placement_of_a_plan_is_its_decisions() -> None:
    assert PLAN.placement == Placement(
        stored=STORED,
        rebuilds={"s3": (Rebuild(vm="web", server="s2"),), "s1": ()},
        unprotected=PLAN.unprotected,
    )


def test_plans_and_placements_are_values() -> None:
    assert pickle.loads(pickle.dumps(PLAN)) == PLAN
    assert hash(replace(PLAN)) == hash(PLAN)
    assert hash(replace(PLAN.placement)) == hash(PLAN.placement)
    with pytest.raises(FrozenInstanceError):
        PLAN.status = "optimal"  # type: ignore[misc]


def test_extents_that_touch_or_overlap_are_merged_on_one_server_only() -> None:
    apart = (extent("a", "s1", 8, 9), extent("a", "s2", 5, 8), extent("b", "s1", 5, 8))
    together = (extent("a", "s1", 3, 5), extent("a", "s1", 0, 3), extent("a", "s1", 1, 4))
    assert merged(together + apart) == (extent("a", "s1", 0, 5), *apart)


ranges = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda at: (at[0], at[0] + at[1]))
extents = st.builds(
    lambda diff, server, span: extent(diff, server, *span),
    st.sampled_from("ab"),
    st.sampled_from("st"),
    ranges,
)


@given(st.lists(extents, max_size=12))
def test_merged_extents_hold_the_same_bytes_once(some: list[Extent]) -> None:
    def held(extents: tuple[Extent, ...]) -> list[tuple[str, str, int]]:
        return [
            (each.diff, each.server, byte)
            for each in extents
            for byte in range(each.start, each.stop)
        ]

    found = merged(some)
    assert held(found) == sorted(set(held(tuple(some))))
    assert merged(found) == found
    for one, other in pairwise(found):
        same = (one.diff, one.server) == (other.diff, other.server)
        assert not (same and other.start <= one.stop)


@given(st.sets(st.integers(0, 19)), st.integers(20, 22))
def test_what_is_missing_is_every_byte_that_no_range_holds(held: set[int], size: int) -> None:
    # cut into ranges that touch, and into ranges that do not
    single = [(byte, byte + 1) for byte in sorted(held)]
    joined = [
        (each.start, each.stop) for each in merged(extent("d", "s", *span) for span in single)
    ]
    gaps = missing_from(size, single)
    assert [byte for gap in gaps for byte in range(*gap)] == sorted(set(range(size)) - held)
    assert all(one[1] < other[0] for one, other in pairwise(gaps))
    assert missing_from(size, joined) == gaps


def test_nothing_is_missing_of_a_diff_of_no_bytes() -> None:
    assert missing_from(0, []) == []


def test_a_server_holds_what_is_stored_on_it_and_what_is_resident() -> None:
    cluster = Cluster(
        servers=(
            Server(name="s1", disk=100),
            Server(name="s2", disk=100, resident=("base", "top")),
        ),
        diffs=(
            Diff(name="base", size=40),
            Diff(name="top", size=5, parent="base"),
            Diff(name="other", size=9),
        ),
    )
    stored = (
        extent("base", "s1", 30, 40),
        extent("base", "s1", 0, 10),
        extent("base", "s1", 10, 20),
        extent("base", "s2", 0, 10),  # beside the resident copy: of no use
    )
    assert holdings(cluster, stored) == {
        "base": {"s1": [(0, 20), (30, 40)], "s2": [(0, 40)]},
        "top": {"s2": [(0, 5)]},
    }
