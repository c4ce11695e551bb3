"""The steps of a plan under change as they are done: `search.state` as kernels."""

from __future__ import annotations

from spareplace.amounts import DISK
from spareplace.search.compiled.board import (
    AFTER,
    ASKERS,
    BEFORE,
    CHANGES,
    COPIES,
    FIRST,
    LACKING,
    MOVED,
    PEAK,
    PENALTY,
    PIECES,
    PLACE_OF,
    SHELVED,
    SIZE,
    SKIPPED,
    SLACK,
    STORED,
    SUM,
    TARGET,
    TRANSFER,
    WAITING,
    Board,
)
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import CHAIN, CHEAPEST, DIFF, FAILURE, ROW, VM, Land
from spareplace.search.ground import NOWHERE


@kernel
def ask(land: Land, board: Board, pair: int) -> None:
    """Count in a pair that is to be protected."""
    failure = land.pairs[FAILURE, pair]
    for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        diff = land.links[DIFF, at]
        board.diff[ASKERS, diff] += board.asked[diff, failure] == 0
        board.asked[diff, failure] += 1


@kernel
def _used(land: Land, board: Board, row: int, server: int) -> bool:
    """Tell whether a pair on a server needs a row."""
    for at in range(land.rows[row], land.rows[row + 1]):
        if board.pair[TARGET, land.lists[at]] == server:
            return True
    return False


@kernel
def do_place(land: Land, board: Board, pair: int, server: int) -> None:
    """Rebuild a pair, which has no server, on one."""
    failure, vm = land.pairs[FAILURE, pair], land.pairs[VM, pair]
    for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        if not _used(land, board, land.links[ROW, at], server):
            _value(board, land.links[DIFF, at], server, land.weight[failure])
    for resource in range(1, land.vms.shape[0]):
        board.left[failure, resource, server] -= land.vms[resource, vm]
    board.load[server, failure] += land.vms[DISK, vm]
    above = board.load[server, failure] - board.server[PEAK, server]
    if above > 0:
        board.server[SLACK, server] -= above
        board.server[PEAK, server] += above
    board.pair[TARGET, pair] = server
    head = board.server[FIRST, server]
    board.pair[AFTER, pair], board.pair[BEFORE, pair] = head, NOWHERE
    if head != NOWHERE:
        board.pair[BEFORE, head] = pair
    board.server[FIRST, server] = pair
    board.server[CHANGES, server] += 1


@kernel
def do_take(land: Land, board: Board, pair: int) -> None:
    """Take a pair off its server."""
    failure, vm = land.pairs[FAILURE, pair], land.pairs[VM, pair]
    server = board.pair[TARGET, pair]
    board.pair[TARGET, pair] = NOWHERE
    for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        if not _used(land, board, land.links[ROW, at], server):
            _value(board, land.links[DIFF, at], server, -land.weight[failure])
    for resource in range(1, land.vms.shape[0]):
        board.left[failure, resource, server] += land.vms[resource, vm]
    was = board.load[server, failure]
    board.load[server, failure] -= land.vms[DISK, vm]
    if land.vms[DISK, vm] and was == board.server[PEAK, server]:
        peak = 0
        for other in range(board.load.shape[1]):
            peak = max(peak, board.load[server, other])
        board.server[SLACK, server] += was - peak
        board.server[PEAK, server] = peak
    after, before = board.pair[AFTER, pair], board.pair[BEFORE, pair]
    if before == NOWHERE:
        board.server[FIRST, server] = after
    else:
        board.pair[AFTER, before] = after
    if after != NOWHERE:
        board.pair[BEFORE, after] = before
    board.server[CHANGES, server] += 1


@kernel
def do_keep(land: Land, board: Board, diff: int, piece: int, server: int) -> None:
    """Keep a piece on a server that does not hold it."""
    board.holds[diff, piece, server] = 1
    board.piece[COPIES, diff, piece] += 1
    board.piece[SUM, diff, piece] += server
    if not board.own[diff, server]:
        board.shelf[server, board.server[SHELVED, server]] = diff
        board.server[SHELVED, server] += 1
    board.own[diff, server] += 1
    _store(land, board, diff, server, board.piece[SIZE, diff, piece])


@kernel
def do_drop(land: Land, board: Board, diff: int, piece: int, server: int) -> None:
    """Keep a piece no longer."""
    board.holds[diff, piece, server] = 0
    board.piece[COPIES, diff, piece] -= 1
    board.piece[SUM, diff, piece] -= server
    board.own[diff, server] -= 1
    if not board.own[diff, server]:
        at = 0
        while board.shelf[server, at] != diff:
            at += 1
        board.server[SHELVED, server] -= 1
        board.shelf[server, at] = board.shelf[server, board.server[SHELVED, server]]
    _store(land, board, diff, server, -board.piece[SIZE, diff, piece])


@kernel
def _store(land: Land, board: Board, diff: int, server: int, size: int) -> None:
    board.server[CHANGES, server] += 1
    worth, before = board.worth[diff, server], board.missing[diff, server]
    board.missing[diff, server] = before - size
    if worth and before == size:
        _lack_no_more(board, diff, server)
    elif worth and not before:
        _lack(board, diff, server)
    board.server[SLACK, server] -= size
    board.counts[STORED] += size
    if land.there.shape[0] and not land.there[diff, server]:
        board.counts[MOVED] += size
    board.sums[TRANSFER] -= worth * size


@kernel
def _value(board: Board, diff: int, server: int, weight: float) -> None:
    """Change what a byte of a diff saves on a server; weights are whole numbers, and so exact."""
    before, missing = board.worth[diff, server], board.missing[diff, server]
    board.worth[diff, server] = before + weight
    board.sums[TRANSFER] += weight * missing
    if missing and weight:
        if not before:
            _lack(board, diff, server)
        elif not before + weight:
            _lack_no_more(board, diff, server)


@kernel
def _lack(board: Board, diff: int, server: int) -> None:
    """Note that bytes of a diff are transferred to a server."""
    board.lacked[server, board.server[LACKING, server]] = diff
    board.server[LACKING, server] += 1


@kernel
def _lack_no_more(board: Board, diff: int, server: int) -> None:
    at = 0
    while board.lacked[server, at] != diff:
        at += 1
    board.server[LACKING, server] -= 1
    board.lacked[server, at] = board.lacked[server, board.server[LACKING, server]]


@kernel
def do_cut(board: Board, diff: int, piece: int, size: int) -> None:
    """Cut bytes off a piece: they are a new one, the last of the diff."""
    last = board.diff[PIECES, diff]
    board.diff[PIECES, diff] += 1
    board.piece[SIZE, diff, piece] -= size
    board.piece[SIZE, diff, last] = size
    board.piece[COPIES, diff, last] = board.piece[COPIES, diff, piece]
    board.piece[SUM, diff, last] = board.piece[SUM, diff, piece]
    for server in range(board.holds.shape[2]):
        board.holds[diff, last, server] = board.holds[diff, piece, server]
        board.own[diff, server] += board.holds[diff, piece, server]


@kernel
def do_join(board: Board, diff: int, piece: int) -> None:
    """Join the last piece of a diff to another one that the same servers keep."""
    board.diff[PIECES, diff] -= 1
    last = board.diff[PIECES, diff]
    board.piece[SIZE, diff, piece] += board.piece[SIZE, diff, last]
    board.piece[SIZE, diff, last] = board.piece[COPIES, diff, last] = 0
    board.piece[SUM, diff, last] = 0
    for server in range(board.holds.shape[2]):
        board.own[diff, server] -= board.holds[diff, last, server]
        board.holds[diff, last, server] = 0


@kernel
def do_swap(board: Board, diff: int, piece: int) -> None:
    """Let the last piece of a diff and another change places."""
    last = board.diff[PIECES, diff] - 1
    for place in range(board.piece.shape[0]):
        kept = board.piece[place, diff, piece]
        board.piece[place, diff, piece] = board.piece[place, diff, last]
        board.piece[place, diff, last] = kept
    for server in range(board.holds.shape[2]):
        held = board.holds[diff, piece, server]
        board.holds[diff, piece, server] = board.holds[diff, last, server]
        board.holds[diff, last, server] = held


@kernel
def do_skip(land: Land, board: Board, pair: int) -> None:
    """Leave a pair, which has no server, unprotected."""
    failure = land.pairs[FAILURE, pair]
    for at in range(land.pairs[CHAIN, pair], land.pairs[CHAIN, pair + 1]):
        diff = land.links[DIFF, at]
        board.asked[diff, failure] -= 1
        board.diff[ASKERS, diff] -= board.asked[diff, failure] == 0
    board.pair[PLACE_OF, pair] = board.counts[SKIPPED]
    board.pair[WAITING, board.counts[SKIPPED]] = pair
    board.counts[SKIPPED] += 1
    board.sums[PENALTY] += land.penalty[land.pairs[VM, pair]]


@kernel
def do_unskip(land: Land, board: Board, pair: int) -> None:
    """Protect a pair again."""
    ask(land, board, pair)
    board.counts[SKIPPED] -= 1
    last, at = board.pair[WAITING, board.counts[SKIPPED]], board.pair[PLACE_OF, pair]
    board.pair[WAITING, at] = last
    board.pair[PLACE_OF, last] = at
    board.pair[PLACE_OF, pair] = NOWHERE
    penalty = land.penalty[land.pairs[VM, pair]]
    board.sums[PENALTY] -= penalty
    if penalty > land.numbers[CHEAPEST]:  # beside it those of lower priority were rounded away
        board.sums[PENALTY] = 0.0
        for place in range(board.counts[SKIPPED]):
            board.sums[PENALTY] += land.penalty[land.pairs[VM, board.pair[WAITING, place]]]
