"""The steps of a plan under change with a log, so that they can be taken back."""

from __future__ import annotations

from spareplace.search.compiled.board import LOG, LOGGED, SETTLING, TARGET, TOUCHED, TOUCHING, Board
from spareplace.search.compiled.doing import (
    do_cut,
    do_drop,
    do_join,
    do_keep,
    do_place,
    do_skip,
    do_take,
    do_unskip,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import Land

PLACE, TAKE, KEEP, DROP, CUT, SKIP, UNSKIP = range(7)
"""What a line of the log says was done."""


@kernel
def place(land: Land, board: Board, pair: int, server: int) -> None:
    """Rebuild a pair, which has no server, on one."""
    do_place(land, board, pair, server)
    _log(board, PLACE, pair, 0, 0)


@kernel
def take(land: Land, board: Board, pair: int) -> int:
    """Take a pair off its server; give the server."""
    server = int(board.pair[TARGET, pair])
    do_take(land, board, pair)
    _log(board, TAKE, pair, server, 0)
    return server


@kernel
def keep(land: Land, board: Board, diff: int, piece: int, server: int) -> None:
    """Keep a piece on a server that does not hold it."""
    do_keep(land, board, diff, piece, server)
    _log(board, KEEP, diff, piece, server)


@kernel
def drop(land: Land, board: Board, diff: int, piece: int, server: int) -> None:
    """Keep a piece no longer."""
    do_drop(land, board, diff, piece, server)
    _log(board, DROP, diff, piece, server)


@kernel
def cut(board: Board, diff: int, piece: int, size: int) -> None:
    """Cut `size` bytes off a piece: they are a new one, the last of the diff."""
    do_cut(board, diff, piece, size)
    _log(board, CUT, diff, piece, 0)


@kernel
def skip(land: Land, board: Board, pair: int) -> None:
    """Leave a pair, which has no server, unprotected."""
    do_skip(land, board, pair)
    _log(board, SKIP, pair, 0, 0)


@kernel
def unskip(land: Land, board: Board, pair: int) -> None:
    """Protect a pair again."""
    do_unskip(land, board, pair)
    _log(board, UNSKIP, pair, 0, 0)


@kernel
def undo(land: Land, board: Board) -> None:
    """Take back all steps of the log."""
    while board.counts[LOGGED]:
        board.counts[LOGGED] -= 1
        line = board.counts[LOGGED]
        what, a = board.log[line, 0], board.log[line, 1]
        b, c = board.log[line, 2], board.log[line, 3]
        if what == PLACE:
            do_take(land, board, a)
        elif what == TAKE:
            do_place(land, board, a, b)
        elif what == KEEP:
            do_drop(land, board, a, b, c)
        elif what == DROP:
            do_keep(land, board, a, b, c)
        elif what == CUT:
            do_join(board, a, b)
        elif what == SKIP:
            do_unskip(land, board, a)
        else:
            do_skip(land, board, a)


@kernel
def is_full(board: Board) -> bool:
    """Tell whether the log might not hold the steps that bring one server in order.

    That drops each copy at most twice, moves it once in two steps, and keeps and cuts what it
    lacks once: kernels write wherever they are told to, so there has to be room.
    """
    most = SETTLING * board.holds.shape[0] * board.holds.shape[1]
    return bool(board.counts[LOGGED] + most + LOG // 2 > board.log.shape[0])


@kernel
def touch(board: Board, server: int) -> None:
    """Note that a change has to do with a server."""
    for at in range(board.counts[TOUCHING]):
        if board.server[TOUCHED, at] == server:
            return
    board.server[TOUCHED, board.counts[TOUCHING]] = server
    board.counts[TOUCHING] += 1


@kernel
def _log(board: Board, what: int, a: int, b: int, c: int) -> None:
    line = board.counts[LOGGED]
    board.log[line, 0] = what
    board.log[line, 1] = a
    board.log[line, 2] = b
    board.log[line, 3] = c
    board.counts[LOGGED] += 1
