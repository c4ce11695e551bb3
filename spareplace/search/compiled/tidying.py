"""Join the pieces that the same servers keep; `search.keeping.tidy` as a kernel."""

from __future__ import annotations

from spareplace.search.compiled.board import COPIES, LOGGED, PIECES, Board
from spareplace.search.compiled.doing import do_join, do_swap
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.steps import CUT, KEEP
from spareplace.search.ground import NOWHERE


@kernel
def tidy(board: Board) -> None:
    """Join pieces of what was cut or kept that the same servers keep.

    It is done to what stays, so it is not logged.
    """
    for line in range(board.counts[LOGGED]):
        if board.log[line, 0] == KEEP or board.log[line, 0] == CUT:
            diff = board.log[line, 1]
            piece = 0
            while piece < board.diff[PIECES, diff] - 1:
                same = NOWHERE
                for other in range(piece + 1, board.diff[PIECES, diff]):
                    if _alike(board, diff, piece, other):
                        same = other
                if same == NOWHERE:
                    piece += 1
                    continue
                if same != board.diff[PIECES, diff] - 1:
                    do_swap(board, diff, same)
                do_join(board, diff, piece)


@kernel
def _alike(board: Board, diff: int, one: int, other: int) -> bool:
    if board.piece[COPIES, diff, one] != board.piece[COPIES, diff, other]:
        return False
    for server in range(board.holds.shape[2]):
        if board.holds[diff, one, server] != board.holds[diff, other, server]:
            return False
    return True
