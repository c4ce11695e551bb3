"""Changes that need something to be moved out of the way more than once."""

from __future__ import annotations

from spareplace.cluster import Cluster
from spareplace.lifecycle.moves import trying
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.ranges import Range
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from tests.lifecycle.moves.replaying import refuse_wrong_moves
from tests.lifecycle.moves.small_worlds import an_order_exists

MIB = 2**20


def storing(*held: str) -> Placement:
    """Store whole diffs of one byte, each told as ``diff on server``."""
    places = [one.split(" on ") for one in held]
    return Placement(
        stored=tuple(
            sorted(Extent(diff=diff, server=server, start=0, stop=1) for diff, server in places)
        )
    )


def knot() -> tuple[Cluster, Placement, Placement]:
    """Let d1 and d0 change places on full servers, while others protect each other by turns."""
    cluster = Cluster(
        servers=tuple(
            Server(name=name, disk=disk) for name, disk in (("s0", 2), ("s1", 1), ("s2", 2))
        ),
        diffs=tuple(Diff(name=name, size=1) for name in ("d0", "d1", "d2")),
        vms=tuple(
            VM(name=f"{diff} of {server}", server=server, diff=diff)
            for diff, server in (
                ("d1", "s1"),
                ("d1", "s2"),
                ("d0", "s2"),
                ("d0", "s1"),
                ("d2", "s1"),
            )
        ),
    )
    stays = ("d0 on s2", "d1 on s2", "d2 on s0")
    return cluster, storing(*stays, "d0 on s1", "d1 on s0"), storing(*stays, "d0 on s0", "d1 on s1")


def test_what_is_in_the_way_is_moved_as_often_as_it_takes() -> None:
    # Only d2 can make room on s0, on s2, where both others have to go away and come back for it.
    cluster, before, after = knot()
    assert an_order_exists(cluster, before, after)
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    away = [it.diff for it in moves.steps if (it.action, it.server) == ("delete", "s2")]
    assert sorted(away) == ["d0", "d1", "d2"]


def test_ranges_are_cut_into_more_and_more_parts_while_that_changes_anything() -> None:
    def ranges() -> list[Range]:
        return [
            Range("x", (0, 3 * MIB), MIB, 0),  # no part of it is under 1 MiB
            Range("y", (10, 10 + MIB), MIB, 1),
        ]

    ways = [[(it.diff, it.start, it.stop) for it in way] for way in trying.ways_to_cut(ranges)]
    assert ways == [
        [("x", 0, 3 * MIB), ("y", 10, 10 + MIB)],
        [("x", 0, 3 * MIB // 2), ("x", 3 * MIB // 2, 3 * MIB), ("y", 10, 10 + MIB)],
        [("x", at * MIB, (at + 1) * MIB) for at in range(3)] + [("y", 10, 10 + MIB)],
    ]
    small = [[Range("y", (0, MIB), MIB, 0)]]
    assert len(list(trying.ways_to_cut(lambda: small[0]))) == 1
