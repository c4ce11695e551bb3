"""What is short when something finds no room: which resource, where, in which failure."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from spareplace.amounts import DISK
from spareplace.errors import NoPlan, Shortage
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.views import allowed

ADVICE = "replan: a new plan may move what is stored and rebuilt"


def refusal(shortage: Shortage) -> NoPlan:
    """Say that a registration finds no room while all that stands stays where it is."""
    return NoPlan(f"nothing was registered: {shortage}", ADVICE)


def no_target(books: Books, guest: Guest, failure: int) -> NoPlan:
    """Say what a VM lacks in a failure, on the server that comes nearest, if any may take it."""
    site = books.site
    may = allowed(books, guest, [failure])[0]
    servers = np.flatnonzero(may)
    name, names = site.failures[failure].name, (guest.vm.name,)
    if not servers.size:
        return refusal(
            Shortage(
                failure=name,
                server=None,
                resource=_blocking_rule(books, guest, failure),
                needed=Decimal(1),
                available=Decimal(0),
                vms=names,
            )
        )
    # Exact: it may lack less than a float can tell.
    short = np.maximum(guest.demand - books.left[failure, servers], 0) * (guest.demand > 0)
    scale = np.maximum(books.capacity.astype(np.float64).max(axis=0), 1.0)
    lack = short.astype(np.float64) / scale
    nearest = int(lack.sum(axis=1).argmin())
    server, resource = int(servers[nearest]), int(lack[nearest].argmax())
    return refusal(
        _short(books, name, server, resource, int(guest.demand[resource]),
               int(books.left[failure, server, resource]), names)
    )  # fmt: skip


def no_copy(books: Books, row: int, failure: int, asking: str) -> NoPlan:
    """Say that no server has room for a copy of a diff that has to survive a failure."""
    site = books.site
    up = np.flatnonzero(site.keeps & ~site.down[failure])
    name = site.failures[failure].name
    diff = books.names[row]
    if not up.size:
        reason = (
            f"nothing was registered: failure {name!r}: no surviving server accepts extents, and "
            f"diff {diff!r}, which VM {asking!r} needs, has to be stored on one"
        )
        return NoPlan(reason, ADVICE)
    lack = (books.missing[row, up] - books.worst[up]).astype(np.float64)
    server = int(up[lack.argmin()])
    short = _short(books, name, server, DISK, int(books.missing[row, server]),
                   int(books.worst[server]), (asking,))  # fmt: skip
    return NoPlan(f"nothing was registered: a copy of diff {diff!r}: {short}", ADVICE)


def _short(
    books: Books,
    failure: str | None,
    server: int,
    resource: int,
    needed: int,
    available: int,
    vms: tuple[str, ...],
) -> Shortage:
    return Shortage(
        failure=failure,
        server=books.site.servers[server].name,
        resource=books.site.resources[resource],
        needed=books.units.amount(resource, needed),
        available=books.units.amount(resource, available),
        vms=vms,
    )


def _blocking_rule(books: Books, guest: Guest, failure: int) -> str:
    up = ~books.site.down[failure]
    if not up.any():
        return "survivors"
    if not (up & books.site.takes).any():
        return "servers that accept rebuilds"
    return "anti-affinity" if (up & guest.may).any() else "allowed servers"
