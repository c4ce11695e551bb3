"""Anneal a state, by kernels where they are compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import anneal
from spareplace.search.compiled import kernels_for
from spareplace.search.state import State
from spareplace.search.translating import snapshot, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of annealing.

    Parameters
    ----------
    begun, until
        How far the temperature has fallen before, and how far it may fall now, of 1.
    seconds
        How long it may fall, from 0 to 1; ``None`` for as long as the clock has left.
    melt
        Whether nothing of the state has to last.
    """

    begun: float = 0.0
    until: float = 1.0
    seconds: float | None = None
    melt: bool = False


WHOLE = Span()
"""From hot to cold."""


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
    begun, until, seconds = span.begun, span.until, span.seconds
    by_kernels = kernels_for(state.ground)
    if by_kernels is None:
        cold = anneal(
            state, random, clock, iterations, hot, note, begun=begun, until=until, seconds=seconds
        )
        return state, cold
    now, cold = by_kernels(
        state.ground,
        snapshot(state),
        random.randrange(2**31),
        clock,
        iterations,
        hot,
        begun=begun,
        until=until,
        seconds=seconds,
        melt=span.melt,
    )
    return state_of(state.ground, now), cold
