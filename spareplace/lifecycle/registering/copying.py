"""Copies of a diff that has to survive: whole where there is room, or else in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from spareplace.holding import Span
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.giving_way import free_up
from spareplace.lifecycle.registering.shortfall import no_copy
from spareplace.lifecycle.registering.views import gaps, unsafe
from spareplace.lifecycle.registering.worth import uses
from spareplace.placement import least_piece


def make_safe(
    books: Books, row: int, failures: Sequence[int], max_pieces: int, asking: str
) -> None:
    """Store copies of a diff until every byte of it survives all of these failures.

    Each goes where it survives most of those that are left, then saves most expected transfer,
    then leaves most room.

    Parameters
    ----------
    books
        What stands; it is changed.
    row
        The diff.
    failures
        Those in which it is needed.
    max_pieces
        Into how many pieces it may be cut.
    asking
        The VM that needs it, for messages.

    Raises
    ------
    NoPlan
        If there is no room.
    """
    rest = unsafe(books, row, failures)
    while rest:
        server = _keeper(books, row, rest)
        if server is not None:
            books.keep(row, server, gaps(books, row, server))
        elif not _split(books, row, rest[0], max_pieces) and not _in_place(books, row, rest[0]):
            raise no_copy(books, row, rest[0], asking)
        rest = unsafe(books, row, rest)


def _keeper(books: Books, row: int, failures: Sequence[int]) -> int | None:
    """Choose a server for what it lacks of a diff, if any that helps has room."""
    site = books.site
    missing = books.missing[row]
    helps = (~site.down[failures]).sum(axis=0)
    can = site.keeps & (helps > 0) & np.asarray(missing <= books.worst, dtype=bool)
    if not can.any():
        return None
    saves = uses(books, row) * missing
    share = (books.worst - missing).astype(np.float64) / np.maximum(
        books.capacity[:, 0].astype(np.float64), 1.0
    )
    order = np.lexsort((-share, -saves, -helps, ~can))
    return int(order[0])


def _split(books: Books, row: int, failure: int, max_pieces: int) -> bool:
    """Store a diff in pieces on servers that survive a failure; tell whether there is room."""
    for pieces in _ways_to_cut(books, row, max_pieces):
        mark = books.mark()
        if all(_store_piece(books, row, piece, failure) for piece in pieces):
            return True
        books.undo(mark)
    return False


def _in_place(books: Books, row: int, failure: int) -> bool:
    """Store what a server lacks of a diff in place of copies that others hold as well."""
    site = books.site
    short = (books.missing[row] - books.worst).astype(np.float64)
    can = site.keeps & ~site.down[failure]
    for server in np.argsort(short, kind="stable").tolist():
        if can[server] and free_up(books, server, int(books.missing[row, server]), apart=row):
            books.keep(row, server, gaps(books, row, server))
            return True
    return False


def _ways_to_cut(books: Books, row: int, max_pieces: int) -> Iterator[list[Span]]:
    """Give the pieces that a diff is cut into already, or else 2, 3, ... equal ones."""
    size = books.size(row)
    edges = {0, size} | {
        edge for spans in books.kept[row].values() for span in spans for edge in span
    }
    if len(edges) > 2:
        yield list(pairwise(sorted(edges)))
        return
    for count in range(2, max_pieces + 1):
        if size // count >= least_piece(size):
            cuts = [size * at // count for at in range(count + 1)]
            yield list(pairwise(cuts))


def _store_piece(books: Books, row: int, piece: Span, failure: int) -> bool:
    """Store a piece on the surviving server with most room, unless one holds it already."""
    site = books.site
    start, stop = piece
    up = site.keeps & ~site.down[failure]
    for server, spans in books.kept[row].items():
        if any(first <= start and stop <= last for first, last in spans):
            if not site.down[failure, server]:
                return True
            up[server] = False
    room = np.where(up, books.worst, -1)
    server = int(room.argmax())
    if room[server] < stop - start:
        return False
    books.keep(row, server, [piece])
    return True
