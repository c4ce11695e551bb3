"""Where extents lie, and into what they cut a diff."""

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.parts import Diff, Server
from spareplace.placement import Extent

from .plans import MIB, Breach, breaches, extent, filled

SIZE = 10 * MIB
CLUSTER = Cluster(
    servers=tuple(Server(name=name, disk=2**40) for name in "abc"),
    diffs=(Diff(name="d", size=SIZE), Diff(name="small", size=MIB - 1), Diff(name="none", size=0)),
    failures=(),
)


def found(
    *stored: Extent, cluster: Cluster = CLUSTER, max_pieces: int = 4, limit: int | None = None
) -> list[Breach]:
    plan = filled(cluster, stored)
    return breaches(cluster, plan, max_pieces=max_pieces, stored_limit=limit)


def d(server: str, start: int, stop: int) -> Extent:
    """From and to a MiB of the diff."""
    return extent("d", server, start * MIB, stop * MIB)


def test_whole_split_and_duplicated_extents_are_right() -> None:
    assert found(d("a", 0, 10), d("b", 0, 5), d("c", 0, 5), d("c", 5, 10)) == []


@pytest.mark.parametrize(
    ("stop", "start", "off"),
    [(SIZE + 3, 0, 3), (SIZE, -2, 2), (SIZE + 1, -1, 2), (5, 5, 1), (5, 9, 5), (0, 0, 1)],
)
def test_an_extent_outside_its_diff_or_without_bytes_is_off(
    start: int, stop: int, off: int
) -> None:
    assert found(extent("d", "a", start, stop)) == [("bounds", None, "a", "d", off)]


@pytest.mark.parametrize(("stop", "off"), [(0, 1), (7, 7)])
def test_a_diff_of_no_bytes_has_no_extents(stop: int, off: int) -> None:
    assert found(extent("none", "a", 0, stop)) == [("bounds", None, "a", "none", off)]


def test_what_lies_outside_its_diff_takes_no_room_and_the_rest_does() -> None:
    tight = replace(CLUSTER, servers=(Server(name="a", disk=SIZE - 1),))
    assert found(extent("d", "a", 0, SIZE + 3), cluster=tight) == [
        ("disk", None, "a", "disk", 1),
        ("bounds", None, "a", "d", 3),
    ]


def test_an_extent_lies_on_a_server_that_accepts_extents() -> None:
    drained = replace(CLUSTER.servers[0], accept_extents=False)
    cluster = replace(CLUSTER, servers=(drained, *CLUSTER.servers[1:]))
    assert found(d("b", 0, 10), cluster=cluster) == []
    assert found(d("a", 0, 10), cluster=cluster) == [("targets", None, "a", "d", 1)]


@pytest.mark.parametrize(
    ("stored", "twice"),
    [
        ([d("a", 0, 6), d("a", 4, 10)], 2),
        ([d("a", 0, 10), d("a", 0, 10)], 10),
        ([d("a", 0, 10), d("a", 2, 4), d("a", 2, 4)], 4),
    ],
)
def test_extents_of_one_diff_on_one_server_do_not_overlap(stored: list[Extent], twice: int) -> None:
    assert found(*stored) == [("overlap", None, "a", "d", twice * MIB)]


def test_extents_on_other_servers_or_of_other_diffs_do_not_overlap() -> None:
    assert found(d("a", 0, 10), d("b", 0, 10), extent("small", "a", 0, MIB - 1)) == []


def test_pieces_are_counted_over_all_servers() -> None:
    # The bounds 2, 4, 6, 8 make five pieces, though no server has more than two of them.
    stored = d("a", 0, 2), d("b", 2, 6), d("c", 4, 8), d("a", 8, 10)
    assert found(*stored, max_pieces=5) == []
    assert found(*stored) == [("pieces", None, None, "d", 1)]
    assert found(*stored, max_pieces=2) == [("pieces", None, None, "d", 3)]


def test_with_one_piece_only_whole_copies_are_right() -> None:
    assert found(d("a", 0, 10), d("b", 0, 10), max_pieces=1) == []
    assert found(d("a", 0, 5), max_pieces=1) == [("pieces", None, None, "d", 1)]


def test_adjacent_extents_on_one_server_are_one_and_on_two_are_two() -> None:
    assert found(d("a", 0, 5), d("a", 5, 10), max_pieces=1) == []
    assert found(d("a", 0, 5), d("b", 5, 10), max_pieces=1) == [("pieces", None, None, "d", 1)]


def test_the_bounds_of_resident_copies_cut_nothing() -> None:
    resident = replace(CLUSTER.servers[0], resident=("d",))
    cluster = replace(CLUSTER, servers=(resident, *CLUSTER.servers[1:]))
    assert found(d("b", 0, 5), cluster=cluster, max_pieces=2) == []
    assert found(d("b", 2, 5), cluster=cluster, max_pieces=2) == [("pieces", None, None, "d", 1)]


def test_no_piece_is_under_a_mebibyte() -> None:
    stored = extent("d", "a", 0, MIB), extent("d", "b", MIB, SIZE)
    assert found(*stored) == []
    stored = extent("d", "a", 0, MIB - 5), extent("d", "b", MIB - 5, SIZE)
    assert found(*stored) == [("pieces", None, None, "d", 5)]


def test_a_piece_between_extents_of_two_servers_counts_too() -> None:
    stored = extent("d", "a", 0, 5 * MIB), extent("d", "b", 5 * MIB - 9, SIZE)
    assert found(*stored) == [("pieces", None, None, "d", MIB - 9)]


def test_a_diff_of_just_a_mebibyte_is_not_split() -> None:
    cluster = replace(CLUSTER, diffs=(Diff(name="d", size=MIB),))
    assert found(extent("d", "a", 0, MIB), cluster=cluster) == []
    assert found(extent("d", "a", 0, 1), cluster=cluster) == [
        ("pieces", None, None, "d", MIB - 1),
        ("pieces", None, None, "d", 1),
    ]


def test_a_diff_under_a_mebibyte_may_have_pieces_under_it() -> None:
    assert found(extent("small", "a", 0, 1), extent("small", "b", 1, MIB - 1)) == []


def test_what_is_stored_in_all_keeps_the_limit() -> None:
    stored = d("a", 0, 10), d("b", 0, 5)
    assert found(*stored) == []
    assert found(*stored, limit=15 * MIB) == []
    assert found(*stored, limit=15 * MIB - 2) == [("stored-limit", None, None, "stored", 2)]
    assert found(limit=0) == []
