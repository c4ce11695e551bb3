"""What a server offers at given prices: its gain for each kind of room, and columns of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spareplace.affinity import Flags
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.columns import Column
from spareplace.bounds.gains import NEVER, Rooms, gains, paid_sets, rent
from spareplace.bounds.prices import Prices

FIRST = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
"""Prices of disk that are tried first, as shares of the highest that can be of use."""

AROUND = (0.5, 0.8, 1.0, 1.25, 2.0)
"""The same once there is one that was best, as multiples of it."""

BETWEEN = 12
"""How many more prices of disk are tried at most."""

FINE = 1e-4
"""A gain is known well enough where another price would lower it by less, as a share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doing:
    """A column with the room that it needs, and the side on which it keeps the first atom."""

    column: Column
    side: int
    room: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """What a server offers.

    Parameters
    ----------
    gain
        At most, by side and room, shape (2, rooms); `NEVER` where there is no way to keep.
    doings
        The best, as nearly as the price of disk tells, and a few others.
    disk
        The price of disk at which the best gain is least.
    """

    gain: Floats
    doings: list[Doing]
    disk: float


@dataclass(slots=True, kw_only=True, eq=False)
class _Tried:
    """A server at given prices, with the prices of disk tried so far, rising."""

    view: Coarse
    of: Rooms
    earned: list[Floats]
    worth: Floats
    disk: Floats = field(default_factory=lambda: np.zeros(0))
    total: Floats = field(default_factory=lambda: np.zeros(0))

    def put(self, disk: Floats) -> None:
        """Try more prices of disk."""
        new = gains(self.of, self.earned, self.worth, disk)
        total = np.concatenate([self.total, new], axis=1) if len(self.disk) else new
        both = np.concatenate([self.disk, disk])
        order = np.argsort(both, kind="stable")
        self.disk, self.total = both[order], total[:, order]

    def by_side(self) -> Floats:
        """Give the gains by side, price of disk and room."""
        shape = (2, *self.total.shape[1:])
        found = np.full(shape, NEVER)
        for side, cell in enumerate(self.of.cells):
            if len(cell):
                found[side] = self.total[cell].max(axis=0)
        return found

    def doing(self, side: int, price: int, room: int) -> Column:
        """Give the best at one price of disk, whatever disk it uses."""
        of, view, disk = self.of, self.view, self.disk[price : price + 1]
        cell = of.cells[side]
        way = int(cell[self.total[cell, price, room].argmax()])
        held = np.zeros(len(view.size))
        held[of.others] = np.where(self.worth[of.others] > disk, of.size[of.others], 0.0)
        free = held > 0
        held[of.enumerated] = of.kept[way]
        rebuilt, cost = np.zeros(len(view.pairs)), 0.0
        for ways, paid in zip(of.ways, self.earned, strict=True):
            rents = rent(of, ways, self.worth, disk)[0]
            value = paid - ways.bytes @ rents - ways.missing[way]
            best = int(value[: ways.last[room] + 1].argmax())
            rebuilt += ways.pairs[best]
            here, sent = ways.bytes[best] > 0, rents >= ways.cost
            cost += ways.missing[way, best] + ways.cost * ways.bytes[best, sent].sum()
            kept = ways.atoms[here & ~sent & ~free[ways.atoms]]
            held[kept] += of.size[kept] / of.often[kept]
        return Column(rebuilt=rebuilt, held=held, cost=cost + view.price * held.sum())

    def mixed(self, side: int, price: int, room: int) -> Column:
        """Mix the best at a price of disk with that at the next, so that the disk is just used."""
        one, used, left = self.doing(side, price, room), 0.0, self.of.left[room]
        used = one.held.sum()
        other = price + 1 if used > left else price - 1
        if not 0 <= other < len(self.disk):
            return one
        two = self.doing(side, other, room)
        if (used - left) * (two.held.sum() - left) >= 0:
            return one
        share = (left - two.held.sum()) / (used - two.held.sum())
        return Column(
            rebuilt=share * one.rebuilt + (1 - share) * two.rebuilt,
            held=share * one.held + (1 - share) * two.held,
            cost=share * one.cost + (1 - share) * two.cost,
        )


def offer(
    view: Coarse, of: Rooms, prices: Prices, *, open_: Flags, shut: Flags, disk: float | None
) -> Offer:
    """Bound what a server gains, for each kind of room.

    Parameters
    ----------
    view, of
        The cluster in coarse units, and the server.
    prices
        Of what servers share.
    open_
        Which sides and rooms are looked at closely, shape (2, rooms).
    shut
        Pairs that it may not rebuild, shape (pairs,).
    disk
        A price of disk that was best before, or ``None``.
    """
    worth = prices.worth(view, of.number) - view.price
    top = max(float(worth.max(initial=0.0)), 0.0) + float(view.cost.sum()) + 1.0
    first = [share * top for share in FIRST]
    if disk:
        first = [0.0, top, *(min(disk * times, top) for times in AROUND)]
    tried = _Tried(view=view, of=of, earned=paid_sets(of, prices.pair, shut), worth=worth)
    tried.put(np.unique(np.floor(first)))
    for _ in range(BETWEEN):
        found = tried.by_side()
        gain = found.min(axis=1)
        side, room = np.unravel_index(np.where(open_, gain, NEVER).argmax(), gain.shape)
        more = _between(tried, found, int(side), int(room))
        if more is None:
            break
        tried.put(np.array([more]))
    found = tried.by_side()
    best = int(found[side, :, room].argmin())
    return Offer(
        gain=found.min(axis=1),
        doings=list(_doings(tried, found, np.where(open_, found.min(axis=1), NEVER))),
        disk=float(tried.disk[best]),
    )


def _between(tried: _Tried, found: Floats, side: int, room: int) -> float | None:
    """Find the price of disk where the gain may be least: where the lines of two prices meet."""
    at = int(found[side, :, room].argmin())
    left = tried.of.left[room]
    one = left - tried.doing(side, at, room).held.sum()
    other = at + 1 if one < 0 else at - 1
    if not one or not 0 <= other < len(tried.disk):
        return None
    two = left - tried.doing(side, other, room).held.sum()
    if one * two >= 0:
        return None
    here, there = tried.disk[at], tried.disk[other]
    rise = found[side, other, room] - found[side, at, room]
    meet = float(np.rint((rise + one * here - two * there) / (one - two)))
    lower = one * (meet - here)
    if meet in (here, there) or not min(here, there) < meet < max(here, there):
        return None
    return meet if -lower > FINE * abs(found[side, at, room]) else None


def _doings(tried: _Tried, found: Floats, gain: Floats) -> Iterator[Doing]:
    """Give the best doing of each side, and the best of all first."""
    for side in np.argsort(-gain.max(axis=1), kind="stable").tolist():
        room = int(gain[side].argmax())
        if gain[side, room] > NEVER:
            price = int(found[side, :, room].argmin())
            yield Doing(column=tried.mixed(side, price, room), side=side, room=room)
