"""Which pairs to take off their servers together, so that they may find better ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

from spareplace.search.ground import NOWHERE
from spareplace.search.state import State

Groups: TypeAlias = list[list[int]]
"""Pairs to take away; those of one group are to be put back together."""

MOST = 8
"""Pairs taken away at once; more take longer than they bring."""


def choose(state: State, random: Random) -> Groups:
    """Choose what to take away, in one of several ways at random."""
    seed = choose_seed(state, random)
    ways: Sequence[Callable[[State, Random, int], Groups]] = (
        _subtree_on_server,
        _subtree_on_server,
        _subtree_in_failure,
        _failure,
        _server,
        _alone,
        _alone,
    )
    return ways[random.randrange(len(ways))](state, random, seed)


def choose_seed(state: State, random: Random) -> int:
    """Choose a pair to start from: often one that is skipped, or transfers something."""
    if state.skipped and random.random() < 0.5:
        return random.choice(sorted(state.skipped))
    count = len(state.target)
    best = random.randrange(count)
    for _ in range(8):
        if pays(state, best) or random.random() < 0.1:
            return best
        best = random.randrange(count)
    return best


def pays(state: State, pair: int) -> bool:
    """Tell whether rebuilding a pair transfers something, or it is not rebuilt at all."""
    server = state.target[pair]
    if server == NOWHERE:
        return True
    weight = state.ground.weight[state.ground.pairs[pair][0]]
    return weight > 0 and any(state.missing[diff, server] for diff in state.ground.chain[pair])


def _alone(_state: State, _random: Random, seed: int) -> Groups:
    return [[seed]]


def _subtree_on_server(state: State, random: Random, seed: int) -> Groups:
    """Take the pairs on one server that share a diff with the seed, as one group."""
    chain = state.ground.chain[seed]
    server = state.target[seed]
    if not chain or server == NOWHERE:
        return [[seed]]
    diff = chain[random.randrange(len(chain))]
    same = [pair for pair in state.ground.users[diff] if state.target[pair] == server]
    return [_few(same, random, seed)]


def _subtree_in_failure(state: State, random: Random, seed: int) -> Groups:
    """Take the pairs of one failure that share a diff with the seed, as one group."""
    chain = state.ground.chain[seed]
    if not chain:
        return [[seed]]
    failure = state.ground.pairs[seed][0]
    diff = chain[random.randrange(len(chain))]
    same = [pair for pair in state.ground.users[diff] if state.ground.pairs[pair][0] == failure]
    return [_few(same, random, seed)]


def _failure(state: State, random: Random, seed: int) -> Groups:
    """Take pairs of one failure, each on its own."""
    first, last = state.ground.span[state.ground.pairs[seed][0]]
    return [[pair] for pair in _few(list(range(first, last)), random, seed)]


def _server(state: State, random: Random, seed: int) -> Groups:
    """Take pairs off one server, each on its own."""
    server = state.target[seed]
    if server == NOWHERE:
        return [[seed]]
    return [[pair] for pair in _few(list(state.here[server]), random, seed)]


def _few(pairs: list[int], random: Random, seed: int) -> list[int]:
    if len(pairs) <= MOST and random.random() < 0.5:
        return pairs
    most = random.randint(1, min(MOST, max(len(pairs), 1)))
    chosen = random.sample(pairs, min(most, len(pairs)))
    return chosen if seed in chosen else [seed, *chosen]
