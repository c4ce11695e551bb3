"""Annealing by kernels: decisions go in, better ones come out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span
from spareplace.search.compiled.land import land_of
from spareplace.search.compiled.laying import board_of, decisions_on
from spareplace.search.compiled.population import Population
from spareplace.search.freezing import SOON, Freezing
from spareplace.search.ground import Ground
from spareplace.search.population import ALONE, ROUND
from spareplace.search.translating import Snapshot

Annealer: TypeAlias = Callable[
    [Ground, Sequence[Snapshot], int, Clock, int, float, Span],
    tuple[list[Snapshot], float, Freezing],
]

FASTER, LONGER, TIMED = 50, 4, 3
"""How many changes kernels try for one that Python does: they take a fiftieth of the time; how many
times as many where all that stands is given up; and how many times as many again where there is a
clock: on nine tight clusters from 6x5 to 12x10, 30 s each, plans cost 0.97 of what they did with
1."""

STEPS, FEWEST, LOOK = 1_000, 16, 0.02
"""How many changes of all states together are tried between two looks at the temperature, and the
fewest of each; where there is a clock, as many as take so many seconds."""


def anneal(
    ground: Ground,
    states: Sequence[Snapshot],
    seed: int,
    clock: Clock,
    iterations: int,
    hot: float,
    span: Span = WHOLE,
) -> tuple[list[Snapshot], float, Freezing]:
    """Change decisions as `search.annealing.anneal` does, with its parameters.

    The seed stands for its random choices; `iterations` and `hot` are what they would be there. A
    state that need not last becomes a population where there is time for one.

    Returns
    -------
    list of Snapshot
        Where the states ended, the best one first.
    float
        How far the temperature has fallen.
    Freezing
        What is known of where they freeze.
    """
    land, random, begun = land_of(ground), Random(seed), span.begun
    boards = [board_of(ground, land, each, random.randrange(2**31)) for each in states]
    population = Population(
        ground=ground,
        land=land,
        boards=boards,
        random=random,
        hot=hot,
        melt=span.melt,
        freezing=span.freezing,
        cold=begun,
        grows=span.melt and len(boards) == 1 and begun <= max(ALONE, SOON),
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
        if cold >= span.until or clock.over() or min(population.values()) <= 0:
            break
        if cold >= population.cold + ROUND:
            population.select(cold, done / (cold - begun))
        if not seconds:
            steps = max(STEPS // len(population.boards), FEWEST)
        looked = clock.elapsed()
        population.cool(cold, steps)
        done += steps * len(population.boards)
        if seconds:
            took = max(clock.elapsed() - looked, 1e-6)
            steps = max(min(int(steps * LOOK / took), 2 * steps), FEWEST)
    else:
        cold = span.until
    cold = min(cold, span.until)
    if cold > begun:
        population.select(cold, done / (cold - begun))
    ended = sorted(
        zip(population.values(), population.boards, strict=True), key=lambda each: each[0]
    )
    return [decisions_on(board) for _, board in ended], cold, population.freezing
