"""The ground of a search as plain arrays, for kernels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spareplace.placement import least_piece
from spareplace.search.ground import Floats, Ground, Ints

Bytes: TypeAlias = NDArray[np.uint8]

FAILURE, VM, CHAIN, FOES = range(4)
"""The places of `Land.pairs`."""

DIFF, ROW = range(2)
"""The places of `Land.links`."""

KEEPS, HITS = range(2)
"""The places of `Land.servers`."""

RESIDENTS, UNCUT, LEAST = range(3)
"""The places of `Land.diffs`."""

STORED_LIMIT, MOVE_LIMIT, STORED_COST, MOVE_COST, LEAST_PIECE, CHEAPEST = range(6)
"""The places of `Land.numbers`."""


class Land(NamedTuple):
    """What does not change, in few arrays: each that a kernel is given takes it time.

    The first index of most is a place: `land.pairs[VM, pair]` is the VM of a pair. Lists of lists
    are one array; where a list begins is told by a number, and where it ends by the next one.

    Attributes
    ----------
    pairs
        Of each pair the failure, the VM, where its chain begins in `links`, and where in `lists`
        the pairs of its failure begin that share a group with it.
    links
        The diffs that pairs need, and their rows.
    rows
        Where in `lists` the pairs that need each row begin.
    lists
        All that lists of lists have.
    failures
        The first pair of each failure, and the one after its last.
    servers
        Whether each accepts extents, and where in `lists` the failures that take it down begin.
    diffs
        On how many servers each is resident, whether it may not be cut, its least piece.
    vms
        What each takes of each resource, the disk first.
    numbers
        The limits and the prices: stored, moved; stored, moved. Then the least piece of all,
        and the least penalty.
    there
        Where each diff is stored today, shape (diffs, servers); empty where nothing is continued.
    pieces
        How many a diff may have.
    widest
        The most servers that one failure takes down.
    weight, penalty, down, resident, allowed
        As in `Ground` and `Instance`.
    """

    pairs: Ints
    links: Ints
    rows: Ints
    lists: Ints
    failures: Ints
    servers: Ints
    diffs: Ints
    vms: Ints
    weight: Floats
    penalty: Floats
    numbers: Floats
    down: Bytes
    resident: Bytes
    allowed: Bytes
    there: Bytes
    pieces: int
    widest: int


def land_of(ground: Ground) -> Land:
    """Lay out a ground as arrays."""
    instance = ground.instance
    chains, diffs = _listed(ground.chain)
    rows, needing = _listed(_turned(ground.rows, len(ground.diff_of)))
    foes, apart = _listed(_foes(ground))
    hits, downs = _listed([np.flatnonzero(column).tolist() for column in instance.down.T])
    uncut = np.zeros(len(instance.size), dtype=np.int64)
    uncut[list(instance.uncut)] = 1
    nothing = np.zeros((0, 0), dtype=np.uint8)
    pairs = _ints([*ground.pairs, (0, 0)]).T
    return Land(
        pairs=np.array([*pairs, chains, foes + len(needing)]),
        links=np.array([diffs, _listed(ground.rows)[1]]),
        rows=rows,
        lists=np.concatenate([needing, apart, downs]),
        failures=np.ascontiguousarray(_ints(ground.span).reshape(-1, 2).T),
        servers=np.array([[*instance.keeps, 0], hits + len(needing) + len(apart)], dtype=np.int64),
        diffs=np.array(
            [
                instance.resident.sum(axis=1),
                uncut,
                [least_piece(size) for size in instance.size],
            ],
            dtype=np.int64,
        ),
        vms=np.ascontiguousarray(instance.demand.T, dtype=np.int64),
        weight=np.array(ground.weight, dtype=np.float64),
        penalty=np.array(ground.penalty, dtype=np.float64),
        numbers=np.array(
            [
                ground.stored_limit,
                ground.move_limit,
                ground.stored_cost,
                ground.move_cost,
                ground.least_piece,
                min(ground.penalty, default=0.0),
            ],
            dtype=np.float64,
        ),
        down=_flags(instance.down),
        resident=_flags(instance.resident),
        allowed=_flags(instance.allowed),
        there=nothing if instance.current is None else _flags(instance.current),
        pieces=ground.max_pieces,
        widest=ground.widest,
    )


def _ints(values: Sequence[object]) -> Ints:
    return np.array(values, dtype=np.int64)


def _flags(values: NDArray[np.bool_]) -> Bytes:
    return np.ascontiguousarray(values, dtype=np.uint8)


def _listed(lists: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Put lists one after the other: where each begins, and all."""
    begins = _ints(list(accumulate(map(len, lists), initial=0)))
    return begins, _ints([item for each in lists for item in each])


def _turned(lists: Sequence[Sequence[int]], count: int) -> list[list[int]]:
    """From what each has to who has each."""
    turned: list[list[int]] = [[] for _ in range(count)]
    for number, items in enumerate(lists):
        for item in items:
            turned[item].append(number)
    return turned


def _foes(ground: Ground) -> list[list[int]]:
    groups = ground.instance.groups
    members: dict[tuple[int, int], list[int]] = {}
    for pair, (failure, vm) in enumerate(ground.pairs):
        for group in groups[vm]:
            members.setdefault((failure, group), []).append(pair)
    return [
        sorted({other for group in groups[vm] for other in members[failure, group]} - {pair})
        for pair, (failure, vm) in enumerate(ground.pairs)
    ]
