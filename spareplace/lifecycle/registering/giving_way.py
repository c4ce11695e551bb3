"""What is stored gives way where nobody needs it, or where the VMs that run take its room."""

from __future__ import annotations

from collections.abc import Iterable

from spareplace.amounts import DISK
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.ranges import bytes_of
from spareplace.lifecycle.registering.views import unsafe
from spareplace.units import LARGEST


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
        if not _alone(books, row, server):
            books.put(row, server, ())
    if _room(books, server, failure) >= needed:
        return True
    books.undo(mark)
    return False


def _room(books: Books, server: int, failure: int | None) -> int:
    return int(books.worst[server] if failure is None else books.left[failure, server, DISK])


def _stored_at(books: Books, server: int) -> list[int]:
    return [row for row in books.row.values() if server in books.kept[row]]


def _price(books: Books, row: int, server: int, lacking: int = LARGEST) -> tuple[bool, float]:
    """Tell what it costs to store no more of a diff on a server, for each byte that is lacking."""
    size = bytes_of(books.kept[row][server])
    saved = sum(
        float(books.site.chance[failure])
        for failure in books.asked[row]
        if server in books.users.get((failure, row), ())
    )
    return (_alone(books, row, server), saved * size / min(size, lacking))


def _alone(books: Books, row: int, server: int) -> bool:
    """Tell whether a diff would not survive some failure without what a server stores of it."""
    mark = books.mark()
    books.put(row, server, ())
    alone = bool(unsafe(books, row, list(books.asked[row])))
    books.undo(mark)
    return alone


def left_short(books: Books) -> list[tuple[str, int]]:
    """Give the rebuilds that lack something because extents on their target gave way.

    Each as the name of a VM and a failure.
    """
    found: dict[tuple[str, int], None] = {}
    for (row, server), before in books.kept_before.items():
        if bytes_of(before) > bytes_of(books.kept[row].get(server, ())):
            for failure in books.asked[row]:
                if server in books.users.get((failure, row), ()):
                    for name in books.rebuilt[server][failure]:
                        if row in books.guests[name].chain:
                            found[name, failure] = None
    return list(found)
