"""The search: descend by annealing and exact neighbourhoods, and kick when nothing more is won."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from spareplace.clock import Clock
from spareplace.search.annealing import WHOLE, Span
from spareplace.search.choosing import choose_servers
from spareplace.search.neighbourhoods import EFFORT, Ask, improve
from spareplace.search.position import KICKS, Position
from spareplace.search.rounding import sum_anew
from spareplace.search.state import State
from spareplace.search.tempering import temper
from spareplace.search.translating import Snapshot, snapshot, state_of

MOST_WORSE = 1.15
"""A descent that ends this much above the best is given up."""

FIRST, BURST = 100, 20
"""Changes for each pair, at first and later."""

PATIENCE = 2
"""Neighbourhoods in a row, for each server, that may gain nothing before larger ones are tried."""

MORE, MOST = 0.5, 8.0
"""By how much the effort of a neighbourhood grows with each kick that led to nothing, and to how
much at most: what is not solved today may be worth more time tomorrow."""

LARGEST = max(EFFORT)


@dataclass(slots=True, kw_only=True, eq=False)
class Hunt:
    """A search under way: where it is, and the best that it found.

    Parameters
    ----------
    state
        What to start from; it is changed.
    at
        Where that is.
    random
        For all choices: the same one gives the same plans where no clock cuts it.
    clock
        Looked at between steps.
    soft
        When it is over, the search ends where it can go on without a loss.
    workers
        How many neighbourhoods to solve side by side.
    ask
        Solves them.
    found
        Told the decisions of each plan that is better than all before.
    """

    state: State
    at: Position
    random: Random
    clock: Clock
    soft: Clock
    workers: int
    ask: Ask
    found: Callable[[Snapshot], None]
    best: Snapshot = field(init=False)
    least: float = field(init=False)
    batches: int = field(init=False)
    more: float = field(init=False)
    settled: dict[tuple[int, ...], tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.best, self.least = self.at.best, self.at.least
        self.batches, self.more = self.at.batches, self.at.more
        self.settled = {servers: self.version(servers) for servers in self.at.settled}

    def melt(self, until: float, clock: Clock) -> None:
        """Let the temperature fall from where it is, as far as the soft clock lets it.

        Parameters
        ----------
        until
            How far it may fall.
        clock
            When it is over, so is the annealing.
        """
        begun, left, since = self.at.cold, clock.left(), self.clock.elapsed()
        if left == 0.0:
            self.end_melting()
            return
        pairs = max(len(self.state.target), 1)
        seconds = None if left is None else left / (1 - begun)
        span = Span(begun=begun, until=until, seconds=seconds, melt=True)
        changes = FIRST * pairs * 2**self.at.melts
        cold = self.temper(self.soft, changes, self.at.hot, span)
        self.note()
        # Where there is no clock nothing depends on the time, and one state takes long to melt.
        took = self.clock.elapsed() - since if self.at.others and seconds else 0.0
        self.at = replace(self.at, cold=cold, melted=self.at.melted + took)
        stuck = cold <= begun and not self.soft.over()  # to the kernels nothing is transferred
        if clock.over() or cold >= 1 or stuck:
            self.end_melting()

    def end_melting(self) -> None:
        """Go on with the best state of those that were annealed together."""
        self.at = replace(self.at, cold=1.0, others=(), melts=self.at.melts + 1)

    def temper(self, clock: Clock, iterations: int, hot: float, span: Span = WHOLE) -> float:
        """Anneal the state and those beside it; give how far they have cooled down."""
        span = replace(span, freezing=self.at.freezing)
        state, cold, others, freezing = temper(
            self.state, self.random, clock, iterations, hot, self.note, span, self.at.others
        )
        if state is not self.state:  # it counts its changes anew
            self.settled.clear()
        self.state, self.at = state, replace(self.at, others=others, freezing=freezing)
        return cold

    def go(self, batches: int | None) -> None:
        """Descend and kick until the soft clock is over, or so many batches are solved.

        A population that melts in less time than that took, since it last did, is to melt again.
        """
        since, most = self.clock.elapsed(), None if batches is None else self.batches + batches
        self.descend_and_kick(most)
        descended = self.at.descended + self.clock.elapsed() - since
        self.at = replace(self.at, descended=descended)
        if 0 < self.at.melted < descended and (most is None or self.batches < most):
            self.at = replace(self.at, cold=0.0, melted=0.0, descended=0.0)
            self.more = 1.0

    def descend_and_kick(self, most: int | None) -> None:
        """Go on until the soft clock is over, or there were so many batches in all."""
        while not self.over() and (most is None or self.batches < most):
            solved = self.batches
            self.descend(most)
            if self.soft.over() or (most is not None and self.batches >= most):
                return
            if self.batches == solved:
                self.batches += 1  # nothing is left to be solved here: that counts as having tried
            if self.state.value > self.least * MOST_WORSE:
                self.go_back()
            self.kick()

    def over(self) -> bool:
        """Tell whether there is no time, or nothing to gain."""
        return self.soft.over() or self.least <= 0

    def note(self) -> None:
        """Remember the state if it is the best so far."""
        sum_anew(self.state)
        if self.state.value < self.least:
            self.least, self.more = self.state.value, 1.0
            self.best = snapshot(self.state)
            self.found(self.best)

    def go_back(self) -> None:
        """Go on from the best so far."""
        self.state = state_of(self.state.ground, self.best)
        self.settled.clear()

    def kick(self) -> None:
        """Shake the state, harder and gentler in turn."""
        pairs = max(len(self.state.target), 1)
        kicks = self.at.kicks
        temperature = KICKS[kicks % len(KICKS)] * max(self.state.transfer, 0.0) / pairs
        self.temper(self.clock, BURST * pairs, temperature)
        self.note()
        self.more = min(self.more + MORE, MOST)
        self.at = replace(self.at, kicks=kicks + 1)

    def descend(self, most: int | None) -> None:
        """Solve neighbourhoods, larger ones when the smaller ones gain nothing more."""
        size, idle = min(EFFORT), 0
        while size <= min(LARGEST, self.state.ground.servers) and not self.over():
            if most is not None and self.batches >= most:
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
            known = self.settled.get(tuple(servers))
            if len(servers) == size and known != self.version(servers):
                batch.append(servers)
                taken.update(servers)
            if len(batch) == self.workers:
                break
        return batch

    def version(self, servers: Sequence[int]) -> tuple[int, ...]:
        """Give what changes when the servers do."""
        return tuple(self.state.changes[server] for server in servers)

    def solve(self, batch: list[list[int]]) -> None:
        """Solve a batch, and remember where nothing is to be gained."""
        self.batches += 1
        proven = improve(self.state, batch, self.random, self.clock, self.ask, more=self.more)
        for servers, known in zip(batch, proven, strict=True):
            if known:
                self.settled[tuple(servers)] = self.version(servers)

    def position(self) -> Position:
        """Give where it is now."""
        settled = (at for at, known in self.settled.items() if known == self.version(at))
        return replace(
            self.at,
            now=snapshot(self.state),
            best=self.best,
            least=self.least,
            settled=tuple(settled),
            more=self.more,
            batches=self.batches,
        )
