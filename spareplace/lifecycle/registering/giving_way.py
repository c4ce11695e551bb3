"""What is stored gives way where nobody needs it, or where the VMs that run take its room."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from spareplace.amounts import DISK
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.ranges import bytes_of
from spareplace.lifecycle.registering.views import unsafe
from spareplace.lifecycle.registering.worth import uses_at
from spareplace.units import LARGEST

CHEAP = 0.25
"""A copy goes rather than the rebuilds beside it if it is used in fewer of their failures."""


def drop_unneeded(books: Books, rows: Iterable[int]) -> None:
    """Store no more of diffs that no VM needs in any failure.

    Parameters
    ----------
    books
        What stands; it is changed.
    rows
        The diffs that may have lost their last VM.
    """
    for row in sorted(rows):
        if not books.asked[row]:
            for server in list(books.kept[row]):
                books.put(row, server, ())


def give_way(books: Books, homes: Iterable[int]) -> set[int]:
    """Drop extents on servers where the VMs that run leave too little room for them.

    Those that others hold as well go first, and of these what costs least expected transfer for
    each byte that is lacking. What does not survive without them has to be made safe again.

    Parameters
    ----------
    books
        What stands; it is changed.
    homes
        The servers on which VMs arrived or changed.

    Returns
    -------
    set
        The diffs that have to be made safe again.
    """
    alone: set[int] = set()
    for server in sorted(homes):
        while books.left[-1, server, DISK] < 0 and books.stored[server]:
            lacking = int(-books.left[-1, server, DISK])
            row = min(
                _stored_at(books, server), key=lambda row: _price(books, row, server, lacking)
            )
            books.put(row, server, ())
            if unsafe(books, row, list(books.asked[row])):
                alone.add(row)
    return alone


def make_way(books: Books, homes: Iterable[int]) -> None:
    """Drop copies on servers where the VMs that run leave too little room for the rebuilds.

    Those that others hold as well, and that are used in so few failures that to lack them there
    is less than to be rebuilt elsewhere in all those in which the room is short.

    Parameters
    ----------
    books
        What stands; it is changed.
    homes
        The servers on which VMs arrived or changed.
    """
    for server in sorted(homes):
        while (short := np.flatnonzero(books.left[:-1, server, DISK] < 0)).size:
            lacking = int(-books.left[short, server, DISK].min())
            most = CHEAP * float(books.site.chance[short].sum())
            cheap = [
                row
                for row in _stored_at(books, server)
                if uses_at(books, row, server) < most and not alone(books, row, server)
            ]
            if not cheap:
                break
            books.put(min(cheap, key=lambda row: _price(books, row, server, lacking)), server, ())


def free_up(
    books: Books, server: int, needed: int, *, failure: int | None = None, apart: int = -1
) -> bool:
    """Drop extents that are held elsewhere, too, until there is enough room on a server.

    Parameters
    ----------
    books
        What stands; it is changed only if there is enough room then.
    server
        Where room is lacking.
    needed
        The bytes that are to be free.
    failure
        When; ``None`` for always.
    apart
        A diff that stays.

    Returns
    -------
    bool
        Whether there is enough room now.
    """
    mark = books.mark()
    rows = [row for row in _stored_at(books, server) if row != apart]
    order = sorted(rows, key=lambda row: _price(books, row, server))
    for row in order:
        if _room(books, server, failure) >= needed:
            return True
        if not alone(books, row, server):
            books.put(row, server, ())
    if _room(books, server, failure) >= needed:
        return True
    books.undo(mark)
    return False


def _room(books: Books, server: int, failure: int | None) -> int:
    return int(books.worst[server] if failure is None else books.left[failure, server, DISK])


def _stored_at(books: Books, server: int) -> list[int]:
    return sorted(books.held[server], key=books.age.__getitem__)


def _price(books: Books, row: int, server: int, lacking: int = LARGEST) -> tuple[bool, float]:
    """Tell what it costs to store no more of a diff on a server, for each byte that is lacking."""
    size = bytes_of(books.kept[row][server])
    saved = uses_at(books, row, server)
    return (alone(books, row, server), saved * size / min(size, lacking))


def alone(books: Books, row: int, server: int) -> bool:
    """Tell whether a diff would not survive some failure without what a server stores of it."""
    if server in books.resident[row]:
        return False
    gone, missing = books.site.gone, books.missing[row]
    others = [at for at in (*books.kept[row], *books.resident[row]) if at != server]
    whole = [at for at in others if not missing[at]]
    lost = [failure for failure in books.asked[row] if gone[failure].issuperset(whole)]
    if not lost or len(whole) == len(others):
        return bool(lost)
    mark = books.mark()
    books.put(row, server, ())
    needed = bool(unsafe(books, row, lost))
    books.undo(mark)
    return needed
