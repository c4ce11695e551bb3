"""Decisions on a board of kernels, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from spareplace.search.compiled.board import LOGGED, PIECES, SIZE, TARGET, Board, empty_board
from spareplace.search.compiled.doing import ask, do_keep, do_place
from spareplace.search.compiled.jit import entry
from spareplace.search.compiled.land import Land
from spareplace.search.compiled.listing import list_droppable, note
from spareplace.search.compiled.steps import skip
from spareplace.search.ground import NOWHERE, Ground, Ints, servers_in
from spareplace.search.translating import Snapshot

LayOut: TypeAlias = Callable[[Land, Board, Ints, Ints], None]


@entry
def lay_out(stamp: str) -> LayOut:
    """Give what puts targets and kept pieces on an empty board."""

    def lay_out(land: Land, board: Board, target: Ints, kept: Ints) -> None:
        if not stamp:
            return
        for pair in range(len(target)):
            ask(land, board, pair)
        for pair in range(len(target)):
            if target[pair] == NOWHERE:
                skip(land, board, pair)
            else:
                do_place(land, board, pair, target[pair])
            board.counts[LOGGED] = 0
        for line in range(len(kept)):
            do_keep(land, board, kept[line, 0], kept[line, 1], kept[line, 2])
            board.counts[LOGGED] = 0
        for server in range(board.server.shape[1]):
            list_droppable(land, board, server)
            note(board, server)

    return lay_out


def board_of(ground: Ground, land: Land, decisions: Snapshot, seed: int) -> Board:
    """Lay out decisions that keep every rule."""
    most = max(map(len, decisions.pieces), default=1)
    board = empty_board(land, ground.instance, max(most, ground.max_pieces), seed)
    for diff, sizes in enumerate(decisions.pieces):
        board.diff[PIECES, diff] = len(sizes)
        board.piece[SIZE, diff, : len(sizes)] = sizes
    kept = [
        (diff, piece, server)
        for diff, holders in enumerate(decisions.holders)
        for piece, bits in enumerate(holders)
        for server in servers_in(bits)
    ]
    target = np.array(decisions.target, dtype=np.int64)
    lay_out(land, board, target, np.array(kept, dtype=np.int64).reshape(-1, 3))
    return board


def decisions_on(board: Board) -> Snapshot:
    """Copy the decisions of a board."""
    holders = [[0] * int(count) for count in board.diff[PIECES]]
    for diff, piece, server in np.argwhere(board.holds).tolist():
        holders[diff][piece] |= 1 << server
    return Snapshot(
        target=tuple(board.pair[TARGET, :-2].tolist()),
        pieces=tuple(
            tuple(sizes[:count])
            for sizes, count in zip(
                board.piece[SIZE].tolist(), board.diff[PIECES].tolist(), strict=True
            )
        ),
        holders=tuple(map(tuple, holders)),
    )
