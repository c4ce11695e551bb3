"""The search: descend by annealing and exact neighbourhoods, and kick when nothing more is won."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import anneal
from spareplace.search.choosing import choose_servers
from spareplace.search.neighbourhoods import EFFORT, Ask, improve
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, snapshot, state_of

KICKS = (0.5, 1.0, 2.0, 4.0)
"""How hot annealing starts, as a multiple of the transfer of a pair, after one another."""

MOST_WORSE = 1.15
"""A descent that ends this much above the best is given up."""


FIRST, BURST = 100, 20
"""Changes for each pair, at first and later."""

SHARE = 0.8
"""Which share of the time the first annealing may take: the larger the cluster, the more it
gains before exact neighbourhoods do."""

PATIENCE = 2
"""Neighbourhoods in a row, for each server, that may gain nothing before larger ones are tried."""

MORE, MOST = 0.5, 8.0
"""By how much the effort of a neighbourhood grows with each kick that led to nothing, and to how
much at most: what is not solved today may be worth more time tomorrow."""

LARGEST = max(EFFORT)


def search(
    state: State,
    random: Random,
    clock: Clock,
    *,
    iterations: int | None,
    workers: int,
    warm: bool,
    ask: Ask,
    found: Callable[[Snapshot], None],
) -> None:
    """Improve a state until the time or the iterations end, or nothing is transferred.

    Parameters
    ----------
    state
        What to start from; it is changed.
    random
        For all choices: the same one gives the same plans where no clock cuts it.
    clock
        Looked at between steps.
    iterations
        The most batches of exact neighbourhoods, or ``None``.
    workers
        How many neighbourhoods to solve side by side.
    warm
        Whether the state comes from a search: then it is not annealed before it is descended from.
    ask
        Solves them.
    found
        Told the decisions of each plan that is better than all before.
    """
    hunt = _Hunt(state=state, random=random, clock=clock, workers=workers, ask=ask, found=found)
    if not warm:
        hunt.anneal(KICKS[1], FIRST, clock.part(SHARE))
    kicks = 0
    while not hunt.over() and (iterations is None or hunt.batches < iterations):
        solved = hunt.batches
        hunt.descend(iterations)
        if hunt.batches == solved:
            hunt.batches += 1  # nothing is left to be solved here: that counts as having tried
        if hunt.state.value > hunt.least * MOST_WORSE:
            hunt.go_back()
        hunt.anneal(KICKS[kicks % len(KICKS)], BURST, clock)
        hunt.more = min(hunt.more + MORE, MOST)
        kicks += 1


@dataclass(slots=True, kw_only=True, eq=False)
class _Hunt:
    """A search under way: where it is, and the best that it found."""

    state: State
    random: Random
    clock: Clock
    workers: int
    ask: Ask
    found: Callable[[Snapshot], None]
    least: float = math.inf
    best: Snapshot | None = None
    batches: int = 0
    more: float = 1.0
    settled: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.note()

    def over(self) -> bool:
        """Tell whether there is no time, or nothing to gain."""
        return self.clock.over() or self.least <= 0

    def note(self) -> None:
        """Remember the state if it is the best so far."""
        if self.state.value < self.least:
            self.least, self.more = self.state.value, 1.0
            self.best = snapshot(self.state)
            self.found(self.best)

    def go_back(self) -> None:
        """Go on from the best so far."""
        if self.best is not None:
            self.state = state_of(self.state.ground, self.best)
            self.settled.clear()

    def anneal(self, hot: float, changes: int, clock: Clock) -> None:
        """Shake the state, the more the hotter; `changes` for each pair."""
        pairs = max(len(self.state.target), 1)
        temperature = hot * max(self.state.transfer, 0.0) / pairs
        anneal(self.state, self.random, clock, changes * pairs, temperature, self.note)
        self.note()

    def descend(self, iterations: int | None) -> None:
        """Solve neighbourhoods, larger ones when the smaller ones gain nothing more."""
        size, idle = min(EFFORT), 0
        while size <= min(LARGEST, self.state.ground.servers) and not self.over():
            if iterations is not None and self.batches >= iterations:
                return
            batch = self.choose(size)
            before = self.state.value
            if batch:
                self.solve(batch)
            if self.state.value < before:
                idle = 0
                self.note()
            else:
                idle += 1
            if idle > PATIENCE * self.state.ground.servers // self.workers:
                size, idle = size + 1, 0

    def choose(self, size: int) -> list[list[int]]:
        """Choose sets of servers with none in common, for which it is not known what they give."""
        batch: list[list[int]] = []
        taken: set[int] = set()
        for _ in range(4 * self.workers):
            servers = choose_servers(self.state, self.random, size, taken)
            if len(servers) == size and self.settled.get(tuple(servers)) != self.version(servers):
                batch.append(servers)
                taken.update(servers)
            if len(batch) == self.workers:
                break
        return batch

    def version(self, servers: list[int]) -> tuple[int, ...]:
        """Give what changes when the servers do."""
        return tuple(self.state.changes[server] for server in servers)

    def solve(self, batch: list[list[int]]) -> None:
        """Solve a batch, and remember where nothing is to be gained."""
        self.batches += 1
        proven = improve(self.state, batch, self.random, self.clock, self.ask, more=self.more)
        for servers, known in zip(batch, proven, strict=True):
            if known:
                self.settled[tuple(servers)] = self.version(servers)
