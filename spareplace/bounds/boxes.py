"""Parts of all plans: which rooms servers may keep, how much of one atom, and who rebuilds what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spareplace.affinity import Flags
from spareplace.bounds.coarse import Floats
from spareplace.bounds.gains import Rooms
from spareplace.bounds.offers import Doing

MIXED = 0.003
"""From which share of the largest disk on a mix of rooms is worth telling apart before anything
else is."""

APART = 1e-3
"""From which share on a pair counts as rebuilt by halves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """Some of all plans.

    Parameters
    ----------
    open_
        Which rooms each server may keep beside how much of its first atom, at most half of it or
        at least half, shape (servers, 2, rooms).
    shut
        Pairs that a server may not rebuild, shape (pairs, servers).
    """

    open_: Flags
    shut: Flags

    def has(self, server: int, doing: Doing) -> bool:
        """Tell whether a server may do something here."""
        shut = doing.column.rebuilt @ self.shut[:, server] > 0
        return bool(self.open_[server, doing.side, doing.room]) and not shut


def everything(servers: Sequence[Rooms], pairs: int) -> Box:
    """Give the box of all plans."""
    open_ = np.zeros((len(servers), 2, max(len(of.room) for of in servers)), dtype=bool)
    for number, of in enumerate(servers):
        for side, cell in enumerate(of.cells):
            open_[number, side, : len(of.room)] = len(cell) > 0
    return Box(open_=open_, shut=np.zeros((pairs, len(servers)), dtype=bool))


def split(
    box: Box, servers: Sequence[Rooms], taken: Sequence[tuple[int, Doing, float]]
) -> list[Box]:
    """Divide a box where a mix of doings is furthest from a plan; every plan is in one part.

    Parameters
    ----------
    box
        What to divide.
    servers
        Each one, prepared.
    taken
        The mix: servers, what they do, and shares of it.

    Returns
    -------
    Two boxes, or none where nothing is mixed.
    """
    ways = [way for of in servers for way in _ways(box, of, taken)]
    score, parts = max(ways, key=lambda way: way[0], default=(0.0, []))
    if score < MIXED * max(of.left.max() for of in servers):
        parts = _by_pair(box, taken) or parts
    return parts


def _ways(
    box: Box, of: Rooms, taken: Sequence[tuple[int, Doing, float]]
) -> Iterator[tuple[float, list[Box]]]:
    """Give the ways to divide a box at one server, each with about how much disk it tells apart."""
    here = [(doing, share) for server, doing, share in taken if server == of.number]
    if not here:
        return
    share = np.array([share for _, share in here])
    room = of.room[[doing.room for doing, _ in here]]
    side = np.array([doing.side for doing, _ in here])
    middle = share @ room / share.sum()
    small = np.zeros((2, box.open_.shape[2]), dtype=bool)
    small[:, : len(of.room)] = of.room <= middle
    yield from _scored(box, of, small, share @ np.abs(room - middle))
    if len(of.enumerated):
        lesser = np.array([[True], [False]]) & np.ones_like(small)
        size = of.size[of.enumerated[0]]
        yield from _scored(
            box, of, lesser, 2 * size * min(share[side == 0].sum(), share[side == 1].sum())
        )


def _scored(box: Box, of: Rooms, part: Flags, score: float) -> Iterator[tuple[float, list[Box]]]:
    """Divide what is open at a server in two, unless one of them would be all of it."""
    both = [box.open_.copy(), box.open_.copy()]
    both[0][of.number] &= part
    both[1][of.number] &= ~part
    if all(open_[of.number].any() for open_ in both):
        yield float(score), [replace(box, open_=open_) for open_ in both]


def _by_pair(box: Box, taken: Sequence[tuple[int, Doing, float]]) -> list[Box]:
    """Divide by whether a server rebuilds a pair that is rebuilt by halves; none where none is."""
    rebuilt: Floats = np.zeros(box.shut.shape)
    for server, doing, share in taken:
        rebuilt[:, server] += share * doing.column.rebuilt
    halved = np.minimum(rebuilt, 1 - rebuilt)
    pair, at = (int(number) for number in np.unravel_index(halved.argmax(), halved.shape))
    if halved[pair, at] < APART:
        return []
    without, only = box.shut.copy(), box.shut.copy()
    without[pair, at] = True
    only[pair] = True
    only[pair, at] = box.shut[pair, at]
    return [replace(box, shut=without), replace(box, shut=only)]
