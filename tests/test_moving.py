"""Bytes moved, and the order of pieces that moves least."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.moving import moved_bytes, relaid, still_held
from spareplace.parts import Diff, Server
from spareplace.placement import Extent, Placement
from spareplace.recovery import Needs
from spareplace.testing import clusters, placements

MIB = 2**20


def bytes_of(placement: Placement, cluster: Cluster) -> set[tuple[str, str, int]]:
    """List every byte that servers hold, one by one."""
    held = {
        (extent.diff, extent.server, at)
        for extent in placement.stored
        for at in range(extent.start, extent.stop)
    }
    size = {diff.name: diff.size for diff in cluster.diffs}
    return held | {
        (diff, server.name, at)
        for server in cluster.servers
        for diff in server.resident
        for at in range(size[diff])
    }


def small(cluster: Cluster) -> Cluster:
    """Make all diffs so small that their bytes can be counted one by one."""
    diffs = tuple(replace(diff, size=diff.size % 7) for diff in cluster.diffs)
    return replace(cluster, diffs=diffs)


@settings(max_examples=60)
@given(st.data())
def test_moved_bytes_are_those_stored_after_and_not_held_before(data: st.DataObject) -> None:
    cluster = small(data.draw(clusters(max_servers=3, max_vms=2, max_diffs=3)))
    before, after = data.draw(placements(cluster)), data.draw(placements(cluster))
    new = bytes_of(Placement(stored=after.stored), cluster) - bytes_of(before, cluster)
    assert moved_bytes(cluster, before, after) == len(new)


@given(st.data())
def test_staying_and_deleting_moves_nothing(data: st.DataObject) -> None:
    cluster = data.draw(clusters(max_servers=3, max_vms=3))
    placement = data.draw(placements(cluster))
    fewer = replace(placement, stored=placement.stored[1:])
    assert moved_bytes(cluster, placement, placement) == 0
    assert moved_bytes(cluster, placement, fewer) == 0


def pair(size: int = 40 * MIB) -> Cluster:
    return Cluster(
        servers=tuple(Server(name=name, disk=10**12) for name in "abc"),
        diffs=(Diff(name="base", size=size),),
    )


def extent(server: str, start: int, stop: int, diff: str = "base") -> Extent:
    return Extent(diff=diff, server=server, start=start * MIB, stop=stop * MIB)


def test_what_lies_on_a_server_that_is_gone_or_of_a_diff_that_is_does_not_count_as_held() -> None:
    stored = (extent("a", 0, 10), extent("gone", 0, 40), extent("a", 0, 1, diff="old"))
    assert still_held(pair(), stored) == (extent("a", 0, 10),)


def test_an_extent_beyond_its_diff_was_made_of_another_one_of_that_name() -> None:
    assert still_held(pair(), (extent("a", 0, 41), extent("b", 0, 40))) == (extent("b", 0, 40),)


def test_pieces_change_places_where_that_moves_less() -> None:
    # a held the last ten and b the first thirty; the plan says it the other way round.
    before = Placement(stored=(extent("a", 30, 40), extent("b", 0, 30)))
    after = Placement(stored=(extent("a", 0, 10), extent("b", 10, 40)))
    assert moved_bytes(pair(), before, after) == 20 * MIB
    assert relaid(pair(), after, before) == before


@settings(max_examples=60)
@given(st.data())
def test_laying_pieces_anew_never_moves_more_nor_transfers_more(data: st.DataObject) -> None:
    cluster = data.draw(clusters(max_servers=3, max_vms=3, max_diffs=3))
    before, after = data.draw(placements(cluster)), data.draw(placements(cluster))
    laid = relaid(cluster, after, before)
    assert moved_bytes(cluster, before, laid) <= moved_bytes(cluster, before, after)
    assert laid.stored_bytes <= after.stored_bytes
    assert Needs.of(cluster).expected(laid) == Needs.of(cluster).expected(after)
