"""Where a VM is rebuilt: where its chain lies or has room, for all its failures together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.shortfall import no_target
from spareplace.lifecycle.registering.stepping_aside import make_room, step_aside
from spareplace.lifecycle.registering.views import (
    Floats,
    allowed,
    fits,
    gaps,
    lacking,
    room_beside,
    share_left,
    unsafe,
)

LEAST_CHANCE = 1e-12
"""What a failure counts at least beside the heaviest: of two ways for nothing, the shorter."""


def find_targets(
    books: Books, guest: Guest, failures: Sequence[int], before: Mapping[int, int]
) -> None:
    """Give a VM a target in each of some failures, and store there what would not survive.

    One server after the other is taken, the one that serves most failures at the least expected
    transfer; of equals one that was the target before, or else the one with most room.

    Parameters
    ----------
    books
        What stands; it is changed.
    guest, failures
        Who is rebuilt when; it has no targets there yet.
    before
        Its targets until now, by failure.

    Raises
    ------
    NoPlan
        If there is no room in some failure.
    """
    rest = list(failures)
    while rest:
        may = allowed(books, guest, rest)
        where = may & fits(books, guest, rest)
        stuck = np.flatnonzero(~where.any(axis=1))
        if stuck.size:
            failure = rest[int(stuck[0])]
            servers = may[int(stuck[0])]
            if not make_room(books, guest, failure, servers) and not step_aside(
                books, guest, failure, servers
            ):
                raise no_target(books, guest, failure)
            continue
        server = _best(books, guest, rest, where, before)
        served = [failure for at, failure in enumerate(rest) if where[at, server]]
        for failure in served:
            books.place(guest.vm.name, failure, server)
        _store_unsafe(books, guest, server)
        rest = [failure for failure in rest if failure not in set(served)]


def move_best(books: Books, guest: Guest, failure: int) -> bool:
    """Give the VM of a rebuild the target at which it costs least now; tell whether it moved."""
    here = books.take(guest.vm.name, failure)
    server = here
    where = allowed(books, guest, [failure]) & fits(books, guest, [failure])
    near, cost, _ = _costs(books, guest, [failure], where)
    if near[0, here] > 0:
        near[~where] = np.inf
        least = np.flatnonzero(near[0] <= near[0].min())
        if near[0, least[0]] < near[0, here]:
            server = int(least[cost[0, least].argmin()])
    books.place(guest.vm.name, failure, server)
    return server != here


def _best(
    books: Books,
    guest: Guest,
    failures: Sequence[int],
    where: Flags,
    before: Mapping[int, int],
) -> int:
    """Choose the server to serve as many of these failures as it can.

    Of those that transfer least once there is a copy of what fits, those that need fewest copies.
    """
    near, cost, stored = _costs(books, guest, failures, where)
    most = 2.0 * sum(books.size(row) for row in guest.chain) + 1.0
    chance = books.site.chance[failures]
    chance = np.maximum(chance, LEAST_CHANCE * max(float(books.site.chance.max()), LEAST_CHANCE))
    equals = np.flatnonzero(where.any(axis=0))
    for bytes_sent in (near, cost):
        score = chance @ np.where(where, bytes_sent, most)[:, equals]
        equals = equals[score <= score.min() * (1 + 1e-9)]
    for failure in failures:
        if before.get(failure) in equals:
            return before[failure]
    share = share_left(books, guest, failures, stored)[equals]
    return int(equals[share.argmax()])


def _costs(
    books: Books, guest: Guest, failures: Sequence[int], where: Flags
) -> tuple[Floats, Floats, Amounts]:
    """Give what is transferred, (failures, servers), if each server stores what fits there.

    Then the same if it stores only what would not survive, and the bytes that it stores in the
    first case, shape (servers,).
    """
    by_diff = lacking(books, guest, failures)
    cost = sum(by_diff, start=np.zeros((len(failures), len(books.site.servers))))
    near = cost.copy()
    room = room_beside(books, guest, failures, where)
    stored = np.zeros_like(room)
    has_to = [bool(unsafe(books, row, guest.failures)) for row in guest.chain]
    for at in sorted(range(len(has_to)), key=lambda at: not has_to[at]):
        missing = books.missing[guest.chain[at]]
        can = (books.site.keeps & (missing + stored <= room)).astype(bool)
        stored += np.where(can, missing, 0)
        gain = np.where(can, by_diff[at], 0.0)
        near -= gain
        if has_to[at]:
            cost -= gain
    return near, cost, stored


def _store_unsafe(books: Books, guest: Guest, server: int) -> None:
    """Store on a target of a VM those of its diffs that would not survive, where they fit."""
    if not books.site.keeps[server]:
        return
    for row in guest.chain:
        if books.missing[row, server] <= books.worst[server] and unsafe(books, row, guest.failures):
            books.keep(row, server, gaps(books, row, server))
