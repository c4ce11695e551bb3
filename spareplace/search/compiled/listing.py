"""What a server could drop, and what it lacks; parts of `search.keeping` as kernels."""

from __future__ import annotations

from spareplace.search.compiled.board import (
    CHEAP,
    FIRST_CHEAP,
    LACKING,
    PIECES,
    PRICE,
    SHELVED,
    SIZE,
    SPARE,
    WANT,
    Board,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import Land
from spareplace.search.compiled.outliving import outlives
from spareplace.search.ground import NOWHERE


@kernel
def is_there(land: Land, diff: int, server: int) -> bool:
    """Tell whether a server stores a diff today, so that keeping it moves nothing."""
    return land.there.shape[0] == 0 or bool(land.there[diff, server])


@kernel
def list_droppable(land: Land, board: Board, server: int) -> None:
    """List the copies that could be dropped, those worth least first."""
    count = 0
    for at in range(board.server[SHELVED, server]):
        diff = board.shelf[server, at]
        worth = board.worth[diff, server]
        for piece in range(board.diff[PIECES, diff]):
            if board.holds[diff, piece, server] and outlives(
                land, board, diff, piece, server, NOWHERE
            ):
                spot = count
                while spot and board.cheap_worth[spot - 1] > worth:
                    board.cheap_worth[spot] = board.cheap_worth[spot - 1]
                    board.cheap[spot, 0] = board.cheap[spot - 1, 0]
                    board.cheap[spot, 1] = board.cheap[spot - 1, 1]
                    spot -= 1
                board.cheap_worth[spot] = worth
                board.cheap[spot, 0], board.cheap[spot, 1] = diff, piece
                count += 1
    board.counts[CHEAP], board.counts[FIRST_CHEAP] = count, 0


@kernel
def note(board: Board, server: int) -> None:
    """Keep the price of a server's disk, and how much of it could be freed, from the list."""
    total = 0
    for at in range(board.counts[CHEAP]):
        total += board.piece[SIZE, board.cheap[at, 0], board.cheap[at, 1]]
    board.server[SPARE, server] = total
    board.price[PRICE, server] = board.cheap_worth[0] if board.counts[CHEAP] else 0.0


@kernel
def list_wanted(board: Board, server: int, floor: float) -> int:
    """List the diffs that a server lacks and that are worth more, the most first; give how many."""
    count = 0
    for at in range(board.server[LACKING, server]):
        diff = board.lacked[server, at]
        worth, spot = board.worth[diff, server], count
        if worth <= floor:
            continue
        while spot and board.want_worth[spot - 1] < worth:
            board.want_worth[spot] = board.want_worth[spot - 1]
            board.diff[WANT, spot] = board.diff[WANT, spot - 1]
            spot -= 1
        board.want_worth[spot], board.diff[WANT, spot] = worth, diff
        count += 1
    return count
