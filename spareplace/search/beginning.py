"""What a search begins with: the best start, whole where it can be, and what is best near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from spareplace.clock import Clock
from spareplace.placement import Placement
from spareplace.search.ground import Ground
from spareplace.search.mending import mend
from spareplace.search.position import Position, first_position
from spareplace.search.state import State
from spareplace.search.tempering import temper
from spareplace.search.translating import decisions_of, snapshot, state_of

QUENCH, SHARE = 20, 0.02
"""How many changes are tried for each pair, and for which share of the time at most, where only
those count that make nothing worse: that is the whole search where there is disk enough."""

NEARLY, DESCENT = 0.01, 0.1
"""Where no more than this share of the transfer is left, nothing is melted before exact
neighbourhoods have had so much of the time: as a rule they end the search."""


def begin(terrain: Ground, starts: Sequence[Placement], random: Random, clock: Clock) -> State:
    """Take the start that is best, and put what it leaves out where that fits.

    Parameters
    ----------
    terrain
        The cluster as the search sees it.
    starts
        Placements that keep every rule, but may leave VMs out.
    random, clock
        As for `search.annealing.anneal`.
    """
    return mend(_best(terrain, starts, random, clock), random, clock)


def quench(state: State, random: Random, clock: Clock) -> tuple[State, Position]:
    """Make changes that make nothing worse, for a while.

    Returns
    -------
    State
        The state, changed, or another one that stands for what kernels made of it.
    Position
        Where a search goes on from there. What is molten begins as hot as before.
    """
    begun, before = first_position(state, warm=False), state.transfer
    changes = QUENCH * len(state.target)
    state, *_ = temper(state, random, clock.part(SHARE), changes, 0.0, lambda: None)
    nearly = not state.skipped and state.transfer <= NEARLY * before
    descent = DESCENT * (clock.left() or 0.0) if nearly else 0.0
    now = snapshot(state)
    cold = 1.0 if descent else 0.0
    return state, replace(begun, now=now, best=now, least=state.value, cold=cold, melted=descent)


def _best(terrain: Ground, starts: Sequence[Placement], random: Random, clock: Clock) -> State:
    """Give the best start.

    What is continued is mended before it is compared: another start may be whole and move all.
    """
    best: State | None = None
    for start in starts:
        state = state_of(terrain, decisions_of(terrain, start))
        if terrain.instance.current is not None:
            state = mend(state, random, clock)
        key = (not terrain.allows(state.stored, state.moved), state.value)
        if best is None or key < (not terrain.allows(best.stored, best.moved), best.value):
            best = state
    assert best is not None  # there is always the empty one
    return best
