"""What a server keeps, given what is rebuilt on it: what is worth most for each byte.

The bytes of a diff are all worth the same on a server, so the best choice fills the disk in the
order of their worth; the last diff that does not fit whole may be cut.
"""

from __future__ import annotations

import math
from typing import TypeAlias

from spareplace.placement import least_piece
from spareplace.search.state import State


def settle(state: State, server: int) -> bool:
    """Bring a server's disk in order: free what is over, drop what is useless, fill what is left.

    Returns
    -------
    bool
        Whether it could be done; else the caller takes back what it did.
    """
    free = _droppable(state, server)
    before = state.changes[server]
    if not _free_up(state, server, free):
        return False
    if state.ground.instance.keeps[server]:
        if state.changes[server] != before:
            free, before = _droppable(state, server), state.changes[server]
        _fill(state, server, free[::-1])
    if state.changes[server] != before:
        free = _droppable(state, server)
    _note(state, server, free)
    return True


def estimate(state: State, server: int) -> None:
    """Bring the price of a server's disk up to date, and how much of it could be freed."""
    _note(state, server, _droppable(state, server))


_Copy: TypeAlias = tuple[float, int, int, int]
"""A piece that a server keeps: what a byte of it is worth there, diff, piece and size."""


def _note(state: State, server: int, free: list[_Copy]) -> None:
    state.spare[server] = sum(size for _, _, _, size in free)
    state.price[server] = free[0][0] if free else 0.0


def _droppable(state: State, server: int) -> list[_Copy]:
    """Give the copies that could be dropped, those worth least first."""
    worth, bit, outlives = state.worth.item, 1 << server, state.survival.outlives
    return sorted(
        (worth(diff, server), diff, piece, state.pieces[diff][piece])
        for diff in state.held[server]
        for piece, holders in enumerate(state.holders[diff])
        if holders & bit and outlives(diff, holders ^ bit)
    )


def _free_up(state: State, server: int, free: list[_Copy]) -> bool:
    """Drop copies that nobody needs, then those worth least; then move some elsewhere."""
    for worth, diff, piece, _ in free:
        if worth > state.ground.stored_cost and state.slack[server] >= 0:
            return True
        state.drop(diff, piece, server)
    if state.slack[server] < 0:
        _move_away(state, server)
    return bool(state.slack[server] >= 0)


def _move_away(state: State, server: int) -> None:
    """Move copies to where there is room, those worth least first, until there is enough here."""
    worth, keeps = state.worth.item, state.ground.instance.keeps
    most = state.slack[keeps].max(initial=0)
    for diff in sorted(state.held[server], key=lambda diff: worth(diff, server)):
        for piece, holders in enumerate(state.holders[diff]):
            if (
                holders >> server & 1
                and state.pieces[diff][piece] <= most
                and _move(state, diff, piece, server)
            ):
                if state.slack[server] >= 0:
                    return
                most = state.slack[keeps].max(initial=0)


def _move(state: State, diff: int, piece: int, server: int) -> bool:
    """Move a copy to the server with room where it is worth most; tell whether there is one."""
    size = state.pieces[diff][piece]
    holders = state.holders[diff][piece]
    fits = state.ground.instance.keeps & (state.slack >= size).astype(bool)
    room = fits.nonzero()[0]
    worth, slack = (-state.worth[diff, room]).tolist(), (-state.slack[room]).tolist()
    there = state.ground.current[diff]
    moves = [not there >> at & 1 for at in room.tolist()]
    for *_, other in sorted(zip(moves, worth, slack, room.tolist(), strict=True)):
        bit = 1 << other
        if (holders | state.ground.resident[diff]) & bit:
            continue
        if state.survival.outlives(diff, (holders | bit) & ~(1 << server)):
            state.drop(diff, piece, server)
            state.keep(diff, piece, other)
            return True
    return False


def _wanted(state: State, server: int, floor: float) -> list[tuple[float, int]]:
    """Give the diffs that a server lacks, with what a byte of each is worth there, negative."""
    worth, missing = state.worth.item, state.missing.item
    return sorted(
        (-value, diff)
        for diff in state.wanted[server]
        if (value := worth(diff, server)) > floor and missing(diff, server)
    )


def _fill(state: State, server: int, cheap: list[_Copy]) -> None:
    """Keep what is worth most of what is missing, also in place of what is worth less.

    `cheap` has what could be dropped, what is worth least at its end. Without room something
    has to be worth more than that: on a tight disk few things are. Where a drop made more room than
    was needed, what is lacking now is looked at again.
    """
    floor = least = state.ground.stored_cost
    droppable = len(cheap)
    if _is_full(state, server):
        floor = max(least, cheap[-1][0] if cheap else math.inf)
    _keep_dearest(state, server, floor, cheap)
    if len(cheap) < droppable and not _is_full(state, server):  # by what was dropped
        _keep_dearest(state, server, least, cheap)


def _is_full(state: State, server: int) -> bool:
    return _room(state, server) < state.ground.least_piece


def _keep_dearest(state: State, server: int, floor: float, cheap: list[_Copy]) -> None:
    """Keep what is worth more than the floor, the most first, while there is room or less worth."""
    bit = 1 << server
    for loss, diff in _wanted(state, server, floor):
        nothing_cheaper = not cheap or cheap[-1][0] >= -loss
        if nothing_cheaper and _is_full(state, server):
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
        if state.missing[diff, server]:
            _keep_part(state, diff, server)


def _room(state: State, server: int) -> float:
    return min(float(state.slack[server]), state.ground.stored_limit - state.stored)


def _movable(state: State, diff: int, server: int) -> float:
    """Give how many bytes of a diff the limit on moves lets a server store."""
    if state.ground.move_limit == math.inf or state.ground.is_there(diff, server):
        return math.inf
    return state.ground.move_limit - state.moved


def _make_room(state: State, server: int, cheap: list[_Copy], size: int, worth: float) -> bool:
    """Drop copies for one of a size and a worth for each byte, if they are worth less together.

    `cheap` ends with what is worth least; what is dropped is taken off it.
    """
    lacking = size - _room(state, server)
    gain, taken = worth * size, 0
    for least, _, _, bytes_there in reversed(cheap):
        if lacking <= 0 or least >= worth or gain <= 0:
            break
        taken += 1
        lacking -= bytes_there
        gain -= least * bytes_there
    if lacking > 0 or gain <= 0:
        return False
    for _ in range(taken):
        _, diff, piece, _ = cheap.pop()
        state.drop(diff, piece, server)
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
