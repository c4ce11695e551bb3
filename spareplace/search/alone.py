"""A search in this process, leg after leg."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from spareplace.clock import Clock
from spareplace.search.improving import Hunt
from spareplace.search.legs import SECONDS, SHARE
from spareplace.search.neighbourhoods import Ask
from spareplace.search.position import Position
from spareplace.search.state import State
from spareplace.search.translating import Snapshot


def search_alone(
    state: State,
    begun: Position,
    random: Random,
    clock: Clock,
    *,
    iterations: int | None,
    workers: int,
    ask: Ask,
    found: Callable[[Snapshot], None],
) -> None:
    """Improve a state until the time or the iterations end, or nothing is transferred.

    Parameters
    ----------
    state
        What to start from; it is changed.
    begun
        Where that is.
    random, clock, workers, ask, found
        As for `Hunt`.
    iterations
        The most batches of exact neighbourhoods, or ``None``.
    """
    hunt = Hunt(
        state=state,
        at=begun,
        random=random,
        clock=clock,
        soft=clock,
        workers=workers,
        ask=ask,
        found=found,
    )
    found(hunt.best)
    melting = clock.part(SHARE)
    while not clock.over() and hunt.least > 0:
        if hunt.at.cold < 1:
            hunt.soft = clock
            hunt.melt(1.0, melting)
            continue
        if hunt.at.melted and clock.limit is not None:  # it may be time to melt again
            hunt.soft = replace(clock, limit=min(clock.limit, clock.elapsed() + SECONDS))
        hunt.go(None if iterations is None else iterations - hunt.batches)
        if iterations is not None and hunt.batches >= iterations:
            return
        if hunt.at.cold < 1:
            melting = clock.part(SHARE)
