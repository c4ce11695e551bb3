"""Rebuilds that no longer fit because of the VMs that run there now."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import DISK, Amounts
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest

Pair = tuple[str, int]
"""The name of a VM, and a failure."""


def displace(books: Books, homes: Iterable[int]) -> dict[Pair, int]:
    """Take off their targets the VMs whose rebuilds no longer keep the rules on some servers.

    Parameters
    ----------
    books
        What stands; it is changed.
    homes
        The servers on which VMs arrived or changed.

    Returns
    -------
    dict
        The VMs without a target now, each with the failure, and the target that it had.
    """
    displaced: dict[Pair, int] = {}
    for server in sorted(homes):
        for find in (_beside_their_group, _without_room):
            for pair in find(books, server):
                displaced[pair] = books.take(*pair)
    return displaced


def _beside_their_group(books: Books, server: int) -> list[Pair]:
    """Find rebuilds on a server where a VM of the same group runs now."""
    here = {group for group, counts in books.beside.items() if server in counts}
    return [
        (name, failure)
        for failure, there in enumerate(books.rebuilt)
        for name in there.get(server, ())
        if not here.isdisjoint(books.guests[name].vm.groups)
    ]


def _without_room(books: Books, server: int) -> list[Pair]:
    """Choose, in each failure, rebuilds to go until the others fit."""
    found = []
    short = np.flatnonzero(np.asarray((books.left[:-1, server] < 0).any(axis=1), dtype=bool))
    for failure in short.tolist():
        there = [books.guests[name] for name in books.rebuilt[failure].get(server, ())]
        left = books.left[failure, server].copy()
        while True:
            need = np.sum([guest.demand for guest in there], axis=0) if there else left * 0
            lacking = (left < 0) & (need > 0)
            if not lacking.any():
                break
            gone = min(there, key=lambda guest: _order(guest, left, lacking))
            left += gone.demand
            there.remove(gone)
            found.append((gone.vm.name, failure))
    return found


def _order(guest: Guest, left: Amounts, lacking: Flags) -> tuple[bool, int, str]:
    """Prefer one that makes all the room that is needed; of these the smallest."""
    after = left + guest.demand
    enough = bool((after >= 0)[lacking].all())
    return (not enough, int(guest.demand[DISK]) * (1 if enough else -1), guest.vm.name)
