"""Taking a registration into the books: out with what leaves, in with what comes, places for it."""

from __future__ import annotations

import numpy as np

from spareplace.amounts import DISK
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.copying import make_safe
from spareplace.lifecycle.registering.displacing import displace
from spareplace.lifecycle.registering.gathering import gather
from spareplace.lifecycle.registering.giving_way import drop_unneeded, give_way, make_way
from spareplace.lifecycle.registering.improving import improve
from spareplace.lifecycle.registering.opening import count_in, guest_of
from spareplace.lifecycle.registering.registration import Registration
from spareplace.lifecycle.registering.shortfall import refuse_too_large
from spareplace.lifecycle.registering.targeting import find_targets
from spareplace.lifecycle.registering.worth import Price


def take_in(books: Books, registration: Registration, max_pieces: int) -> None:
    """Change the books so that they hold a registration, and keep every rule.

    Parameters
    ----------
    books
        What stands, settled; it is changed.
    registration
        One that fits to it.
    max_pieces
        Into how many pieces a diff may be cut.

    Raises
    ------
    NoPlan
        If there is no room; the caller takes back what was done.
    """
    count_in(books, registration.vms)
    room = books.left[-1, :, DISK].copy()
    before, freed = _out(books, registration)
    for diff in registration.diffs:
        if diff.name not in books.diffs:
            books.enter(diff)
    for vm in registration.vms:
        books.run(guest_of(books, vm))
    price = Price.of(books)
    arriving = [vm.name for vm in registration.vms]
    homes = {books.guests[name].home for name in arriving}
    drop_unneeded(books, freed)
    unsafe = give_way(books, homes)
    make_way(books, homes)
    waiting = {name: list(books.guests[name].failures) for name in arriving}
    for (name, failure), server in displace(books, homes).items():
        waiting.setdefault(name, []).append(failure)
        before.setdefault(name, {})[failure] = server
    for name in waiting:
        refuse_too_large(books, books.guests[name])
    for row in sorted(unsafe):
        make_safe(books, row, list(books.asked[row]), max_pieces, arriving[0])
    for name in sorted(waiting, key=lambda name: _order(books, name)):
        guest = books.guests[name]
        find_targets(books, guest, waiting[name], before.get(name, {}), price)
        for row in guest.chain:
            make_safe(books, row, guest.failures, max_pieces, name)
    gather(books, np.flatnonzero(books.left[-1, :, DISK] > room).tolist(), price)
    improve(books, freed, price)


def _out(
    books: Books, registration: Registration
) -> tuple[dict[str, dict[int, int]], dict[int, set[int]]]:
    """Take out what leaves or is replaced.

    Give the targets that the VMs had, by failure, and the diffs that they needed, each with the
    servers on which they were rebuilt.
    """
    before: dict[str, dict[int, int]] = {}
    freed: dict[int, set[int]] = {}
    coming = [vm.name for vm in registration.vms if vm.name in books.guests]
    for name in (*registration.leaving_vms, *coming):
        guest = books.guests[name]
        before[name] = {failure: books.take(name, failure) for failure in list(guest.targets)}
        for row in guest.chain:
            freed.setdefault(row, set()).update(before[name].values())
        books.stop(name)
    for name in registration.leaving_diffs:
        row = books.row[name]
        freed.pop(row, None)
        for server in list(books.kept[row]):
            books.put(row, server, ())
        books.leave(name)
    return before, freed


def _order(books: Books, name: str) -> tuple[int, float, str]:
    """Higher priorities first, then the VMs that are hardest to place."""
    guest = books.guests[name]
    capacity = books.capacity.max(axis=0)
    share = max(
        (float(need) / float(has) for need, has in zip(guest.demand, capacity, strict=True) if has),
        default=0.0,
    )
    return (-guest.vm.priority, -share, name)
