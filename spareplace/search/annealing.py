"""Ruin and recreate: take a few pairs away, put them back better, and accept by annealing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from spareplace.clock import Clock
from spareplace.search.freezing import UNKNOWN, Freezing
from spareplace.search.ground import NOWHERE
from spareplace.search.inserting import costs
from spareplace.search.keeping import settle
from spareplace.search.rounding import sum_anew
from spareplace.search.ruining import choose
from spareplace.search.shifting import ALONE, SHIFTS, shift
from spareplace.search.state import State

NOISE = 1.0
"""How far estimates are blurred when a server is chosen, as a share of the least: without it a
pair goes back to where it was."""

LOOK_UP = 16
"""How many changes are tried between two looks at the clock."""


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
        Whether nothing of the state has to last; kernels begin hotter then.
    freezing
        What is known of where it freezes: kernels find it out.
    """

    begun: float = 0.0
    until: float = 1.0
    seconds: float | None = None
    melt: bool = False
    freezing: Freezing = UNKNOWN


WHOLE = Span()
"""From hot to cold."""


def anneal(
    state: State,
    random: Random,
    clock: Clock,
    iterations: int,
    hot: float,
    note: Callable[[], None],
    span: Span = WHOLE,
) -> float:
    """Change a state, the temperature falling to nothing as the iterations or the time end.

    Parameters
    ----------
    state
        What to change.
    random
        For all choices.
    clock
        When it is over, so is this.
    iterations
        The most changes to try, from hot to cold.
    hot
        The first temperature: how much worse a change may be, in the unit of the state's value.
    note
        Called now and then, where the state is one to look at.
    span
        How far the temperature falls.

    Returns
    -------
    float
        How far it has fallen.
    """
    begun, until, since, cold = span.begun, span.until, clock.elapsed(), span.begun
    seconds = clock.left() if span.seconds is None else span.seconds
    for step in range(math.ceil(iterations * (until - begun))):
        if step % LOOK_UP == 0:
            cold = begun + step / iterations
            if seconds:
                cold = max(cold, begun + (clock.elapsed() - since) / seconds)
            sum_anew(state)
            if state.value <= 0 or cold >= until or clock.over():
                return min(cold, until)
        if step % (LOOK_UP * LOOK_UP) == 0:
            note()
        before, mark = state.value, state.mark()
        if not change(state, random):
            state.undo(mark)
            continue
        worse = state.value - before
        if worse > 0 and worse > -hot * (1 - cold) ** 2 * math.log(1 - random.random()):
            state.undo(mark)
            continue
        state.commit()
    return until


def change(state: State, random: Random) -> bool:
    """Move a copy, take a few pairs away and put them back; tell whether it could be done."""
    touched: dict[int, None] = {}
    way = random.random()
    if way < SHIFTS and not shift(state, random, touched):
        return False
    groups = [] if way < SHIFTS * ALONE else choose(state, random)
    for pair in [pair for group in groups for pair in group]:
        if state.target[pair] != NOWHERE:
            touched[state.take(pair)] = None
    random.shuffle(groups)
    if len(groups) > 1 and random.random() < 0.7:
        groups.sort(key=lambda group: -state.ground.disk[state.ground.pairs[group[0]][1]])
    put_back = all(insert(state, group, random, touched) for group in groups)
    return (
        put_back
        and all(settle(state, server) for server in touched)
        and state.ground.allows(state.stored, state.moved)
    )


def insert(state: State, group: list[int], random: Random, touched: dict[int, None]) -> bool:
    """Rebuild a group on one server, or its pairs each on its own; skip one that fits nowhere."""
    estimate = costs(state, group)
    if not np.isfinite(estimate).any():
        if len(group) > 1:
            return all(insert(state, [pair], random, touched) for pair in group)
        if group[0] not in state.skipped:
            state.skip(group[0])
        return True
    least = float(estimate.min())
    spread = NOISE * random.random() * (abs(least) + 1e-3 * state.transfer)
    noisy = estimate + spread * np.array([random.random() for _ in range(len(estimate))])
    server = int(noisy.argmin())
    for pair in group:
        if pair in state.skipped:
            state.unskip(pair)
            if not save(state, pair, server, touched):
                return False
        state.place(pair, server)
    touched[server] = None
    return state.slack[server] >= 0 or settle(state, server)


def save(state: State, pair: int, server: int, touched: dict[int, None]) -> bool:
    """Keep what a pair needs and no copy would survive of: on its new server, if that may.

    Else where there is room and it survives; tell whether it could be done.
    """
    for diff in state.ground.chain[pair]:
        for piece, holders in enumerate(state.holders[diff]):
            if not state.survival.outlives(diff, holders):
                keeper = _keeper(state, diff, piece, server)
                if keeper is None:
                    return False
                state.keep(diff, piece, keeper)
                touched[keeper] = None
    return True


def _keeper(state: State, diff: int, piece: int, server: int) -> int | None:
    """Choose the server on which a piece is kept so that it survives wherever it must."""
    holders = state.holders[diff][piece]
    taken = holders | state.ground.resident[diff]

    def will_do(other: int) -> bool:
        bit = 1 << other
        return not taken & bit and state.survival.outlives(diff, holders | bit)

    keeps = state.ground.instance.keeps
    if keeps[server] and will_do(server):
        return server
    room = keeps & (state.slack >= state.pieces[diff][piece]).astype(bool)
    others = sorted(room.nonzero()[0].tolist(), key=lambda at: -state.slack[at])
    there = [at for at in others if state.ground.is_there(diff, at)]
    return next((at for at in there + others if will_do(at)), None)
