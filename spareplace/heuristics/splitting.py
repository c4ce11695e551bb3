"""Where a diff that no server has room for goes in pieces, and its VMs after them (3.b)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spareplace.amounts import DISK
from spareplace.heuristics.copies import Need
from spareplace.heuristics.room import Pair, Room
from spareplace.placement import least_piece


def split(room: Room, need: Need, waiting: Sequence[Pair], max_pieces: int) -> Room | None:
    """Cut a diff into 2, 3, ... equal pieces, the first number that works, or else leave it whole.

    Whole is the last way: the servers have room for the diff, but not for all that depends on it,
    and there are fewer of them than pieces.

    Parameters
    ----------
    room
        Left as it is.
    need
        The diff, and the failures that a copy of each piece has to survive.
    waiting
        The pairs that get a designated server on the way.
    max_pieces
        The largest number to try.

    Returns
    -------
    Room
        With the pieces stored and all pairs designated, or ``None`` if no number works.
    """
    size = room.instance.size[need.diff]
    for count in (*range(2, max_pieces + 1), 1):
        if size // count < least_piece(size):
            continue
        tried = room.copy()
        if _store_pieces(tried, need, count) and settle(
            tried, need.diff, _subtrees(tried, need.diff, waiting)
        ):
            return tried
    return None


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
            share = room.share(stop - start)
            candidates = [
                server
                for server in asked.candidates(copies)
                if room.worst[server, DISK] >= stop - start
            ]
            if not candidates:
                return False
            chosen = max(candidates, key=lambda server: (share[server], -server))
            room.store(need.diff, chosen, start, stop)
            asked, need = asked.without(chosen), need.barring(chosen)
    return True


def settle(room: Room, diff: int, units: Iterable[Sequence[Pair]]) -> bool:
    """Designate a server for every pair: each unit whole to a holder, else VM by VM.

    A holder of the diff comes first, the one with most room; last, any allowed server with
    room, to which the bytes are transferred. False if a VM finds none.
    """
    for unit in units:
        whole = next((at for at in _holders(room, diff) if room.has_room(unit, at)), None)
        for pair in unit:
            target = whole if whole is not None else _best_for(room, diff, pair)
            if target is None:
                return False
            room.designate(pair, target)
    return True


def _best_for(room: Room, diff: int, pair: Pair) -> int | None:
    for server in _holders(room, diff):
        if room.has_room([pair], server):
            return server
    return next(iter(room.open_servers(pair)), None)


def _holders(room: Room, diff: int) -> list[int]:
    """Give the servers that hold any of a diff, the one with most room first."""
    share = room.share()
    holders = [int(server) for server in room.held[diff].nonzero()[0]]
    return sorted(holders, key=lambda server: (-share[server], server))


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
