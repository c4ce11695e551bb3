"""Change a plan a little, and accept it by annealing; `search.annealing` as kernels."""

from __future__ import annotations

import math

from spareplace.amounts import DISK
from spareplace.search.compiled.board import (
    GROUP,
    GROUP_AT,
    LACKING,
    LOGGED,
    MOVED,
    PENALTY,
    STORED,
    TARGET,
    TOUCHED,
    TOUCHING,
    TRANSFER,
    Board,
)
from spareplace.search.compiled.drawing import below, draw
from spareplace.search.compiled.insert import insert
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import (
    MOVE_COST,
    MOVE_LIMIT,
    STORED_COST,
    STORED_LIMIT,
    VM,
    Land,
)
from spareplace.search.compiled.ruin import choose
from spareplace.search.compiled.settling import settle
from spareplace.search.compiled.shift import shift
from spareplace.search.compiled.steps import take, touch, undo
from spareplace.search.compiled.tidying import tidy
from spareplace.search.ground import NOWHERE

SHIFTS, ALONE = 0.8, 0.8
"""As in `search.shifting`; with so many changes, more of those that take least time pay."""


@kernel
def cool(
    land: Land,
    board: Board,
    steps: int,
    warm: float,
    cold: float,
) -> int:
    """Try so many changes, the temperature falling from `warm` to `cold`; give how many stayed."""
    stayed = 0
    for step in range(steps):
        transfer, penalty, before = board.sums[TRANSFER], board.sums[PENALTY], value(land, board)
        done = _change(land, board)
        worse = value(land, board) - before
        if done and worse > 0:
            temperature = warm + (cold - warm) * step / steps
            done = worse <= -temperature * math.log(1 - draw(board))
        if done:
            stayed += 1
            tidy(board)
        else:
            undo(land, board)
            board.sums[TRANSFER], board.sums[PENALTY] = transfer, penalty
        board.counts[LOGGED] = 0
    board.sums[TRANSFER] = _transferred(board)
    return stayed


@kernel
def _transferred(board: Board) -> float:
    """Work the transfer out anew; `search.rounding` says why."""
    transfer = 0.0
    for server in range(board.server.shape[1]):
        for at in range(board.server[LACKING, server]):
            diff = board.lacked[server, at]
            transfer += board.worth[diff, server] * board.missing[diff, server]
    return transfer


@kernel
def value(land: Land, board: Board) -> float:
    """Give what is to be least."""
    priced = land.numbers[STORED_COST] * board.counts[STORED]
    priced += land.numbers[MOVE_COST] * board.counts[MOVED]
    return float(board.sums[PENALTY] + board.sums[TRANSFER] + priced)


@kernel
def _change(land: Land, board: Board) -> bool:
    board.counts[TOUCHING] = 0
    way = draw(board)
    if way < SHIFTS and not shift(land, board):
        return False
    groups = 0
    board.pair[GROUP_AT, 0] = 0
    if way >= SHIFTS * ALONE:
        groups = choose(land, board)
    for at in range(board.pair[GROUP_AT, groups]):
        pair = board.pair[GROUP, at]
        if board.pair[TARGET, pair] != NOWHERE:
            touch(board, take(land, board, pair))
    if groups > 1:
        _shuffle(land, board, groups)
    for group in range(groups):
        if not insert(land, board, board.pair[GROUP_AT, group], board.pair[GROUP_AT, group + 1]):
            return False
    for at in range(board.counts[TOUCHING]):
        if not settle(land, board, board.server[TOUCHED, at]):
            return False
    stored, moved = board.counts[STORED], board.counts[MOVED]
    return bool(stored <= land.numbers[STORED_LIMIT] and moved <= land.numbers[MOVE_LIMIT])


@kernel
def _shuffle(land: Land, board: Board, groups: int) -> None:
    """Put groups of one pair each in any order, more often by their disk."""
    for at in range(groups - 1, 0, -1):
        other = below(board, at + 1)
        board.pair[GROUP, at], board.pair[GROUP, other] = (
            board.pair[GROUP, other],
            board.pair[GROUP, at],
        )
    if draw(board) < 0.7:
        for at in range(1, groups):
            pair, spot = board.pair[GROUP, at], at
            disk = land.vms[DISK, land.pairs[VM, pair]]
            while spot and land.vms[DISK, land.pairs[VM, board.pair[GROUP, spot - 1]]] < disk:
                board.pair[GROUP, spot] = board.pair[GROUP, spot - 1]
                spot -= 1
            board.pair[GROUP, spot] = pair
