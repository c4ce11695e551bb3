"""Keep on a server what is worth most; a part of `search.keeping` as kernels."""

from __future__ import annotations

import numpy as np

from spareplace.search.compiled.board import (
    CHEAP,
    FIRST_CHEAP,
    MOVED,
    PIECES,
    SIZE,
    SLACK,
    STORED,
    WANT,
    Board,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import (
    LEAST,
    LEAST_PIECE,
    MOVE_COST,
    MOVE_LIMIT,
    STORED_COST,
    STORED_LIMIT,
    UNCUT,
    Land,
)
from spareplace.search.compiled.listing import is_there, list_wanted
from spareplace.search.compiled.steps import cut, drop, keep
from spareplace.search.ground import NOWHERE


@kernel
def fill(land: Land, board: Board, server: int) -> None:
    """Keep what is worth most of what is missing, also in place of what is worth less.

    Without room something has to be worth more than that: on a tight disk few things are. Where a
    drop made more room than was needed, what is lacking now is looked at again.
    """
    least: float = land.numbers[STORED_COST]
    floor = least
    if _is_full(land, board, server):
        floor = max(least, board.cheap_worth[0] if board.counts[CHEAP] else np.inf)
    _keep_dearest(land, board, server, floor)
    if board.counts[FIRST_CHEAP] and not _is_full(land, board, server):  # by what was dropped
        _keep_dearest(land, board, server, least)


@kernel
def _is_full(land: Land, board: Board, server: int) -> bool:
    return bool(_room(land, board, server) < land.numbers[LEAST_PIECE])


@kernel
def _keep_dearest(land: Land, board: Board, server: int, floor: float) -> None:
    """Keep what is worth more than the floor, the most first, while there is room or less worth."""
    for at in range(list_wanted(board, server, floor)):
        worth, diff = board.want_worth[at], board.diff[WANT, at]
        cheapest = board.counts[FIRST_CHEAP]
        dearer = cheapest >= board.counts[CHEAP] or board.cheap_worth[cheapest] >= worth
        if dearer and _is_full(land, board, server):
            return
        move = 0.0 if is_there(land, diff, server) else land.numbers[MOVE_COST]
        if worth <= land.numbers[STORED_COST] + move:
            continue
        for piece in range(board.diff[PIECES, diff]):
            if not board.holds[diff, piece, server]:
                size = board.piece[SIZE, diff, piece]
                if _movable(land, board, diff, server) >= size and (
                    size <= _room(land, board, server)
                    or _make_room(land, board, server, size, worth - move)
                ):
                    keep(land, board, diff, piece, server)
        if board.missing[diff, server]:
            _keep_part(land, board, diff, server)


@kernel
def _room(land: Land, board: Board, server: int) -> float:
    room: float = land.numbers[STORED_LIMIT] - board.counts[STORED]
    return min(room, float(board.server[SLACK, server]))


@kernel
def _movable(land: Land, board: Board, diff: int, server: int) -> float:
    """Give how many bytes of a diff the limit on moves lets a server store."""
    if is_there(land, diff, server):
        return float(np.inf)
    return float(land.numbers[MOVE_LIMIT] - board.counts[MOVED])


@kernel
def _make_room(land: Land, board: Board, server: int, size: int, worth: float) -> bool:
    """Drop copies for one of a size and a worth for each byte, if they are worth less together."""
    lacking = size - _room(land, board, server)
    gain, at = worth * size, board.counts[FIRST_CHEAP]
    while at < board.counts[CHEAP] and lacking > 0 and gain > 0:
        least = board.cheap_worth[at]
        if least >= worth:
            break
        freed = board.piece[SIZE, board.cheap[at, 0], board.cheap[at, 1]]
        lacking -= freed
        gain -= least * freed
        at += 1
    if lacking > 0 or gain <= 0:
        return False
    for each in range(board.counts[FIRST_CHEAP], at):
        drop(land, board, board.cheap[each, 0], board.cheap[each, 1], server)
    board.counts[FIRST_CHEAP] = at
    return True


@kernel
def _keep_part(land: Land, board: Board, diff: int, server: int) -> None:
    """Cut what fits off the largest piece that a server lacks, and keep it there."""
    if board.diff[PIECES, diff] >= land.pieces or land.diffs[UNCUT, diff]:
        return
    largest = NOWHERE
    for piece in range(board.diff[PIECES, diff]):
        if not board.holds[diff, piece, server] and (
            largest == NOWHERE or board.piece[SIZE, diff, piece] > board.piece[SIZE, diff, largest]
        ):
            largest = piece
    room = min(_room(land, board, server), _movable(land, board, diff, server))
    size = min(int(room), board.piece[SIZE, diff, largest] - land.diffs[LEAST, diff])
    if size >= land.diffs[LEAST, diff]:
        cut(board, diff, largest, size)
        keep(land, board, diff, board.diff[PIECES, diff] - 1, server)
