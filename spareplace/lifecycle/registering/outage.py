"""One failure in arrays: whom it moves where, and what changes if one goes elsewhere."""

from __future__ import annotations

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
        guests = [books.guests[name] for there in books.rebuilt for name in there.get(failure, ())]
        rows = list(dict.fromkeys(row for guest in guests for row in guest.chain))
        place = {row: at for at, row in enumerate(rows)}
        needs = np.zeros((len(guests), len(rows)))
        for number, guest in enumerate(guests):
            needs[number, [place[row] for row in guest.chain]] = 1.0
        at = np.array([guest.targets[failure] for guest in guests], dtype=np.intp)
        users = np.zeros((len(rows), len(books.site.servers)))
        np.add.at(users.T, at, needs)
        missing = books.missing[rows].astype(np.float64)
        if not missing[users > 0].any():
            return None
        return Outage(
            books=books,
            failure=failure,
            guests=guests,
            at=at,
            demand=np.array([guest.demand for guest in guests]),
            may=np.array([_may(books, guest, failure) for guest in guests]),
            needs=needs,
            missing=missing,
            users=users,
        )

    def saved(self) -> Floats:
        """Give what would not be transferred without each guest, shape (guests,)."""
        alone = self.missing * (self.users == 1)
        saved: Floats = (self.needs * alone[:, self.at].T).sum(axis=1)
        return saved

    def better(self) -> list[tuple[int, int]]:
        """Find the change that lowers the transfer most: one guest moves, or two change places.

        Returns
        -------
        list
            Pairs of a guest and the server that it goes to; empty if no such change helps.
        """
        saved = self.saved()
        costly = np.flatnonzero(saved > 0)
        costly = costly[np.argsort(-saved[costly], kind="stable")][:MOST_COMPARED]
        if not costly.size:
            return []
        lacking = self.missing * (self.users == 0)
        one, one_change = self._moving(costly, saved, lacking)
        two, two_change = self._swapping(costly, saved, lacking)
        if min(one_change, two_change) >= 0:
            return []
        if one_change <= two_change:
            return [one]
        first, second = two
        return [(first, int(self.at[second])), (second, int(self.at[first]))]

    def _moving(
        self, costly: NDArray[np.intp], saved: Floats, lacking: Floats
    ) -> tuple[tuple[int, int], float]:
        left, demand = self.books.left[self.failure], self.demand[costly, None, :]
        fits = ((demand == 0) | (left[None, :, :] >= demand)).all(axis=2)
        change = np.where(
            fits.astype(bool) & self.may[costly],
            self.needs[costly] @ lacking - saved[costly, None],
            np.inf,
        )
        change[np.arange(len(costly)), self.at[costly]] = np.inf
        guest, server = divmod(int(change.argmin()), change.shape[1])
        return (int(costly[guest]), server), float(change[guest, server])

    def _swapping(
        self, costly: NDArray[np.intp], saved: Floats, lacking: Floats
    ) -> tuple[tuple[int, int], float]:
        at, here = self.at, self.at[costly]
        left = self.books.left[self.failure]
        more = self.demand[costly, None, :] - self.demand[None, :, :]
        there_fits = ((more <= 0) | (left[at][None, :, :] >= more)).all(axis=2)
        here_fits = ((more >= 0) | (left[here][:, None, :] >= -more)).all(axis=2)
        fits = (there_fits & here_fits).astype(bool)
        fits &= self.may[costly][:, at] & self.may[:, here].T & (at[None, :] != here[:, None])
        change = self.needs[costly] @ lacking[:, at] + (self.needs @ lacking[:, here]).T
        change -= saved[costly, None] + saved[None, :]
        # What both need, and only the one that goes needed so far, is transferred as before.
        alone = self.missing * (self.users == 1)
        change += self.needs[costly] @ (alone[:, at] * self.needs.T)
        change += (self.needs @ (alone[:, here] * self.needs[costly].T)).T
        change = np.where(fits, change, np.inf)
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
            for number, other in enumerate(self.guests):
                if other.vm.groups:
                    self.may[number] = _may(self.books, other, self.failure)


def _may(books: Books, guest: Guest, failure: int) -> Flags:
    if guest.vm.groups:
        return np.asarray(allowed(books, guest, [failure])[0])
    return np.asarray(guest.may & ~books.site.down[failure])
