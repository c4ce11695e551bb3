"""Whether what some servers hold survives every failure in which somebody asks for it."""

from __future__ import annotations

from spareplace.search.compiled.board import ASKERS, COPIES, SUM, Board
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import HITS, RESIDENTS, Land
from spareplace.search.ground import NOWHERE


@kernel
def outlives(land: Land, board: Board, diff: int, piece: int, without: int, beside: int) -> bool:
    """Tell it of a piece, were it dropped from one server and kept on another (or `NOWHERE`)."""
    count = board.piece[COPIES, diff, piece] + land.diffs[RESIDENTS, diff]
    count += int(beside != NOWHERE) - int(without != NOWHERE)
    if count > land.widest:
        return True
    if not count:
        return bool(board.diff[ASKERS, diff] == 0)
    if count == 1 and not land.diffs[RESIDENTS, diff]:
        one = board.piece[SUM, diff, piece] - max(without, 0) + max(beside, 0)
        return not _asked_for_without(land, board, diff, one)
    one = beside if beside != NOWHERE else _next(land, board, diff, piece, without, NOWHERE)
    for at in range(land.servers[HITS, one], land.servers[HITS, one + 1]):
        failure = land.lists[at]
        if board.asked[diff, failure] and not _another(
            land, board, diff, piece, without, one, failure
        ):
            return False
    return True


@kernel
def _asked_for_without(land: Land, board: Board, diff: int, server: int) -> bool:
    """Tell whether somebody asks for a diff in a failure that takes a server down."""
    for at in range(land.servers[HITS, server], land.servers[HITS, server + 1]):
        if board.asked[diff, land.lists[at]]:
            return True
    return False


@kernel
def _next(land: Land, board: Board, diff: int, piece: int, without: int, last: int) -> int:
    """Give the first server behind one that holds a piece, or `NOWHERE`."""
    for server in range(last + 1, board.server.shape[1]):
        if server != without and (board.holds[diff, piece, server] or land.resident[diff, server]):
            return server
    return NOWHERE


@kernel
def _another(
    land: Land, board: Board, diff: int, piece: int, without: int, one: int, failure: int
) -> bool:
    """Tell whether a server other than one holds a piece and survives a failure."""
    server = _next(land, board, diff, piece, without, NOWHERE)
    while server != NOWHERE:
        if server != one and not land.down[failure, server]:
            return True
        server = _next(land, board, diff, piece, without, server)
    return False
