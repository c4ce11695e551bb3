from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.heuristics.room import Room, empty_room
from spareplace.instance import number
from spareplace.testing import clusters
from tests.examples import three_servers

Step = tuple[str, int, int, int]
"""What is done, and three numbers that choose to what."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["store", "designate"]),
        st.integers(0, 9), st.integers(0, 9), st.integers(1, 9),
    ),
    max_size=8,
)  # fmt: skip


def follow(room: Room, steps: list[Step]) -> None:
    """Do what the steps say, whether there is room for it or not.

    A VM has one server, and there no other VM of its groups.
    """
    diffs, servers = room.instance.resident.shape
    lost = [(failure, vm) for failure, vms in enumerate(room.instance.lost) for vm in vms]
    for what, first, second, third in steps:
        pair = lost[first % len(lost)] if lost else None
        if what == "store" and diffs:
            room.store(first % diffs, second % servers, 0, third)
        elif what == "designate" and pair is not None and pair not in room.target:
            taken = [
                room.taken.get((pair[0], group), ()) for group in room.instance.groups[pair[1]]
            ]
            if not any(second % servers in there for there in taken):
                room.designate(pair, second % servers)


def written(room: Room) -> tuple[object, ...]:
    """Write down all that a room says, so that two can be compared."""
    return (
        room.left.tolist(),
        room.worst.tolist(),
        {diff: dict(held) for diff, held in room.held.items() if held},
        dict(room.target),
        list(room.stored),
        {key: set(servers) for key, servers in room.taken.items() if servers},
        len(room.done),
    )


@settings(max_examples=100)
@given(cluster=clusters(min_vms=1, min_diffs=1), kept=STEPS, tried=STEPS)
def test_what_was_tried_and_undone_leaves_no_trace(
    cluster: Cluster, kept: list[Step], tried: list[Step]
) -> None:
    room = empty_room(number(cluster))
    follow(room, kept)
    before, mark = written(room), len(room.done)
    follow(room, tried)
    room.undo(mark)
    assert written(room) == before


@settings(max_examples=100)
@given(cluster=clusters(min_vms=1, min_diffs=1), steps=STEPS)
def test_the_worst_is_the_least_that_any_failure_leaves(
    cluster: Cluster, steps: list[Step]
) -> None:
    room = empty_room(number(cluster))
    follow(room, steps)
    assert np.array_equal(room.worst, room.left.min(axis=0))
    for pair in list(room.target):
        room.release(pair)
        assert np.array_equal(room.worst, room.left.min(axis=0))


def test_the_holder_with_most_room_comes_first() -> None:
    """b keeps 40 of 100 bytes and c 40 of 400, so 60 % and 90 % are left; a holds nothing."""
    room = empty_room(number(three_servers(c=400)))
    room.store(0, 1, 0, 40)
    room.store(0, 2, 0, 40)
    assert room.holders(0) == [2, 1]
    assert room.holders(1) == []
