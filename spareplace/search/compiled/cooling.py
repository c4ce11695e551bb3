"""Annealing by kernels: decisions go in, better ones come out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span
from spareplace.search.compiled import change as kernels
from spareplace.search.compiled.board import LOGGED, PIECES, SIZE, TARGET, Board, empty_board
from spareplace.search.compiled.doing import ask, do_keep, do_place
from spareplace.search.compiled.jit import entry
from spareplace.search.compiled.land import Land, land_of
from spareplace.search.compiled.listing import list_droppable, note
from spareplace.search.compiled.steps import skip
from spareplace.search.ground import NOWHERE, Ground, Ints, servers_in
from spareplace.search.translating import Snapshot

Cool: TypeAlias = Callable[[Land, Board, int, float, float], int]
Worth: TypeAlias = Callable[[Land, Board], float]
Annealer: TypeAlias = Callable[
    [Ground, Snapshot, int, Clock, int, float, Span], tuple[Snapshot, float]
]
LayOut: TypeAlias = Callable[[Land, Board, Ints, Ints], None]


@entry
def cool(stamp: str) -> Cool:
    """Give `change.cool` as Python calls it."""

    def cool(
        land: Land,
        board: Board,
        steps: int,
        warm: float,
        cold: float,
    ) -> int:
        return kernels.cool(land, board, steps, warm, cold) if stamp else 0

    return cool


@entry
def worth(stamp: str) -> Worth:
    """Give `change.value` as Python calls it."""

    def worth(land: Land, board: Board) -> float:
        return kernels.value(land, board) if stamp else 0.0

    return worth


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


FASTER, LONGER = 50, 4
"""How many changes kernels try for one that Python does: they take a fiftieth of the time; and how
many times as many where all that stands is given up."""

MELTING, HOTTER = 30.0, 3.0
"""With so many more changes it pays to begin hotter: by so much where all that stands is to be
given up, as a plan by another method holds on to its copies at less, and else by so much."""

FALL = 3
"""The power by which the temperature falls: nothing is decided while it is high."""

STEPS, LOOK = 1_000, 0.02
"""How many changes are tried between two looks at the clock; where there is one, as many as take so
many seconds."""


def anneal(
    ground: Ground,
    decisions: Snapshot,
    seed: int,
    clock: Clock,
    iterations: int,
    hot: float,
    span: Span = WHOLE,
) -> tuple[Snapshot, float]:
    """Change decisions as `search.annealing.anneal` does, with its parameters.

    The seed stands for its random choices; `iterations` and `hot` are what they would be there.

    Returns
    -------
    Snapshot
        Where it ended.
    float
        How far the temperature has fallen.
    """
    land = land_of(ground)
    board = board_of(ground, land, decisions, seed)
    begun, until, since, cold = span.begun, span.until, clock.elapsed(), span.begun
    seconds = clock.left() if span.seconds is None else span.seconds
    hot *= MELTING if span.melt else HOTTER
    faster = FASTER * LONGER if span.melt else FASTER
    most, done, steps = max(iterations, 0) * faster, 0, STEPS
    while done < math.ceil(most * (until - begun)):
        cold = begun + done / most
        if seconds:
            cold = max(cold, begun + (clock.elapsed() - since) / seconds)
        if cold >= until or clock.over() or worth(land, board) <= 0:
            return decisions_on(board), min(cold, until)
        looked, heat = clock.elapsed(), hot * (1 - cold) ** FALL
        cool(land, board, steps, heat, heat)
        done += steps
        if seconds:
            took = max(clock.elapsed() - looked, 1e-6)
            steps = max(min(int(steps * LOOK / took), 2 * steps), 16)
    return decisions_on(board), until
