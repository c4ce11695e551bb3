"""Room that became free is offered: to copies of diffs that are transferred, with their rebuilds.

What one rebuild saves is seldom worth the room of a large diff; what all of them save may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.views import Floats, allowed, gaps, lacking
from spareplace.lifecycle.registering.worth import Price, uses

MOST_DIFFS = 8
"""One registration offers room to so many diffs, those that are transferred most."""

MOST_GUESTS = 100
"""Of the VMs that transfer a diff, so many are asked."""

Places = NDArray[np.intp]


def gather(books: Books, servers: Iterable[int], price: Price) -> None:
    """Store copies of diffs on servers with more room than before, where rebuilds gather for them.

    In each failure the rebuild goes there that saves most; nothing that is stored moves, and no
    failure transfers more than before. How much is tried is counted, not timed.

    Parameters
    ----------
    books
        What stands; it is changed.
    servers
        Those on which room became free.
    price
        What room is worth.
    """
    places = np.array([server for server in servers if books.site.keeps[server]], dtype=np.intp)
    if places.size:
        for row in _wanted(books, places, price)[:MOST_DIFFS]:
            bring(books, row, places, price)


def _wanted(books: Books, places: Places, price: Price) -> list[int]:
    """Give the diffs that may be worth their room on one of some servers, the costliest first."""
    least = price.chance * books.site.whole
    rows: list[int] = []
    at: list[int] = []
    parts: list[float] = []
    for row in books.row.values():
        serves = books.serves[row]
        if serves and sum(serves.values()) > least:
            for server, weight in serves.items():
                rows.append(row)
                at.append(server)
                parts.append(float(weight))
    if not rows:
        return []
    sent = np.bincount(rows, weights=np.array(parts) * books.missing[rows, at])
    found = np.flatnonzero(sent)
    missing = books.missing[found][:, places]
    can = (missing > 0) & np.asarray(missing <= books.worst[places], dtype=bool)
    can &= sent[found, None] > least * missing
    found = found[can.any(axis=1)]
    order: list[int] = found[np.argsort(-sent[found], kind="stable")].tolist()
    return order


def bring(books: Books, row: int, places: Places, price: Price) -> None:
    """Store a diff where that saves most, if it is worth its room there; rebuilds go to it.

    Parameters
    ----------
    books
        What stands; it is changed.
    row
        The diff.
    places
        The servers to choose from.
    price
        What room is worth.
    """
    asking = _asking(books, row)
    failures = sorted({failure for some in asking.values() for failure in some})
    position = {failure: at for at, failure in enumerate(failures)}
    gain = np.zeros((len(asking), len(failures), len(places)))
    for number, (name, some) in enumerate(asking.items()):
        own = _gains(books, books.guests[name], row, some, places)
        gain[number, [position[failure] for failure in some]] = own
    missing = books.missing[row, places]
    saved = uses(books, row)[places] * missing
    saved += books.site.chance[failures] @ gain.max(axis=0, initial=0.0)
    left = books.worst[places] - missing
    pays = (missing > 0) & price.pays(saved / np.maximum(missing, 1), left)
    if not pays.any():
        return
    best = int(np.where(pays, saved, -1.0).argmax())
    server = int(places[best])
    books.keep(row, server, gaps(books, row, server))
    names = list(asking)
    for failure, of_each in zip(failures, gain[:, :, best].T, strict=True):
        if of_each.any():
            name = names[int(of_each.argmax())]
            books.take(name, failure)
            books.place(name, failure, server)


def _asking(books: Books, row: int) -> dict[str, list[int]]:
    """Give the VMs that transfer a diff, each with the failures in which it does."""
    found: dict[str, list[int]] = {}
    missing = books.missing[row]
    for failure in sorted(books.asked[row]):
        there = books.users.get((failure, row), {}) if books.site.parts[failure] else {}
        for server in sorted(there):
            if missing[server]:
                for name in books.rebuilt[failure][server]:
                    if row in books.guests[name].chain:
                        found.setdefault(name, []).append(failure)
    return dict(list(found.items())[:MOST_GUESTS])


def _gains(books: Books, guest: Guest, row: int, failures: Sequence[int], places: Places) -> Floats:
    """Tell what a VM saves on servers that store one diff more, shape (failures, servers)."""
    at = [guest.targets[failure] for failure in failures]
    own = [
        sum(
            int(books.missing[each, server])
            for each in guest.chain
            if books.users[failure, each][server] == 1
        )
        for failure, server in zip(failures, at, strict=True)
    ]
    there = sum(
        (
            bytes_sent[:, places]
            for each, bytes_sent in zip(guest.chain, lacking(books, guest, failures), strict=True)
            if each != row
        ),
        start=np.zeros((len(failures), len(places))),
    )
    left = books.left[failures][:, places]
    left[:, :, DISK] -= books.missing[row, places]
    fits = np.asarray(((guest.demand == 0) | (left >= guest.demand)).all(axis=2), dtype=bool)
    fits &= allowed(books, guest, failures)[:, places] & (places != np.array(at)[:, None])
    gain: Floats = np.where(fits, np.maximum(np.array(own, dtype=float)[:, None] - there, 0.0), 0.0)
    return gain
