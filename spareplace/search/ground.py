"""What does not change while a search runs: pairs, the rows of what they need, and weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.instance import Instance
from spareplace.placement import DEFAULT_MAX_PIECES, least_piece
from spareplace.search.penalties import penalties

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

NOWHERE = -1
"""Stands for the server of a pair that has none."""

HEAVIEST = 2**31
"""The largest weight: sums of thousands are still exact in floats."""


ROUNDING = 1e-9
"""Which share of all diffs, at the largest weight, steps back and forth may leave by rounding: a
float holds 16 digits, and a transfer may be a thousand times as much and change a million times."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A cluster as a search sees it.

    A *pair* is a failure and a protected VM that it loses; a *row* is a failure and a diff that
    some VM lost in it needs.

    Parameters
    ----------
    instance
        The cluster in numbers.
    max_pieces
        Into how many pieces a diff may be cut.
    least_piece
        The bytes below which no piece of any diff may be: less room than that is none.
    stored_limit
        The most bytes to store, or infinity.
    price_asked
        The price of a stored byte in expected transferred bytes.
    stored_cost
        The same in the unit of `weight`.
    move_limit
        The most bytes to store where they are not today, or infinity.
    move_asked, move_cost
        The price of one of those, like that of a stored byte.
    current
        For each diff, the servers that store it today, as bits; all where nothing is continued.
    pairs
        (failure, VM), by failure.
    number
        Where each pair stands among `pairs`.
    chain, rows
        For each pair, the diffs that its VM needs, and their rows in that failure.
    span
        For each failure, the first of its pairs and the one after the last.
    users
        For each diff, the pairs that need it.
    diff_of, weight_of
        For each row, its diff and the weight of its failure.
    weight
        For each failure, a whole number up to `HEAVIEST` in proportion to its weight.
    demand
        For each VM, what it takes of every resource but the disk, shape (VMs, resources - 1).
    disk
        For each VM.
    downs
        For each failure, the servers that it takes down, as bits.
    widest
        The most servers that one failure takes down.
    rounding
        A transfer below this may be nothing but what rounding left of a sum.
    resident
        For each diff, the servers on which it is resident, as bits.
    penalty
        For each VM, what leaving it unprotected costs: more than any transfers and anything
        that is stored or moved, and more than all VMs of lower priority.
    """

    instance: Instance
    max_pieces: int
    least_piece: int
    stored_limit: float
    price_asked: float
    stored_cost: float
    move_limit: float
    move_asked: float
    move_cost: float
    current: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    number: dict[tuple[int, int], int]
    chain: tuple[tuple[int, ...], ...]
    rows: tuple[tuple[int, ...], ...]
    span: tuple[tuple[int, int], ...]
    users: tuple[tuple[int, ...], ...]
    diff_of: Ints
    weight_of: Floats
    weight: tuple[float, ...]
    demand: Amounts
    disk: tuple[int, ...]
    downs: tuple[int, ...]
    widest: int
    rounding: float
    resident: tuple[int, ...]
    penalty: tuple[float, ...]

    @property
    def servers(self) -> int:
        """How many there are."""
        return int(self.instance.down.shape[1])

    def is_there(self, diff: int, server: int) -> bool:
        """Tell whether a server stores a diff today, so that keeping it moves nothing."""
        return bool(self.current[diff] >> server & 1)

    def price_of(self, stored: int, moved: int) -> float:
        """Give what storing and moving so many bytes costs, in the unit of `weight`."""
        return self.stored_cost * stored + self.move_cost * moved

    def allows(self, stored: int, moved: int) -> bool:
        """Tell whether so many bytes may be stored and moved."""
        return stored <= self.stored_limit and moved <= self.move_limit


def ground(
    instance: Instance,
    *,
    max_pieces: int = DEFAULT_MAX_PIECES,
    stored_limit: int | None = None,
    stored_cost: float = 0.0,
    move_limit: int | None = None,
    move_cost: float = 0.0,
) -> Ground:
    """Lay out what a search needs to know, once."""
    pairs = tuple((failure, vm) for failure, vms in enumerate(instance.lost) for vm in vms)
    row_at: dict[tuple[int, int], int] = {}
    rows = tuple(
        tuple(row_at.setdefault((failure, diff), len(row_at)) for diff in instance.chain[vm])
        for failure, vm in pairs
    )
    weight, unit = _whole(instance.weight)
    price = (stored_cost + move_cost) / unit if unit else 0.0
    dearest = sum(instance.size) * (sum(weight) + price * len(instance.keeps))
    return Ground(
        instance=instance,
        max_pieces=max_pieces,
        least_piece=min((least_piece(size) for size in instance.size if size), default=1),
        stored_limit=math.inf if stored_limit is None else stored_limit,
        price_asked=stored_cost,
        stored_cost=stored_cost / unit if unit else 0.0,
        move_limit=math.inf if move_limit is None else move_limit,
        move_asked=move_cost,
        move_cost=move_cost / unit if unit else 0.0,
        current=_current(instance),
        pairs=pairs,
        number={pair: number for number, pair in enumerate(pairs)},
        chain=tuple(instance.chain[vm] for _, vm in pairs),
        rows=rows,
        span=_spans(instance.lost),
        users=_users(instance, pairs),
        diff_of=np.array([diff for _, diff in row_at], dtype=np.int64),
        weight_of=np.array([weight[failure] for failure, _ in row_at]),
        weight=weight,
        demand=instance.demand[:, DISK + 1 :],
        disk=tuple(int(disk) for disk in instance.demand[:, DISK]),
        downs=tuple(_bits(row) for row in instance.down),
        widest=int(instance.down.sum(axis=1).max(initial=0)),
        rounding=ROUNDING * max(weight, default=0.0) * sum(instance.size),
        resident=tuple(_bits(row) for row in instance.resident),
        penalty=penalties(instance, dearest),
    )


def _spans(lost: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    ends = list(accumulate(map(len, lost), initial=0))
    return tuple(pairwise(ends))


def _current(instance: Instance) -> tuple[int, ...]:
    if instance.current is None:
        return (-1,) * len(instance.size)
    return tuple(_bits(row) for row in instance.current)


def _users(instance: Instance, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    users: list[list[int]] = [[] for _ in instance.size]
    for number, (_, vm) in enumerate(pairs):
        for diff in instance.chain[vm]:
            users[diff].append(number)
    return tuple(map(tuple, users))


def servers_in(bits: int) -> Iterator[int]:
    """Give the servers that bits stand for."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _whole(weights: Sequence[Fraction]) -> tuple[tuple[float, ...], float]:
    """Scale weights to whole numbers: exactly if they are small enough, else nearly.

    A weight above 0 stays above 0. Also gives the weight that the number 1 stands for.
    """
    most = max(weights, default=Fraction(0))
    if not most:
        return tuple(0.0 for _ in weights), 0.0
    below = math.lcm(*(weight.denominator for weight in weights))
    above = math.gcd(*(int(weight * below) for weight in weights))
    unit = max(Fraction(above, below), most / HEAVIEST)
    whole = [max(round(weight / unit), int(weight > 0)) for weight in weights]
    return tuple(map(float, whole)), float(unit)


def _bits(flags: NDArray[np.bool_]) -> int:
    return sum(1 << int(at) for at in np.flatnonzero(flags))
