"""Anneal a state, by kernels where they are compiled."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span, anneal
from spareplace.search.compiled import kernels_for
from spareplace.search.state import State
from spareplace.search.translating import snapshot, state_of


def temper(
    state: State,
    random: Random,
    clock: Clock,
    iterations: int,
    hot: float,
    note: Callable[[], None],
    span: Span = WHOLE,
) -> tuple[State, float]:
    """Anneal a state; the parameters are those of `annealing.anneal`.

    Returns
    -------
    State
        The state, changed, or another one that stands for what kernels made of it.
    float
        How far the temperature has fallen.
    """
    by_kernels = kernels_for(state.ground)
    if by_kernels is None:
        return state, anneal(state, random, clock, iterations, hot, note, span)
    seed = random.randrange(2**31)
    now, cold = by_kernels(state.ground, snapshot(state), seed, clock, iterations, hot, span)
    return state_of(state.ground, now), cold
