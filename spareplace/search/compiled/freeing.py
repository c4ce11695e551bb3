"""Make room on a server; a part of `search.keeping` as kernels."""

from __future__ import annotations

from spareplace.search.compiled.board import CHEAP, PIECES, SHELVED, SIZE, SLACK, WANT, Board
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import KEEPS, STORED_COST, Land
from spareplace.search.compiled.listing import is_there
from spareplace.search.compiled.outliving import outlives
from spareplace.search.compiled.steps import drop, keep
from spareplace.search.ground import NOWHERE


@kernel
def free_up(land: Land, board: Board, server: int) -> bool:
    """Drop copies that nobody needs, then those worth least; then move some elsewhere."""
    for at in range(board.counts[CHEAP]):
        useless = board.cheap_worth[at] <= land.numbers[STORED_COST]
        if not useless and board.server[SLACK, server] >= 0:
            return True
        drop(land, board, board.cheap[at, 0], board.cheap[at, 1], server)
    if board.server[SLACK, server] < 0:
        _move_away(land, board, server)
    return bool(board.server[SLACK, server] >= 0)


@kernel
def _move_away(land: Land, board: Board, server: int) -> None:
    """Move copies to where there is room, those worth least first, until there is enough here."""
    count = 0
    for at in range(board.server[SHELVED, server]):
        diff = board.shelf[server, at]
        worth = board.worth[diff, server]
        spot = count
        while spot and board.want_worth[spot - 1] > worth:
            board.want_worth[spot], board.diff[WANT, spot] = (
                board.want_worth[spot - 1],
                board.diff[WANT, spot - 1],
            )
            spot -= 1
        board.want_worth[spot], board.diff[WANT, spot] = worth, diff
        count += 1
    for at in range(count):
        diff = board.diff[WANT, at]
        for piece in range(board.diff[PIECES, diff]):
            if board.holds[diff, piece, server]:
                _move(land, board, diff, piece, server)
            if board.server[SLACK, server] >= 0:
                return


@kernel
def _move(land: Land, board: Board, diff: int, piece: int, server: int) -> bool:
    """Move a copy to the server with room where it is worth most; tell whether there is one."""
    size = board.piece[SIZE, diff, piece]
    best, there = NOWHERE, False
    for other in range(board.server.shape[1]):
        if (
            not land.servers[KEEPS, other]
            or board.server[SLACK, other] < size
            or board.holds[diff, piece, other]
            or land.resident[diff, other]
            or other == server
        ):
            continue
        here = is_there(land, diff, other)
        if best != NOWHERE:
            if here != there:
                better = here
            elif board.worth[diff, other] != board.worth[diff, best]:
                better = board.worth[diff, other] > board.worth[diff, best]
            else:
                better = board.server[SLACK, other] > board.server[SLACK, best]
            if not better:
                continue
        if outlives(land, board, diff, piece, server, other):
            best, there = other, here
    if best == NOWHERE:
        return False
    drop(land, board, diff, piece, server)
    keep(land, board, diff, piece, best)
    return True
