"""Anneal a state, by kernels where they are compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span, anneal
from spareplace.search.compiled import kernels_for
from spareplace.search.freezing import Freezing
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, snapshot, state_of


def temper(
    state: State,
    random: Random,
    clock: Clock,
    iterations: int,
    hot: float,
    note: Callable[[], None],
    span: Span = WHOLE,
    others: Sequence[Snapshot] = (),
) -> tuple[State, float, tuple[Snapshot, ...], Freezing]:
    """Anneal a state.

    Parameters
    ----------
    state, random, clock, iterations, hot, note, span
        As for `annealing.anneal`.
    others
        The states that are annealed together with it: only kernels have time for some.

    Returns
    -------
    State
        The state, changed, or another one that stands for what kernels made of it.
    float
        How far the temperature has fallen.
    tuple of Snapshot
        Where the other states are.
    Freezing
        What is known of where they freeze.
    """
    by_kernels = kernels_for(state.ground)
    if by_kernels is None:
        cold = anneal(state, random, clock, iterations, hot, note, span)
        return state, cold, tuple(others), span.freezing
    states = [snapshot(state), *others]
    seed = random.randrange(2**31)
    ended, cold, freezing = by_kernels(state.ground, states, seed, clock, iterations, hot, span)
    return state_of(state.ground, ended[0]), cold, tuple(ended[1:]), freezing
