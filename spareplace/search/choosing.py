"""Which servers to free together."""

from __future__ import annotations

from random import Random

import numpy as np

from spareplace.search.ground import NOWHERE
from spareplace.search.ruining import pays
from spareplace.search.state import State

TRIES = 30


def choose_servers(state: State, random: Random, count: int, taken: set[int]) -> list[int]:
    """Choose servers that have to do with each other, none of them taken.

    They start from a VM that pays: where it is rebuilt, then where its chain is kept or wanted,
    or where the other VMs of its failure go, or anywhere.
    """
    seed = random.randrange(len(state.target))
    for _ in range(TRIES):
        if pays(state, seed):
            break
        seed = random.randrange(len(state.target))
    chosen: dict[int, None] = {}
    if state.target[seed] != NOWHERE:
        chosen[state.target[seed]] = None
    chain = list(state.ground.chain[seed])
    way = random.randrange(4)
    near: list[int] = []
    if way == 0 and chain:
        near = np.flatnonzero(state.worth[chain].any(axis=0)).tolist()
    elif way == 1 and chain:
        near = np.flatnonzero((state.missing[chain] == 0).any(axis=0)).tolist()
    elif way == 2:
        first, last = state.ground.span[state.ground.pairs[seed][0]]
        near = [at for at in set(state.target[first:last]) if at != NOWHERE]
    random.shuffle(near)
    anywhere = random.sample(
        range(state.ground.servers), min(state.ground.servers, 2 * count + len(taken))
    )
    for server in (*near, *anywhere):
        if len(chosen) == count:
            break
        chosen[server] = None
    return [] if taken & chosen.keys() else sorted(chosen)
