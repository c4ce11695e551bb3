"""Ruin and recreate: take a few pairs away, put them back better, and accept by annealing."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from spareplace.clock import Clock
from spareplace.search.ground import NOWHERE
from spareplace.search.inserting import costs
from spareplace.search.keeping import settle
from spareplace.search.ruining import choose
from spareplace.search.state import State

NOISE = 0.1


def anneal(
    state: State,
    random: Random,
    clock: Clock,
    iterations: int,
    hot: float,
) -> None:
    """Change a state for a number of iterations, the temperature falling to nothing."""
    for step in range(iterations):
        if state.value <= 0 or (step % 16 == 0 and clock.over()):
            return
        temperature = hot * (1 - step / iterations) ** 2
        before, mark = state.value, state.mark()
        if not change(state, random):
            state.undo(mark)
            continue
        worse = state.value - before
        if worse > 0 and worse > -temperature * math.log(1 - random.random()):
            state.undo(mark)
            continue
        state.commit()


def change(state: State, random: Random) -> bool:
    """Take a few pairs away and put them back; tell whether it could be done."""
    groups = choose(state, random)
    touched: dict[int, None] = {}
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
        and state.stored <= state.ground.stored_limit
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
            save(state, pair, server)
        state.place(pair, server)
    touched[server] = None
    return state.slack[server] >= 0 or settle(state, server)


def save(state: State, pair: int, server: int) -> None:
    """Keep on its new server what a pair needs and no copy would survive of."""
    for diff in state.ground.chain[pair]:
        for piece, holders in enumerate(state.holders[diff]):
            if not state.survival.outlives(diff, holders):
                state.keep(diff, piece, server)
