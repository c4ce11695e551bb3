"""Where a diff that no server has room for goes in pieces, and its VMs after them (3.b)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from spareplace.amounts import DISK
from spareplace.heuristics.copies import Need
from spareplace.heuristics.room import Pair, Room
from spareplace.placement import least_piece


def split(room: Room, need: Need, waiting: Sequence[Pair], max_pieces: int) -> bool:
    """Cut a diff into 2, 3, ... equal pieces, the first number that works, or else leave it whole.

    Whole is the last way: the servers have room for the diff, but not for all that depends on it,
    and there are fewer of them than pieces.

    Parameters
    ----------
    room
        Gets the pieces and the designated servers; left as it is if no number works.
    need
        The diff, and the failures that a copy of each piece has to survive.
    waiting
        The pairs that get a designated server on the way.
    max_pieces
        The largest number to try.

    Returns
    -------
    bool
        Whether the pieces are stored and all pairs designated.
    """
    size = room.instance.size[need.diff]
    for count in (*range(2, max_pieces + 1), 1):
        if size // count < least_piece(size):
            continue
        mark = len(room.done)
        if _store_pieces(room, need, count) and settle(
            room, need.diff, _subtrees(room, need.diff, waiting)
        ):
            return True
        room.undo(mark)
    return False


def _store_pieces(room: Room, need: Need, count: int) -> bool:
    """Put each piece on the servers with most room, no server twice."""
    size = room.instance.size[need.diff]
    fewest = need.copies()
    if not fewest:
        return False
    for piece in range(count):
        start, stop = size * piece // count, size * (piece + 1) // count
        asked = need
        for copies in reversed(range(fewest)):
            room_for_it = (room.worst[:, DISK] >= stop - start).astype(bool)
            candidates = np.flatnonzero(asked.candidates(copies) & room_for_it)
            if not candidates.size:
                return False
            chosen = int(candidates[room.share(candidates, stop - start).argmax()])
            room.store(need.diff, chosen, start, stop)
            asked, need = asked.without(chosen), need.barring(chosen)
    return True


def settle(room: Room, diff: int, units: Iterable[Sequence[Pair]]) -> bool:
    """Designate a server for every pair: each unit whole to a holder, else VM by VM.

    A holder of the diff comes first, the one with most room; last, any allowed server with
    room, to which the bytes are transferred. False if a VM finds none.
    """
    for unit in units:
        whole = next((at for at in room.holders(diff) if room.has_room(unit, at)), None)
        for pair in unit:
            target = whole if whole is not None else _best_for(room, diff, pair)
            if target is None:
                return False
            room.designate(pair, target)
    return True


def _best_for(room: Room, diff: int, pair: Pair) -> int | None:
    for server in room.holders(diff):
        if room.has_room([pair], server):
            return server
    return room.best_open(pair)


def _subtrees(room: Room, diff: int, waiting: Sequence[Pair]) -> list[list[Pair]]:
    """Group pairs by the child of the diff that they need, in file order.

    A VM whose chain ends at the diff is a unit by itself, and comes first.
    """
    units: dict[tuple[int, int], list[Pair]] = {}
    for failure, vm in waiting:
        chain = room.instance.chain[vm]
        after = chain.index(diff) + 1
        key = (chain[after], -1) if after < len(chain) else (-1, vm)
        units.setdefault(key, []).append((failure, vm))
    return [units[key] for key in sorted(units)]
