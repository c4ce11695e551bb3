"""Several searches side by side, each in legs on an executor, that tell each other what is best.

Each begins at the same state, with random choices of its own. After each leg all know the best
plan of any: a descent that ends too far above it goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field, replace
from random import Random

from spareplace.clock import Clock
from spareplace.search.ground import Ground
from spareplace.search.legs import SHARE, Leg, go, pace
from spareplace.search.position import Position
from spareplace.search.translating import Snapshot

log = logging.getLogger(__name__)

LATE = 0.1
"""The last leg ends so much of a leg before the time is up."""

STEPS, BATCHES = 0.1, 10
"""How long a leg is where no clock cuts it: how far a melted state cools down, and how many
batches of neighbourhoods are solved."""

HEARD = 0.05
"""Seconds between two looks at whether the caller wants to stop."""


def search_side_by_side(
    terrain: Ground,
    begun: Position,
    random: Random,
    clock: Clock,
    *,
    iterations: int | None,
    count: int,
    executor: Executor,
    found: Callable[[Snapshot], None],
) -> None:
    """Search on several islands until the time or the iterations end, or nothing is transferred.

    Parameters
    ----------
    terrain
        The cluster as the search sees it.
    begun
        Where all of them begin.
    random
        Gives the seeds: where no clock cuts the search, the same ones give the same plans.
    clock
        When it is over, what is under way is left alone: nobody waits for it.
    iterations
        The most batches of exact neighbourhoods of each, or ``None``.
    count
        How many islands.
    executor
        Where they are.
    found
        Told the decisions of each plan that is better than all before.

    Raises
    ------
    BrokenExecutor
        When the workers died; what was found before was told.
    """
    found(begun.best)
    sea = _Sea(
        terrain=terrain,
        clock=clock,
        melting=[clock.part(SHARE)] * count,
        iterations=iterations,
        random=random,
        executor=executor,
        islands=[begun] * count,
        best=begun.best,
        least=begun.least,
        found=found,
    )
    try:
        sea.search()
    finally:
        for future in sea.under_way:
            future.cancel()


@dataclass(slots=True, kw_only=True, eq=False)
class _Sea:
    """All islands, the best that any of them found, and what is under way on them."""

    terrain: Ground
    clock: Clock
    melting: list[Clock]
    iterations: int | None
    random: Random
    executor: Executor
    islands: list[Position]
    best: Snapshot
    least: float
    found: Callable[[Snapshot], None]
    under_way: dict[Future[Position], int] = field(default_factory=dict)

    def search(self) -> None:
        """Go leg after leg."""
        waiting = list(range(len(self.islands)))
        timed = self.clock.limit is not None
        while not self.clock.over() and self.least > 0:
            for island in waiting:
                if not self.ended(self.islands[island]):
                    self.under_way[self.executor.submit(go, self.leg(island))] = island
            if not self.under_way:
                return
            # Without a clock nobody may go on earlier than the others: it must not matter who is
            # the faster one.
            done, _ = wait(
                self.under_way,
                timeout=HEARD,
                return_when=FIRST_COMPLETED if timed else ALL_COMPLETED,
            )
            if not timed and len(done) < len(self.under_way):
                waiting = []
                continue
            arrived = sorted((self.under_way.pop(future), future.result()) for future in done)
            waiting = [island for island, _ in arrived]
            for island, position in arrived:
                self.arrive(island, position)
            for island in waiting:
                self.tell(island)

    def ended(self, position: Position) -> bool:
        """Tell whether an island has done all that it may, or could not tell in time."""
        descended = self.iterations is not None and position.batches >= self.iterations
        done = descended and position.cold >= 1  # annealing is none of the batches
        return done or self.left() == 0.0

    def left(self) -> float | None:
        """Give the seconds that legs have left, so that what they find still arrives."""
        left = self.clock.left()
        return None if left is None else max(left - LATE * pace(self.terrain), 0.0)

    def leg(self, island: int) -> Leg:
        """Give what an island is to do next."""
        start = self.islands[island]
        left = self.left()
        batches = None if left is not None else BATCHES
        if self.iterations is not None:
            most = self.iterations - start.batches
            batches = most if batches is None else min(batches, most)
        return Leg(
            ground=self.terrain,
            start=start,
            seed=self.random.randrange(2**31),
            until=1.0 if left is not None else min(start.cold + STEPS, 1.0),
            batches=batches,
            seconds=None if left is None else min(pace(self.terrain), left),
            left=left,
            melting=self.melting[island].left(),
        )

    def arrive(self, island: int, position: Position) -> None:
        """Take note of where a leg ended."""
        if position.cold < 1 <= self.islands[island].cold:  # it melts once more
            self.melting[island] = self.clock.part(SHARE)
        self.islands[island] = position
        if position.least < self.least:
            self.best, self.least = position.best, position.least
            self.found(self.best)

    def tell(self, island: int) -> None:
        """Tell an island what is best."""
        here = self.islands[island]
        if here.least > self.least:
            self.islands[island] = replace(here, best=self.best, least=self.least, more=1.0)
