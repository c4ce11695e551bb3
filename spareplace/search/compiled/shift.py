"""Move a copy from one server to another; `search.shifting` as a kernel."""

from __future__ import annotations

from spareplace.search.compiled.board import COPIES, PIECES, SHELVED, TARGET, Board
from spareplace.search.compiled.drawing import below, draw
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, DIFF, KEEPS, Land
from spareplace.search.compiled.outliving import outlives
from spareplace.search.compiled.ruin import seed_of
from spareplace.search.compiled.steps import drop, keep, touch
from spareplace.search.ground import NOWHERE
from spareplace.search.shifting import TOWARDS


@kernel
def shift(land: Land, board: Board) -> bool:
    """Move a copy to a server where it is wanted, or away from one where another one is."""
    pair = seed_of(land, board)
    server = board.pair[TARGET, pair]
    begin, end = land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]
    if server == NOWHERE or begin == end:
        return False
    if draw(board) < TOWARDS:
        diff = land.links[DIFF, begin + below(board, end - begin)]
        piece = below(board, board.diff[PIECES, diff])
        if board.holds[diff, piece, server] or land.resident[diff, server]:
            return False
        if not board.piece[COPIES, diff, piece] or not land.servers[KEEPS, server]:
            return False
        nth = below(board, board.piece[COPIES, diff, piece])
        other = NOWHERE
        while nth >= 0:
            other += 1
            if board.holds[diff, piece, other]:
                nth -= 1
        return _carry(land, board, diff, piece, other, server)
    if not board.server[SHELVED, server]:
        return False
    diff = board.shelf[server, below(board, board.server[SHELVED, server])]
    piece = below(board, board.diff[PIECES, diff])
    other = below(board, board.server.shape[1])
    if not board.holds[diff, piece, server] or board.holds[diff, piece, other]:
        return False
    if land.resident[diff, other] or not land.servers[KEEPS, other]:
        return False
    return _carry(land, board, diff, piece, server, other)


@kernel
def _carry(land: Land, board: Board, diff: int, piece: int, server: int, other: int) -> bool:
    if not outlives(land, board, diff, piece, server, other):
        return False
    drop(land, board, diff, piece, server)
    keep(land, board, diff, piece, other)
    touch(board, server)
    touch(board, other)
    return True
