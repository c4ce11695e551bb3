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
from spareplace.lifecycle.registering.worth import Price, uses, uses_at

LEAST_CHANCE = 1e-12
"""What a failure counts at least beside the heaviest: of two ways for nothing, the shorter."""


def find_targets(
    books: Books,
    guest: Guest,
    failures: Sequence[int],
    before: Mapping[int, int],
    price: Price,
) -> None:
    """Give a VM a target in each of some failures, and store there what it lacks.

    Always what would not survive otherwise, the rest where that is worth its room.

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
    price
        What room is worth.

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
        server = _best(books, guest, rest, where, before, price)
        served = [failure for at, failure in enumerate(rest) if where[at, server]]
        for failure in served:
            books.place(guest.vm.name, failure, server)
        _store(books, guest, server, price)
        rest = [failure for failure in rest if failure not in set(served)]


def _best(
    books: Books,
    guest: Guest,
    failures: Sequence[int],
    where: Flags,
    before: Mapping[int, int],
    price: Price,
) -> int:
    """Choose the server to serve as many of these failures as it can.

    Of those that transfer least once there is a copy of what fits, those that need fewest copies.
    """
    near, cost, stored = _costs(books, guest, failures, where, price)
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
    books: Books, guest: Guest, failures: Sequence[int], where: Flags, price: Price
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
    here = books.site.chance[failures] @ where
    has_to = [bool(unsafe(books, row, guest.failures)) for row in guest.chain]
    for at in sorted(range(len(has_to)), key=lambda at: not has_to[at]):
        missing = books.missing[guest.chain[at]]
        can = (books.site.keeps & (missing + stored <= room)).astype(bool)
        if not has_to[at]:
            saves = uses(books, guest.chain[at]) + here
            can &= price.pays(saves, room - stored - missing)
        stored += np.where(can, missing, 0)
        gain = np.where(can, by_diff[at], 0.0)
        near -= gain
        if has_to[at]:
            cost -= gain
    return near, cost, stored


def _store(books: Books, guest: Guest, server: int, price: Price) -> None:
    """Store on a target of a VM what would not survive, where it fits, and what is worth its room.

    In the order in which the costs were counted.
    """
    if not books.site.keeps[server]:
        return
    has_to = {row: bool(unsafe(books, row, guest.failures)) for row in guest.chain}
    for row in sorted(guest.chain, key=lambda row: not has_to[row]):
        left = int(books.worst[server] - books.missing[row, server])
        saves = uses_at(books, row, server)
        if left >= 0 and (has_to[row] or price.pays_at(saves, left)):
            books.keep(row, server, gaps(books, row, server))
