"""Room for a VM where there is none: needless copies go, or another VM is rebuilt elsewhere."""

from __future__ import annotations

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import DISK, Amounts
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.giving_way import free_up
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.views import allowed, fits, lacking


def make_room(books: Books, guest: Guest, failure: int, may: Flags) -> bool:
    """Drop copies that others hold as well so that a VM fits somewhere; tell whether that is done.

    Parameters
    ----------
    books
        What stands; it is changed.
    guest, failure
        Who has no room when.
    may
        The servers that it is allowed on, shape (servers,).
    """
    left = books.left[failure]
    others = np.delete(left, DISK, axis=1) >= np.delete(guest.demand, DISK)
    fit = may & (others | (np.delete(guest.demand, DISK) == 0)).all(axis=1).astype(bool)
    servers = np.flatnonzero(fit)
    nearest = servers[np.argsort(-left[servers, DISK], kind="stable")]
    need = int(guest.demand[DISK])
    return any(free_up(books, server, need, failure=failure) for server in nearest.tolist())


def step_aside(books: Books, guest: Guest, failure: int, may: Flags) -> bool:
    """Move one other rebuild of a failure away so that a VM fits; tell whether that is done.

    Of all rebuilds that can make room, the one that then transfers least.

    Parameters
    ----------
    books
        What stands; it is changed.
    guest, failure
        Who has no room when.
    may
        The servers that it is allowed on, shape (servers,).
    """
    best: tuple[float, str, int] | None = None
    for server in np.flatnonzero(may).tolist():
        left = books.left[failure, server]
        for name in books.rebuilt[failure].get(server, ()):
            other = books.guests[name]
            if name != guest.vm.name and _enough(left + other.demand, guest.demand):
                found = _elsewhere(books, other, failure)
                if found is not None and (best is None or found[0] < best[0]):
                    best = (found[0], name, found[1])
    if best is None:
        return False
    books.take(best[1], failure)
    books.place(best[1], failure, best[2])
    return True


def _enough(left: Amounts, demand: Amounts) -> bool:
    return bool(((demand == 0) | (left >= demand)).all())


def _elsewhere(books: Books, other: Guest, failure: int) -> tuple[float, int] | None:
    """Give what a VM transfers elsewhere at least, and where, if it fits anywhere."""
    where = allowed(books, other, [failure])[0] & fits(books, other, [failure])[0]
    where[other.targets[failure]] = False
    if not where.any():
        return None
    cost = sum(lacking(books, other, [failure]), start=np.zeros((1, len(where))))[0]
    cost[~where] = np.inf
    return float(cost.min()), int(cost.argmin())
