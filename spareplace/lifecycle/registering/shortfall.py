"""What is short when something finds no room: which resource, where, in which failure."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.errors import NoPlan, Shortage
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.views import allowed

ADVICE = "replan: a new plan may move what is stored and rebuilt"
TOO_LARGE = "let it demand less, allow it more servers, or move VMs that run on them"


def refusal(shortage: Shortage) -> NoPlan:
    """Say that a registration finds no room while all that stands stays where it is."""
    return NoPlan(f"nothing was registered: {shortage}", ADVICE)


def refuse_too_large(books: Books, guest: Guest) -> None:
    """Refuse a VM that fits on no server in some failure even if nothing else is there but VMs.

    Raises
    ------
    NoPlan
        Since no plan helps, whatever it stores and rebuilds elsewhere.
    """
    beside = books.left[-1].copy()
    beside[:, DISK] += np.array(books.stored, dtype=beside.dtype)
    fits = (_lacks(guest, beside) <= 0).all(axis=1)
    for failure in guest.failures:
        may = guest.may & ~books.site.down[failure]
        if may.any() and not (may & fits).any():
            servers = np.flatnonzero(may)
            short = _nearest(books, guest, failure, servers, beside[servers])
            raise NoPlan(
                f"nothing was registered: VM {guest.vm.name!r} fits on no server beside the VMs "
                f"that run there: {short}",
                TOO_LARGE,
            )


def no_target(books: Books, guest: Guest, failure: int) -> NoPlan:
    """Say what a VM lacks in a failure, on the server that comes nearest, if any may take it."""
    site = books.site
    may = allowed(books, guest, [failure])[0]
    servers = np.flatnonzero(may)
    if servers.size:
        left = books.left[failure, servers]
        return refusal(_nearest(books, guest, failure, servers, left))
    return refusal(
        Shortage(
            failure=site.failures[failure].name,
            server=None,
            resource=_blocking_rule(books, guest, failure),
            needed=Decimal(1),
            available=Decimal(0),
            vms=(guest.vm.name,),
        )
    )


def _lacks(guest: Guest, left: Amounts) -> Amounts:
    """Give what a VM lacks; exact, since it may be less than a float can tell."""
    short: Amounts = np.maximum(guest.demand - left, 0) * (guest.demand > 0)
    return short


def _nearest(
    books: Books, guest: Guest, failure: int, servers: NDArray[np.intp], left: Amounts
) -> Shortage:
    """Say what is short on the server that lacks least; `left` is what each of them has."""
    scale = np.maximum(books.capacity.astype(np.float64).max(axis=0), 1.0)
    lack = _lacks(guest, left).astype(np.float64) / scale
    nearest = int(lack.sum(axis=1).argmin())
    resource = int(lack[nearest].argmax())
    return _short(
        books, books.site.failures[failure].name, int(servers[nearest]), resource,
        int(guest.demand[resource]), int(left[nearest, resource]), (guest.vm.name,),
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
