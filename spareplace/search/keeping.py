"""What a server keeps, given what is rebuilt on it: what is worth most for each byte.

The bytes of a diff are all worth the same on a server, so the best choice fills the disk in the
order of their worth; the last diff that does not fit whole may be cut.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from spareplace.placement import least_piece
from spareplace.search.state import State


def settle(state: State, server: int) -> bool:
    """Bring a server's disk in order: free what is over, drop what is useless, fill what is left.

    Returns
    -------
    bool
        Whether it could be done; else the caller takes back what it did.
    """
    if not _free_up(state, server):
        return False
    if state.ground.instance.keeps[server]:
        _fill(state, server)
    estimate(state, server)
    return True


def estimate(state: State, server: int) -> None:
    """Bring the price of a server's disk up to date, and how much of it could be freed."""
    free = _droppable(state, server)
    state.spare[server] = sum(copy.size for copy in free)
    state.price[server] = free[0].worth if free else 0.0


class _Copy(NamedTuple):
    """A piece that a server keeps, by what a byte of it is worth there."""

    worth: float
    diff: int
    piece: int
    size: int


def _droppable(state: State, server: int) -> list[_Copy]:
    """Give the copies that could be dropped, those worth least first."""
    worth, bit = state.worth, 1 << server
    return sorted(
        _Copy(float(worth[diff, server]), diff, piece, state.pieces[diff][piece])
        for diff in state.held[server]
        for piece, holders in enumerate(state.holders[diff])
        if holders & bit and state.survival.outlives(diff, holders ^ bit)
    )


def _free_up(state: State, server: int) -> bool:
    """Drop copies that nobody needs, then those worth least; then move some elsewhere."""
    for copy in _droppable(state, server):
        if copy.worth > state.ground.stored_cost and state.slack[server] >= 0:
            return True
        state.drop(copy.diff, copy.piece, server)
    if state.slack[server] < 0:
        worth = state.worth
        for diff in sorted(state.held[server], key=lambda diff: worth[diff, server]):
            for piece, holders in enumerate(state.holders[diff]):
                if state.slack[server] < 0 and holders >> server & 1:
                    _move(state, diff, piece, server)
    return bool(state.slack[server] >= 0)


def _move(state: State, diff: int, piece: int, server: int) -> None:
    """Move a copy to the server with room where it is worth most, if there is one."""
    size = state.pieces[diff][piece]
    holders = state.holders[diff][piece]
    room = state.ground.instance.keeps & (state.slack >= size).astype(bool)
    worth = state.worth[diff]
    there = state.ground.current[diff]

    def order(at: int) -> tuple[bool, float, int]:
        return (not there >> at & 1, -worth[at], -state.slack[at])

    for other in sorted(room.nonzero()[0].tolist(), key=order):
        bit = 1 << other
        if (holders | state.ground.resident[diff]) & bit:
            continue
        if state.survival.outlives(diff, (holders | bit) & ~(1 << server)):
            state.drop(diff, piece, server)
            state.keep(diff, piece, other)
            return


def _fill(state: State, server: int) -> None:
    """Keep what is worth most of what is missing, also in place of what is worth less."""
    worth, missing = state.worth, state.missing
    wanted = sorted(
        (-float(worth[diff, server]), diff)
        for diff in state.wanted[server]
        if missing[diff, server]
    )
    if not wanted:
        return
    cheap = _droppable(state, server)
    cheap.reverse()
    bit = 1 << server
    for loss, diff in wanted:
        if -loss <= state.ground.stored_cost:
            return
        move = 0.0 if state.ground.is_there(diff, server) else state.ground.move_cost
        if -loss <= state.ground.stored_cost + move:
            continue
        for piece, holders in enumerate(state.holders[diff]):
            if not holders & bit:
                size = state.pieces[diff][piece]
                if _movable(state, diff, server) >= size and (
                    size <= _room(state, server)
                    or _make_room(state, server, cheap, size, -loss - move)
                ):
                    state.keep(diff, piece, server)
        if missing[diff, server]:
            _keep_part(state, diff, server)


def _room(state: State, server: int) -> float:
    return min(float(state.slack[server]), state.ground.stored_limit - state.stored)


def _movable(state: State, diff: int, server: int) -> float:
    """Give how many bytes of a diff the limit on moves lets a server store."""
    if state.ground.is_there(diff, server):
        return math.inf
    return state.ground.move_limit - state.moved


def _make_room(state: State, server: int, cheap: list[_Copy], size: int, worth: float) -> bool:
    """Drop copies for one of a size and a worth for each byte, if they are worth less together.

    `cheap` ends with what is worth least; what is dropped is taken off it.
    """
    lacking = size - _room(state, server)
    gain, taken = worth * size, 0
    for copy in reversed(cheap):
        if lacking <= 0 or copy.worth >= worth or gain <= 0:
            break
        taken += 1
        lacking -= copy.size
        gain -= copy.worth * copy.size
    if lacking > 0 or gain <= 0:
        return False
    for _ in range(taken):
        copy = cheap.pop()
        state.drop(copy.diff, copy.piece, server)
    return True


def _keep_part(state: State, diff: int, server: int) -> None:
    """Cut what fits off the largest piece that a server lacks, and keep it there."""
    if len(state.pieces[diff]) >= state.ground.max_pieces or diff in state.ground.instance.uncut:
        return
    least = least_piece(state.ground.instance.size[diff])
    lacked = [
        piece for piece, holders in enumerate(state.holders[diff]) if not holders >> server & 1
    ]
    largest = max(lacked, key=lambda piece: state.pieces[diff][piece])
    room = min(_room(state, server), _movable(state, diff, server))
    size = min(int(room), state.pieces[diff][largest] - least)
    if size >= least:
        state.cut(diff, largest, size)
        state.keep(diff, len(state.pieces[diff]) - 1, server)


def tidy(state: State, diff: int) -> None:
    """Join pieces of a diff that the same servers keep."""
    piece = 0
    while piece < len(state.pieces[diff]) - 1:
        holders = state.holders[diff]
        same = [at for at in range(piece + 1, len(holders)) if holders[at] == holders[piece]]
        if same:
            if same[-1] != len(holders) - 1:
                state.swap(diff, same[-1])
            state.join(diff, piece)
        else:
            piece += 1
