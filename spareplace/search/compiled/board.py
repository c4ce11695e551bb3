"""The state of a search as plain arrays, for kernels: what is chosen, and what follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.search.compiled.land import Land
from spareplace.search.ground import NOWHERE, Floats, Ints

TARGET, AFTER, BEFORE, WAITING, PLACE_OF, POOL, GROUP, GROUP_AT = range(8)
"""The places of `Board.pair`."""

FIRST, PEAK, SLACK, SHELVED, LACKING, SPARE, CHANGES, TOUCHED, MARK, EXTRA = range(10)
"""The places of `Board.server`."""

PRICE, ESTIMATE, WANTED, MORE = range(4)
"""The places of `Board.price`."""

PIECES, ASKERS, SEEN, WANT = range(4)
"""The places of `Board.diff`."""

SIZE, COPIES, SUM = range(3)
"""The places of `Board.piece`."""

TRANSFER, PENALTY = range(2)
"""The places of `Board.sums`."""

STORED, MOVED, LOGGED, SKIPPED, TOUCHING, CHEAP, FIRST_CHEAP, STAMP, ONE, OTHER = range(10)
"""The places of `Board.counts`: bytes, bytes, and how long the lists are; of copies that could be
dropped also the first one left; the last mark that was given; the state of the random numbers."""

LOG, SETTLING = 20_000, 6
"""Steps that can be taken back: so many, and so many for each piece there may be, twice."""


class Board(NamedTuple):
    """A plan under change, in few arrays; the first index of most is a place.

    Attributes
    ----------
    pair
        Of each pair its server or `NOWHERE`; the next and the last pair on that server. Then
        lists: the pairs that are left unprotected, and for each pair where it stands there, or
        `NOWHERE`; pairs to choose from; those taken away, and where each group of them begins.
    server
        Of each server the first pair; the most disk of rebuilt VMs, and what is free in every
        failure; of how many diffs it keeps a piece, and how many it transfers; the bytes that
        could be freed; how often it changed. Then a list of those that a change has to do with;
        the last mark of each; the disk that a group would take on top.
    price
        Of each server what a byte of its disk is worth; what a group would cost there, the bytes
        of it better kept than transferred, and the weight that needing a diff gains.
    diff
        Of each diff the number of its pieces and of failures that ask for it, its last mark, and
        a list of some, with `want_worth`.
    piece
        Of each piece its size, how many servers keep it, and the sum of their numbers, which is
        the other one where one of two is known; shape (3, diffs, pieces).
    holds
        Whether each server keeps it, shape (diffs, pieces, servers).
    own
        How many pieces of a diff a server keeps, (diffs, servers).
    shelf
        The diffs of which it keeps some, (servers, diffs).
    lacked
        The diffs that it lacks some of and whose bytes are worth something, (servers, diffs).
    asked
        How many pairs ask for a diff in a failure, (diffs, failures).
    worth, missing
        As in `State`, shape (diffs, servers).
    left
        Of every resource, shape (failures, resources, servers); the disk is not counted there.
    load
        Disk of rebuilt VMs, (servers, failures).
    cheap, cheap_worth
        Copies that could be dropped, those worth least first: diff, piece; and their worth.
    need
        What a group takes of each resource.
    sums, counts
        See `TRANSFER` and `STORED`.
    log
        The steps since the last mark: which, and with what.
    """

    pair: Ints
    server: Ints
    price: Floats
    diff: Ints
    want_worth: Floats
    piece: Ints
    holds: NDArray[np.uint8]
    own: NDArray[np.uint16]
    shelf: NDArray[np.int32]
    lacked: NDArray[np.int32]
    asked: NDArray[np.int32]
    worth: Floats
    missing: Ints
    left: Ints
    load: Ints
    cheap: Ints
    cheap_worth: Floats
    need: Ints
    sums: Floats
    counts: Ints
    log: Ints


def empty_board(land: Land, instance: Instance, most: int, seed: int) -> Board:
    """Give a board on which nothing is rebuilt and nothing stored; `most` pieces for each diff."""
    pairs = land.pairs.shape[1] - 1
    failures, servers = land.down.shape
    diffs = len(instance.size)
    sizes = np.array(instance.size, dtype=np.int64)
    free = np.ascontiguousarray(instance.free.T, dtype=np.int64)

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    board = Board(
        pair=zeros(8, pairs + 2),
        server=zeros(10, servers),
        price=np.zeros((4, servers)),
        diff=zeros(4, diffs),
        want_worth=np.zeros(diffs),
        piece=zeros(3, diffs, most),
        holds=np.zeros((diffs, most, servers), dtype=np.uint8),
        own=np.zeros((diffs, servers), dtype=np.uint16),
        shelf=np.zeros((servers, diffs), dtype=np.int32),
        lacked=np.zeros((servers, diffs), dtype=np.int32),
        asked=np.zeros((diffs, failures), dtype=np.int32),
        worth=np.zeros((diffs, servers)),
        missing=np.where(instance.resident, 0, sizes[:, None]),
        left=np.repeat(free[None, :, :], failures, axis=0),
        load=zeros(servers, failures),
        cheap=zeros(diffs * most, 2),
        cheap_worth=np.zeros(diffs * most),
        need=zeros(len(free)),
        sums=np.zeros(2),
        counts=zeros(10),
        log=zeros(LOG + 2 * SETTLING * diffs * most, 4),
    )
    board.pair[[TARGET, AFTER, BEFORE, PLACE_OF]] = NOWHERE
    board.server[FIRST] = NOWHERE
    board.server[SLACK] = free[DISK]
    board.diff[PIECES] = 1
    board.piece[SIZE, :, 0] = sizes
    seed_with(board, seed)
    return board


def seed_with(board: Board, seed: int) -> None:
    """Say which random numbers come next."""
    board.counts[[ONE, OTHER]] = 1 + seed % 2_000_000_000, 1 + seed // 2 % 2_000_000_000
