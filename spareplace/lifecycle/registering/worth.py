"""What a copy saves, and what the room that it takes is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.views import Floats

SCARCE = 0.25
"""Room is short where the servers have less than this part of the largest VM free on average."""

DEAR = 1.5
"""Where room is short, a copy has to save in more failures of the mean weight than this."""

MOST_DEAR = 0.1
"""A copy that saves in a larger part of all weights than this is always worth its room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What room is worth.

    Where room is short, a copy that serves a single failure is not worth room in which the next
    VM could be rebuilt: without it that VM goes, in each failure that loses one of its size,
    where its diffs are not.

    Parameters
    ----------
    room
        The bytes that have to be left beside a copy for its room to cost nothing.
    chance
        Where less is left, the failures in which a copy saves have to weigh more than this.
    """

    room: int
    chance: float

    @staticmethod
    def of(books: Books) -> Price:
        """Take it from what stands."""
        largest = books.largest
        if sum(books.worst.tolist()) >= SCARCE * largest * len(books.worst):
            return Price(room=0, chance=0.0)
        some = books.site.chance[books.site.chance > 0]
        each, all_of_them = DEAR / max(some.size, 1), float(some.sum())
        return Price(room=largest, chance=min(each, MOST_DEAR) * all_of_them)

    def pays(self, saves: Floats, left: Amounts) -> Flags:
        """Tell which copies are worth their room.

        Parameters
        ----------
        saves
            The weights of the failures in which each is used, summed up.
        left
            The bytes that each leaves free on its server.
        """
        enough = (left >= self.room) & (saves > 0) | (left >= 0) & (saves > self.chance)
        return np.asarray(enough, dtype=bool)

    def pays_at(self, saves: float, left: int) -> bool:
        """Tell the same of one copy."""
        return (left >= self.room and saves > 0) or (left >= 0 and saves > self.chance)


def uses(books: Books, row: int) -> Floats:
    """Sum up the weights of the failures in which each server would use a diff, by server."""
    found = np.zeros(len(books.site.servers))
    for server, parts in books.serves[row].items():
        found[server] = parts / books.site.whole
    return found


def uses_at(books: Books, row: int, server: int) -> float:
    """Sum up the weights of the failures in which one server would use a diff."""
    return books.serves[row].get(server, 0) / books.site.whole
