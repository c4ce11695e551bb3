"""What the books say of a choice to come, for all servers at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.amounts import DISK, Amounts
from spareplace.holding import Span, missing_from
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest

Floats = NDArray[np.float64]


def allowed(books: Books, guest: Guest, failures: Sequence[int]) -> Flags:
    """Tell on which servers rules 4 and 5 allow a rebuild, shape (failures, servers)."""
    found = guest.may & ~books.site.down[failures]
    for group in guest.vm.groups:
        found[:, list(books.beside.get(group, ()))] = False
        for at, failure in enumerate(failures):
            found[at, list(books.taken.get((failure, group), ()))] = False
    return found


def fits(books: Books, guest: Guest, failures: Sequence[int]) -> Flags:
    """Tell on which servers there is room for a rebuild, shape (failures, servers)."""
    room = (guest.demand == 0) | (books.left[failures] >= guest.demand)
    return np.asarray(room.all(axis=2), dtype=bool)


def lacking(books: Books, guest: Guest, failures: Sequence[int]) -> list[Floats]:
    """Give, for each diff of a chain, what a rebuild would transfer, each (failures, servers)."""
    found = []
    for row in guest.chain:
        bytes_sent = np.empty((len(failures), books.missing.shape[1]))
        bytes_sent[:] = books.missing[row]
        for at, failure in enumerate(failures):
            there = books.users.get((failure, row))
            if there:
                bytes_sent[at, list(there)] = 0.0
        found.append(bytes_sent)
    return found


def room_beside(books: Books, guest: Guest, failures: Sequence[int], where: Flags) -> Amounts:
    """Give the bytes that each server can store beside a rebuild there, shape (servers,)."""
    if not guest.demand[DISK]:
        return books.worst.copy()
    left = books.left[failures, :, DISK] - guest.demand[DISK]
    least: Amounts = np.where(where, left, books.worst).min(axis=0)
    return np.minimum(books.worst, least)


def share_left(books: Books, guest: Guest, failures: Sequence[int], stored: Amounts) -> Floats:
    """Give the least share of a resource that a rebuild leaves, and extents, shape (servers,)."""
    left = (books.left[failures].min(axis=0) - guest.demand).astype(np.float64)
    left[:, DISK] = np.minimum(left[:, DISK], books.worst.astype(np.float64)) - stored
    capacity = books.capacity.astype(np.float64)
    share = np.divide(left, capacity, out=np.ones(left.shape), where=capacity > 0)
    return np.asarray(share.min(axis=1))


def gaps(books: Books, row: int, server: int) -> list[Span]:
    """Give the ranges of a diff that a server does not hold."""
    if server in books.resident[row]:
        return []
    return missing_from(books.size(row), books.kept[row].get(server, ()))


def unsafe(books: Books, row: int, failures: Sequence[int]) -> list[int]:
    """Give the failures that some byte of a diff does not survive."""
    missing, parts, gone = books.missing[row], books.kept[row], books.site.gone
    whole = {at for at in (*parts, *books.resident[row]) if not missing[at]}
    lost = [failure for failure in failures if gone[failure].issuperset(whole)]
    if len(parts) < 2:
        return lost
    return [failure for failure in lost if not _covered(books, row, failure)]


def _covered(books: Books, row: int, failure: int) -> bool:
    gone = books.site.gone[failure]
    reached = 0
    for start, stop in sorted(
        span for at, spans in books.kept[row].items() if at not in gone for span in spans
    ):
        if start > reached:
            return False
        reached = max(reached, stop)
    return reached >= books.size(row)
