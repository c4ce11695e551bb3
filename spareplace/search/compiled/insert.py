"""Put pairs back where they cost little; a part of `search.annealing` as a kernel."""

from __future__ import annotations

import numpy as np

from spareplace.search.annealing import NOISE
from spareplace.search.compiled.board import (
    ESTIMATE,
    GROUP,
    PIECES,
    PLACE_OF,
    SIZE,
    SLACK,
    TRANSFER,
    Board,
)
from spareplace.search.compiled.drawing import draw
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, DIFF, KEEPS, Land
from spareplace.search.compiled.listing import is_there
from spareplace.search.compiled.outliving import outlives
from spareplace.search.compiled.settling import settle
from spareplace.search.compiled.steps import keep, place, skip, touch, unskip
from spareplace.search.compiled.weighing import weigh
from spareplace.search.ground import NOWHERE


@kernel
def insert(land: Land, board: Board, first: int, last: int) -> bool:
    """Rebuild a group on one server, or its pairs each on its own; skip one that fits nowhere."""
    server = _server_for(land, board, first, last)
    if server != NOWHERE:
        return _put(land, board, first, last, server)
    for at in range(first, last):
        server = NOWHERE
        if last - first > 1:
            server = _server_for(land, board, at, at + 1)
        if server != NOWHERE:
            if not _put(land, board, at, at + 1, server):
                return False
        elif board.pair[PLACE_OF, board.pair[GROUP, at]] == NOWHERE:
            skip(land, board, board.pair[GROUP, at])
    return True


@kernel
def _server_for(land: Land, board: Board, first: int, last: int) -> int:
    """Choose where a group costs least, estimates blurred; `NOWHERE` if it fits nowhere."""
    weigh(land, board, first, last)
    least = np.inf
    for server in range(board.server.shape[1]):
        least = min(least, board.price[ESTIMATE, server])
    if least == np.inf:
        return NOWHERE
    spread = NOISE * draw(board) * (abs(least) + 1e-3 * board.sums[TRANSFER])
    best, lowest = NOWHERE, np.inf
    for server in range(board.server.shape[1]):
        if board.price[ESTIMATE, server] <= least + spread:
            noisy = board.price[ESTIMATE, server] + spread * draw(board)
            if noisy < lowest:
                best, lowest = server, noisy
    return best


@kernel
def _put(land: Land, board: Board, first: int, last: int, server: int) -> bool:
    for at in range(first, last):
        pair = board.pair[GROUP, at]
        if board.pair[PLACE_OF, pair] != NOWHERE:
            unskip(land, board, pair)
            if not _save(land, board, pair, server):
                return False
        place(land, board, pair, server)
    touch(board, server)
    return bool(board.server[SLACK, server] >= 0) or settle(land, board, server)


@kernel
def _save(land: Land, board: Board, pair: int, server: int) -> bool:
    """Keep what a pair needs and no copy would survive of, on its new server or elsewhere."""
    for link in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        diff = land.links[DIFF, link]
        for piece in range(board.diff[PIECES, diff]):
            if not outlives(land, board, diff, piece, NOWHERE, NOWHERE):
                keeper = _keeper(land, board, diff, piece, server)
                if keeper == NOWHERE:
                    return False
                keep(land, board, diff, piece, keeper)
                touch(board, keeper)
    return True


@kernel
def _keeper(land: Land, board: Board, diff: int, piece: int, server: int) -> int:
    """Choose the server on which a piece is kept so that it survives wherever it must."""
    best, there = NOWHERE, False
    for other in range(board.server.shape[1]):
        fits = other == server or board.server[SLACK, other] >= board.piece[SIZE, diff, piece]
        taken = board.holds[diff, piece, other] or land.resident[diff, other]
        if not fits or taken or not land.servers[KEEPS, other]:
            continue
        here = is_there(land, diff, other)
        if best != NOWHERE and other != server:
            if here != there:
                better = here
            else:
                better = board.server[SLACK, other] > board.server[SLACK, best]
            if not better:
                continue
        if outlives(land, board, diff, piece, NOWHERE, other):
            if other == server:
                return other
            best, there = other, here
    return best
