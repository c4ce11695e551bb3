"""Move a copy from one server to another: copies that have to survive move in no other way."""

from __future__ import annotations

from random import Random

from spareplace.search.ground import NOWHERE, servers_in
from spareplace.search.ruining import choose_seed
from spareplace.search.state import State

SHIFTS, ALONE = 0.5, 0.5
"""How many changes move a copy, and how many of these do nothing else."""

TOWARDS = 0.5
"""How often what moves goes where it is wanted; else it leaves a server that wants something."""


def shift(state: State, random: Random, touched: dict[int, None]) -> bool:
    """Move a copy to a server where it is wanted, or away from one where another one is.

    What is over then on a server's disk is for the caller to settle. Gives whether it was moved.
    """
    pair = choose_seed(state, random)
    server, chain = state.target[pair], state.ground.chain[pair]
    if server == NOWHERE or not chain:
        return False
    if random.random() < TOWARDS:
        diff = random.choice(chain)
        piece = random.randrange(len(state.pieces[diff]))
        keepers = list(servers_in(state.holders[diff][piece]))
        return bool(keepers) and _carry(state, diff, piece, random.choice(keepers), server, touched)
    if not state.held[server]:
        return False
    diff = random.choice(list(state.held[server]))
    piece = random.randrange(len(state.pieces[diff]))
    other = random.randrange(state.ground.servers)
    return _carry(state, diff, piece, server, other, touched)


def _carry(
    state: State, diff: int, piece: int, server: int, other: int, touched: dict[int, None]
) -> bool:
    holders, bit = state.holders[diff][piece], 1 << other
    if (
        not holders >> server & 1
        or (holders | state.ground.resident[diff]) & bit
        or not state.ground.instance.keeps[other]
        or not state.survival.outlives(diff, (holders | bit) & ~(1 << server))
    ):
        return False
    state.drop(diff, piece, server)
    state.keep(diff, piece, other)
    touched[server] = touched[other] = None
    return True
