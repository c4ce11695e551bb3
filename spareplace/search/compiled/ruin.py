"""Which pairs to take off their servers together; `search.ruining` as a kernel."""

from __future__ import annotations

from spareplace.search.compiled.board import (
    AFTER,
    FIRST,
    GROUP,
    GROUP_AT,
    POOL,
    SKIPPED,
    TARGET,
    WAITING,
    Board,
)
from spareplace.search.compiled.drawing import below, draw
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, DIFF, FAILURE, Land
from spareplace.search.ground import NOWHERE
from spareplace.search.ruining import MOST

ON_SERVER, IN_FAILURE, OF_FAILURE, OF_SERVER = 1, 2, 3, 4
"""Ways to choose, of seven: 0 is as 1, and the last two take one pair alone."""


@kernel
def choose(land: Land, board: Board) -> int:
    """Choose groups of pairs to take away, those of one to be put back together; give how many."""
    seed = seed_of(land, board)
    way = below(board, 7)
    server = board.pair[TARGET, seed]
    begin, end = land.pairs[CHAIN, seed], land.pairs[CHAIN, seed + 1]
    together = way <= IN_FAILURE and begin < end
    if (way <= ON_SERVER or way == OF_SERVER) and server == NOWHERE:
        return _alone(board, seed)
    if together:
        diff = land.links[DIFF, begin + below(board, end - begin)]
        if way <= ON_SERVER:
            count = _pool_of_server(land, board, server, diff)
        else:
            count = _pool_of_failure(land, board, land.pairs[FAILURE, seed], diff)
    elif way == OF_FAILURE:
        count = _pool_of_failure(land, board, land.pairs[FAILURE, seed], NOWHERE)
    elif way == OF_SERVER:
        count = _pool_of_server(land, board, server, NOWHERE)
    else:
        return _alone(board, seed)
    count = _few(board, count, seed)
    board.pair[GROUP_AT, 0] = 0
    if together:
        _sort(board, count)
        board.pair[GROUP_AT, 1] = count
        return 1
    for at in range(count):
        board.pair[GROUP_AT, at + 1] = at + 1
    return count


@kernel
def _alone(board: Board, seed: int) -> int:
    board.pair[GROUP, 0] = seed
    board.pair[GROUP_AT, 0], board.pair[GROUP_AT, 1] = 0, 1
    return 1


@kernel
def seed_of(land: Land, board: Board) -> int:
    """Choose a pair to start from: often one that is skipped, or transfers something."""
    skipped = board.counts[SKIPPED]
    if skipped and draw(board) < 0.5:
        return int(board.pair[WAITING, below(board, skipped)])
    best = below(board, land.pairs.shape[1] - 1)
    for _ in range(8):
        if _pays(land, board, best) or draw(board) < 0.1:
            return int(best)
        best = below(board, land.pairs.shape[1] - 1)
    return int(best)


@kernel
def _pays(land: Land, board: Board, pair: int) -> bool:
    server = board.pair[TARGET, pair]
    if server == NOWHERE:
        return True
    if land.weight[land.pairs[FAILURE, pair]] > 0:
        for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
            if board.missing[land.links[DIFF, at], server]:
                return True
    return False


@kernel
def _needs(land: Land, pair: int, diff: int) -> bool:
    if diff == NOWHERE:
        return True
    for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        if land.links[DIFF, at] == diff:
            return True
    return False


@kernel
def _pool_of_server(land: Land, board: Board, server: int, diff: int) -> int:
    """Collect the pairs on a server, of a diff or of any."""
    count = 0
    pair = board.server[FIRST, server]
    while pair != NOWHERE:
        if _needs(land, pair, diff):
            board.pair[POOL, count] = pair
            count += 1
        pair = board.pair[AFTER, pair]
    return count


@kernel
def _pool_of_failure(land: Land, board: Board, failure: int, diff: int) -> int:
    count = 0
    for pair in range(land.failures[0, failure], land.failures[1, failure]):
        if _needs(land, pair, diff):
            board.pair[POOL, count] = pair
            count += 1
    return count


@kernel
def _few(board: Board, count: int, seed: int) -> int:
    """Take all of the pool, or some of it and the seed; give how many."""
    most = count
    if count > MOST or draw(board) >= 0.5:
        most = min(1 + below(board, min(MOST, max(count, 1))), count)
        for at in range(most):
            other = at + below(board, count - at)
            board.pair[POOL, at], board.pair[POOL, other] = (
                board.pair[POOL, other],
                board.pair[POOL, at],
            )
    found = False
    for at in range(most):
        board.pair[GROUP, at] = board.pair[POOL, at]
        found = found or board.pair[POOL, at] == seed
    if not found:
        board.pair[GROUP, most] = seed
        most += 1
    return int(most)


@kernel
def _sort(board: Board, count: int) -> None:
    """Put the pairs in order, so that those of one failure stand beside each other."""
    for at in range(1, count):
        pair, spot = board.pair[GROUP, at], at
        while spot and board.pair[GROUP, spot - 1] > pair:
            board.pair[GROUP, spot] = board.pair[GROUP, spot - 1]
            spot -= 1
        board.pair[GROUP, spot] = pair
