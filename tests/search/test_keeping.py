"""A server that is in order keeps what is worth most, and leaves no room that could be used."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.instance import number
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Placement, least_piece
from spareplace.search.ground import ground
from spareplace.search.keeping import settle
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, decisions_of, state_of
from spareplace.testing import clusters_with_placements

GB = 10**9


def left_out(state: State, server: int) -> list[int]:
    """Give the diffs that are wanted on a server and of which a piece would still fit there."""
    room, bit = int(state.slack[server]), 1 << server
    found = []
    for diff in state.wanted[server]:
        lacked = [
            size
            for size, holders in zip(state.pieces[diff], state.holders[diff], strict=True)
            if not holders & bit and not state.ground.resident[diff] & bit
        ]
        least = least_piece(state.ground.instance.size[diff])
        cuts = len(state.pieces[diff]) < state.ground.max_pieces
        cuts = cuts and diff not in state.ground.instance.uncut
        fits = any(size <= room for size in lacked)
        part = cuts and bool(lacked) and min(room, max(lacked) - least) >= least
        if state.worth[diff, server] and lacked and (fits or part):
            found.append(diff)
    return found


@settings(max_examples=100)
@given(clusters_with_placements(max_servers=5, max_vms=7))
def test_no_room_is_left_where_something_wanted_would_fit(
    case: tuple[Cluster, Placement],
) -> None:
    terrain = ground(number(case[0]))
    state = state_of(terrain, decisions_of(terrain, case[1]))
    for server in range(terrain.servers):
        if terrain.instance.keeps[server] and settle(state, server):
            assert not left_out(state, server)


@pytest.mark.parametrize("disk", [30, 31, 35])
def test_what_a_swap_leaves_over_goes_to_what_is_worth_less(disk: int) -> None:
    """The disk of c, 30 GB, is full of x, which one failure wants there; two want y, 20 GB.

    y takes the place of x, as 2 x 20 is more than 1 x 30, and 10 GB are left: for a part of x.
    With 1 or 5 GB more the disk was not quite full before.
    """
    cluster = Cluster(
        servers=(
            Server(name="a", disk=90 * GB),
            Server(name="b", disk=90 * GB),
            Server(name="c", disk=disk * GB),
        ),
        diffs=(Diff(name="x", size=30 * GB), Diff(name="y", size=20 * GB)),
        vms=(
            VM(name="one", server="a", diff="x"),
            VM(name="two", server="a", diff="y"),
            VM(name="three", server="b", diff="y"),
        ),
    )
    a, b, c = range(3)
    x, y = range(2)
    decisions = Snapshot(
        target=(c, c, c),
        pieces=((30 * GB,), (20 * GB,)),
        holders=((1 << b | 1 << c,), (1 << a | 1 << b,)),
    )
    state = state_of(ground(number(cluster)), decisions)
    assert state.slack[c] == (disk - 30) * GB
    assert settle(state, c)
    assert (state.missing[x, c], state.missing[y, c]) == ((50 - disk) * GB, 0)
    assert state.slack[c] == 0
