"""Where a search is: a value, so that another process can go on from there."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.search.freezing import UNKNOWN, Freezing
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, snapshot

KICKS = (0.5, 1.0, 2.0, 4.0)
"""How hot annealing starts, as a multiple of the transfer of a pair, after one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a search is: all that another process needs to go on from there.

    Parameters
    ----------
    now
        The decisions of the state.
    best, least
        Those of the best state so far, and what they cost.
    others
        The states that are annealed together with it.
    settled
        The sets of servers of which it is known that nothing is to be gained there alone.
    hot, cold
        The temperature at which annealing begins that gives up all that stands, and how far it has
        fallen: 1 when that has ended.
    freezing
        What is known of the temperature at which it freezes.
    melts
        How often that has ended.
    melted, descended
        The seconds that this took, last time, since there was a population, or that descents may
        take before it begins, and those that they have taken since; 0 where no clock is to decide
        anything.
    kicks
        How often the state was shaken since the search began.
    more
        How many times its usual effort a neighbourhood may take.
    batches
        How many batches of neighbourhoods were solved since the search began.
    """

    now: Snapshot
    best: Snapshot
    least: float
    others: tuple[Snapshot, ...] = ()
    settled: tuple[tuple[int, ...], ...] = ()
    hot: float = 0.0
    cold: float = 1.0
    freezing: Freezing = UNKNOWN
    melts: int = 0
    melted: float = 0.0
    descended: float = 0.0
    kicks: int = 0
    more: float = 1.0
    batches: int = 0


def first_position(state: State, *, warm: bool) -> Position:
    """Give where a search begins; if `warm`, the state comes from one and is not annealed."""
    now = snapshot(state)
    return Position(
        now=now,
        best=now,
        least=state.value,
        hot=KICKS[1] * max(state.transfer, 0.0) / max(len(state.target), 1),
        cold=float(warm),
    )
