"""What a server could drop, and what it lacks; parts of `search.keeping` as kernels."""

from __future__ import annotations

from spareplace.search.compiled.board import (
    AFTER,
    CHEAP,
    FIRST,
    FIRST_CHEAP,
    PIECES,
    SEEN,
    SHELVED,
    STAMP,
    WANT,
    Board,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, DIFF, Land
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
def list_wanted(land: Land, board: Board, server: int) -> int:
    """List the diffs that a server lacks, those worth most first; give how many."""
    board.counts[STAMP] += 1
    stamp, count = board.counts[STAMP], 0
    pair = board.server[FIRST, server]
    while pair != NOWHERE:
        for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
            diff = land.links[DIFF, at]
            if board.diff[SEEN, diff] != stamp and board.missing[diff, server]:
                board.diff[SEEN, diff] = stamp
                worth = board.worth[diff, server]
                spot = count
                while spot and board.want_worth[spot - 1] < worth:
                    board.want_worth[spot] = board.want_worth[spot - 1]
                    board.diff[WANT, spot] = board.diff[WANT, spot - 1]
                    spot -= 1
                board.want_worth[spot], board.diff[WANT, spot] = worth, diff
                count += 1
        pair = board.pair[AFTER, pair]
    return count
