"""One failure in arrays: whom it moves where, and what changes if one goes elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.views import Floats, allowed

MOST_COMPARED = 32
"""Of the rebuilds that transfer something, so many are compared at once, the costliest."""


@dataclass(slots=True, kw_only=True, eq=False)
class Outage:
    """The rebuilds of one failure.

    Parameters
    ----------
    books, failure
        What stands, and which failure.
    guests
        Those that are rebuilt in it, in the order of the servers.
    at
        The servers on which they are, shape (guests,).
    demand
        What they take, shape (guests, resources).
    may
        Where rules 4 and 5 allow them, shape (guests, servers).
    needs
        1 where a guest needs a diff, shape (guests, diffs).
    missing
        The bytes of each of those diffs that each server lacks, shape (diffs, servers).
    users
        How many of the guests on a server need a diff, shape (diffs, servers).
    """

    books: Books
    failure: int
    guests: list[Guest]
    at: NDArray[np.intp]
    demand: Amounts
    may: Flags
    needs: Floats
    missing: Floats
    users: Floats

    @staticmethod
    def of(books: Books, failure: int) -> Outage | None:
        """Lay out a failure; ``None`` if nothing is transferred in it."""
        there = sorted(books.rebuilt[failure].items())
        guests = [books.guests[name] for _, names in there for name in names]
        at = [guest.targets[failure] for guest in guests]
        chains = [(number, row) for number, guest in enumerate(guests) for row in guest.chain]
        if not any(books.missing[row, at[number]] for number, row in chains):
            return None
        place: dict[int, int] = {}
        needed = [place.setdefault(row, len(place)) for _, row in chains]
        asking = [number for number, _ in chains]
        needs = np.zeros((len(guests), len(place)))
        needs[asking, needed] = 1.0
        users = np.zeros((len(place), len(books.site.servers)))
        np.add.at(users, (needed, [at[number] for number in asking]), 1.0)
        return Outage(
            books=books,
            failure=failure,
            guests=guests,
            at=np.array(at, dtype=np.intp),
            demand=np.array([guest.demand for guest in guests]),
            may=_may(books, guests, failure),
            needs=needs,
            missing=books.missing[list(place)].astype(np.float64),
            users=users,
        )

    def own(self) -> Floats:
        """Give what is transferred for each guest alone, by diff, shape (guests, diffs)."""
        alone = self.missing * (self.users == 1)
        own: Floats = self.needs * alone[:, self.at].T
        return own

    def better(self) -> list[tuple[int, int]]:
        """Find the change that lowers the transfer most: one guest moves, or two change places.

        Returns
        -------
        list
            Pairs of a guest and the server that it goes to; empty if no such change helps.
        """
        own = self.own()
        saved = own.sum(axis=1)
        costly = np.flatnonzero(saved > 0)
        costly = costly[np.argsort(-saved[costly], kind="stable")][:MOST_COMPARED]
        if not costly.size:
            return []
        lacking = self.missing * (self.users == 0)
        one, one_change = self._moving(costly, saved, lacking)
        two, two_change = self._swapping(costly, own, lacking)
        if min(one_change, two_change) >= 0:
            return []
        if one_change <= two_change:
            return [one]
        first, second = two
        return [(first, int(self.at[second])), (second, int(self.at[first]))]

    def _moving(
        self, costly: NDArray[np.intp], saved: Floats, lacking: Floats
    ) -> tuple[tuple[int, int], float]:
        left = self.books.left[self.failure]
        fits = _hold(left.T[:, None, :], self.demand.T[:, costly, None])
        change = np.where(
            fits & self.may[costly],
            self.needs[costly] @ lacking - saved[costly, None],
            np.inf,
        )
        change[np.arange(len(costly)), self.at[costly]] = np.inf
        guest, server = divmod(int(change.argmin()), change.shape[1])
        return (int(costly[guest]), server), float(change[guest, server])

    def _swapping(
        self, costly: NDArray[np.intp], own: Floats, lacking: Floats
    ) -> tuple[tuple[int, int], float]:
        at, here = self.at, self.at[costly]
        left = self.books.left[self.failure]
        takes, has = self.demand.T, left.T
        more = takes[:, costly, None] - takes[:, None, :]
        fits = _hold(has[:, None, at], more) & _hold(has[:, here, None], -more)
        fits &= self.may[costly][:, at] & self.may[:, here].T & (at[None, :] != here[:, None])
        # What both need, and only the one that goes needed so far, is transferred as before.
        change = self.needs[costly] @ (lacking[:, at] + own.T)
        change += (lacking[:, here].T + own[costly]) @ self.needs.T
        saved = own.sum(axis=1)
        change = np.where(fits, change - saved[costly, None] - saved, np.inf)
        first, second = divmod(int(change.argmin()), change.shape[1])
        return (int(costly[first]), second), float(change[first, second])

    def move(self, changes: list[tuple[int, int]]) -> None:
        """Let guests go to other servers, in the books, too."""
        for guest, _ in changes:
            self.books.take(self.guests[guest].vm.name, self.failure)
        for guest, server in changes:
            self.books.place(self.guests[guest].vm.name, self.failure, server)
            self.users[:, self.at[guest]] -= self.needs[guest]
            self.users[:, server] += self.needs[guest]
            self.at[guest] = server
        if any(self.guests[guest].vm.groups for guest, _ in changes):
            self.may = _may(self.books, self.guests, self.failure)


def _hold(has: Amounts, takes: Amounts) -> Flags:
    """Tell where there is room for what is taken; what is given back needs none.

    The resources come first: so few of them are quicker to go through side by side.
    """
    return np.asarray(((takes <= 0) | (has >= takes)).all(axis=0), dtype=bool)


def _may(books: Books, guests: Sequence[Guest], failure: int) -> Flags:
    may: Flags = np.array([guest.may for guest in guests]) & ~books.site.down[failure]
    for number, guest in enumerate(guests):
        if guest.vm.groups:
            may[number] = allowed(books, guest, [failure])[0]
    return may
