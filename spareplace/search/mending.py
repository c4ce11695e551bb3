"""Put what is skipped where it fits: a search begins with a whole plan where it can."""

from __future__ import annotations

from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import insert
from spareplace.search.keeping import settle
from spareplace.search.state import State
from spareplace.search.tempering import temper

IDLE, ROUND = 2, 500
"""How often so many changes may be tried in vain to place what is skipped; kernels try more."""


def mend(state: State, random: Random, clock: Clock) -> State:
    """Put pairs that are skipped where they fit, those of high priority first.

    Where some fit nowhere, others make room for them: changes that are no worse, for a while.

    Returns
    -------
    State
        The state, changed, or another one that stands for what kernels made of it.
    """
    _insert_skipped(state, random, clock)
    idle = 0
    while state.skipped and idle < IDLE and not clock.over():
        before = len(state.skipped)
        state, *_ = temper(state, random, clock, ROUND, 0.0, lambda: None)
        idle = idle + 1 if len(state.skipped) == before else 0
    return state


def _insert_skipped(state: State, random: Random, clock: Clock) -> None:
    ground = state.ground
    for pair in sorted(state.skipped, key=lambda pair: -ground.penalty[ground.pairs[pair][1]]):
        if clock.over():
            return
        mark = state.mark()
        touched: dict[int, None] = {}
        done = insert(state, [pair], random, touched)
        if (
            done
            and all(settle(state, server) for server in touched)
            and state.ground.allows(state.stored, state.moved)
        ):
            state.commit()
        else:
            state.undo(mark)
