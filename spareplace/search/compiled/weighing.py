"""Where a group of pairs would best be rebuilt together; `search.inserting` as a kernel."""

from __future__ import annotations

import numpy as np

from spareplace.amounts import DISK
from spareplace.search.compiled.board import (
    ESTIMATE,
    EXTRA,
    GROUP,
    MARK,
    MORE,
    PEAK,
    PRICE,
    SEEN,
    SLACK,
    SPARE,
    STAMP,
    TARGET,
    WANTED,
    Board,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, DIFF, FAILURE, FOES, MOVE_COST, ROW, VM, Land
from spareplace.search.compiled.listing import is_there
from spareplace.search.ground import NOWHERE


@kernel
def weigh(land: Land, board: Board, first: int, last: int) -> None:
    """Estimate what rebuilding the pairs `first` to `last` of `Board.group` on each server costs.

    Infinite where it cannot be. The pairs of a failure have to stand beside each other.
    """
    for server in range(board.server.shape[1]):
        board.price[ESTIMATE, server] = 0.0
        board.price[WANTED, server] = 0.0
        board.server[EXTRA, server] = 0
    start = first
    while start < last:
        stop = start + 1
        failure = land.pairs[FAILURE, board.pair[GROUP, start]]
        while stop < last and land.pairs[FAILURE, board.pair[GROUP, stop]] == failure:
            stop += 1
        _fit(land, board, start, stop)
        start = stop
    board.counts[STAMP] += 1
    seen = board.counts[STAMP]
    for at in range(first, last):
        pair = board.pair[GROUP, at]
        for link in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
            diff = land.links[DIFF, link]
            if board.diff[SEEN, diff] != seen:
                board.diff[SEEN, diff] = seen
                _add_worth(land, board, at, last, diff)
                _add_transfer(land, board, diff)
    for server in range(board.server.shape[1]):
        extra, slack = board.server[EXTRA, server], board.server[SLACK, server]
        if extra > slack + board.server[SPARE, server]:
            board.price[ESTIMATE, server] = np.inf
        taken = extra + board.price[WANTED, server] - max(slack, 0)
        if taken > 0:
            board.price[ESTIMATE, server] += board.price[PRICE, server] * taken


@kernel
def _fit(land: Land, board: Board, start: int, stop: int) -> None:
    """Rule out servers that pairs of one failure cannot be rebuilt on; add what disk they take."""
    failure = land.pairs[FAILURE, board.pair[GROUP, start]]
    disk = 0
    board.need[:] = 0
    for at in range(start, stop):
        pair = board.pair[GROUP, at]
        vm = land.pairs[VM, pair]
        disk += land.vms[DISK, vm]
        for resource in range(1, land.vms.shape[0]):
            board.need[resource] += land.vms[resource, vm]
        for server in range(board.server.shape[1]):
            if not land.allowed[vm, server]:
                board.price[ESTIMATE, server] = np.inf
        for link in range(land.pairs[FOES, pair], land.pairs[FOES, pair + 1]):
            foe = land.lists[link]
            if board.pair[TARGET, foe] != NOWHERE:
                board.price[ESTIMATE, board.pair[TARGET, foe]] = np.inf
            for other in range(start, stop):
                if board.pair[GROUP, other] == foe:
                    board.price[ESTIMATE, :] = np.inf
    for server in range(board.server.shape[1]):
        if land.down[failure, server]:
            board.price[ESTIMATE, server] = np.inf
        if disk:
            above = board.load[server, failure] + disk - board.server[PEAK, server]
            board.server[EXTRA, server] = max(board.server[EXTRA, server], above)
    for resource in range(1, land.vms.shape[0]):
        if board.need[resource]:
            for server in range(board.server.shape[1]):
                if board.left[failure, resource, server] < board.need[resource]:
                    board.price[ESTIMATE, server] = np.inf


@kernel
def _add_worth(land: Land, board: Board, first: int, last: int, diff: int) -> None:
    """Set `Board.more` to the weight that needing a diff gains on each server.

    Each failure counts once; where a pair of it is rebuilt that needs the diff, nothing is gained.
    """
    board.price[MORE, :] = 0.0
    before = NOWHERE
    for each in range(first, last):
        pair = board.pair[GROUP, each]
        failure = land.pairs[FAILURE, pair]
        row = _row_of(land, pair, diff)
        if failure == before or row == NOWHERE:
            continue
        before = failure
        weight = land.weight[failure]
        for server in range(board.server.shape[1]):
            board.price[MORE, server] += weight
        board.counts[STAMP] += 1
        for link in range(land.rows[row], land.rows[row + 1]):
            server = board.pair[TARGET, land.lists[link]]
            if server != NOWHERE and board.server[MARK, server] != board.counts[STAMP]:
                board.server[MARK, server] = board.counts[STAMP]
                board.price[MORE, server] -= weight


@kernel
def _row_of(land: Land, pair: int, diff: int) -> int:
    for link in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        if land.links[DIFF, link] == diff:
            return int(land.links[ROW, link])
    return NOWHERE


@kernel
def _add_transfer(land: Land, board: Board, diff: int) -> None:
    """Transfer what is missing, or keep it, whichever is cheaper; that may save others' transfers.

    A byte that is kept takes the place of the one worth least.
    """
    for server in range(board.server.shape[1]):
        more, missing = board.price[MORE, server], board.missing[diff, server]
        if more > 0 and missing:
            worth, price = board.worth[diff, server], board.price[PRICE, server]
            move = 0.0 if is_there(land, diff, server) else land.numbers[MOVE_COST]
            if worth + more > price + move:
                board.price[ESTIMATE, server] -= (min(worth, price) - move) * missing
                board.price[WANTED, server] += missing
            else:
                board.price[ESTIMATE, server] += more * missing
