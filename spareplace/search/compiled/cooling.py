"""Annealing by kernels: decisions go in, better ones come out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span
from spareplace.search.compiled import change as kernels
from spareplace.search.compiled.board import Board, seed_with
from spareplace.search.compiled.jit import entry
from spareplace.search.compiled.land import Land, land_of
from spareplace.search.compiled.laying import board_of, decisions_on
from spareplace.search.ground import Ground
from spareplace.search.population import ALONE, ROUND, selected, worth_having
from spareplace.search.translating import Snapshot

Cool: TypeAlias = Callable[[Land, Board, int, float, float], int]
Worth: TypeAlias = Callable[[Land, Board], float]
Annealer: TypeAlias = Callable[
    [Ground, Sequence[Snapshot], int, Clock, int, float, Span], tuple[list[Snapshot], float]
]


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


FASTER, LONGER, TIMED = 50, 4, 3
"""How many changes kernels try for one that Python does: they take a fiftieth of the time; how many
times as many where all that stands is given up; and how many times as many again where there is a
clock: on nine tight clusters from 6x5 to 12x10, 30 s each, plans cost 0.97 of what they did with
1."""

MELTING, HOTTER = 30.0, 3.0
"""With so many more changes it pays to begin hotter: by so much where all that stands is to be
given up, as a plan by another method holds on to its copies at less, and else by so much."""

FALL = 3
"""The power by which the temperature falls: nothing is decided while it is high."""

STEPS, FEWEST, LOOK = 1_000, 16, 0.02
"""How many changes of all states together are tried between two looks at the temperature, and the
fewest of each; where there is a clock, as many as take so many seconds."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Population:
    """Boards of one cluster that cool down together.

    Parameters
    ----------
    ground, land
        The cluster.
    boards
        At least one.
    random
        For what is selected, and for the seeds of copies.
    hot
        The first temperature.
    cold
        How far it had fallen when boards were last selected.
    grows
        Whether there are to be more of them when they are colder.
    """

    ground: Ground
    land: Land
    boards: list[Board]
    random: Random
    hot: float
    cold: float
    grows: bool

    def heat(self, cold: float) -> float:
        """Give the temperature."""
        return self.hot * (1 - cold) ** FALL

    def values(self) -> list[float]:
        """Give what each is worth."""
        return [worth(self.land, board) for board in self.boards]

    def select(self, cold: float, changes: float) -> None:
        """Put copies of those that stand well in the place of others; grow when it is time.

        Parameters
        ----------
        cold
            How far the temperature has fallen.
        changes
            How many there is time for, from hot to cold.
        """
        at, before = self.random.random(), self.boards
        chosen = selected(self.values(), self.heat(self.cold), self.heat(cold), at)
        if self.grows and ALONE <= cold < 1:
            pairs, diffs = len(self.ground.pairs), len(self.ground.instance.size)
            chosen *= worth_having(changes, pairs, self.ground.servers, diffs)
            self.grows = False
        self.cold, self.boards = cold, [before[state] for state in dict.fromkeys(chosen)]
        for state, times in Counter(chosen).items():
            self.boards += [self.copied(before[state]) for _ in range(times - 1)]

    def copied(self, board: Board) -> Board:
        """Copy a board; its random choices will be other ones."""
        copy = deepcopy(board)
        seed_with(copy, self.random.randrange(2**31))
        return copy


def anneal(
    ground: Ground,
    states: Sequence[Snapshot],
    seed: int,
    clock: Clock,
    iterations: int,
    hot: float,
    span: Span = WHOLE,
) -> tuple[list[Snapshot], float]:
    """Change decisions as `search.annealing.anneal` does, with its parameters.

    The seed stands for its random choices; `iterations` and `hot` are what they would be there. A
    state that need not last becomes a population where there is time for one.

    Returns
    -------
    list of Snapshot
        Where the states ended, the best one first.
    float
        How far the temperature has fallen.
    """
    land, random, begun = land_of(ground), Random(seed), span.begun
    boards = [board_of(ground, land, each, random.randrange(2**31)) for each in states]
    hot *= MELTING if span.melt else HOTTER
    grows = span.melt and len(boards) == 1 and begun <= ALONE
    crowd = _Population(
        ground=ground, land=land, boards=boards, random=random, hot=hot, cold=begun, grows=grows
    )
    since, cold, done, steps = clock.elapsed(), begun, 0, STEPS
    seconds = clock.left() if span.seconds is None else span.seconds
    most = max(iterations, 0) * FASTER
    if span.melt:
        most *= LONGER * TIMED if seconds else LONGER
    while done < math.ceil(most * (span.until - begun)):
        cold = begun + done / most
        if seconds:
            cold = max(cold, begun + (clock.elapsed() - since) / seconds)
        if cold >= span.until or clock.over() or min(crowd.values()) <= 0:
            break
        if cold >= crowd.cold + ROUND:
            crowd.select(cold, done / (cold - begun))
        if not seconds:
            steps = max(STEPS // len(crowd.boards), FEWEST)
        looked, heat = clock.elapsed(), crowd.heat(cold)
        for board in crowd.boards:
            cool(land, board, steps, heat, heat)
        done += steps * len(crowd.boards)
        if seconds:
            took = max(clock.elapsed() - looked, 1e-6)
            steps = max(min(int(steps * LOOK / took), 2 * steps), FEWEST)
    else:
        cold = span.until
    cold = min(cold, span.until)
    if cold > begun:
        crowd.select(cold, done / (cold - begun))
    ended = sorted(zip(crowd.values(), crowd.boards, strict=True), key=lambda each: each[0])
    return [decisions_on(board) for _, board in ended], cold
