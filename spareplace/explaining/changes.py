"""What may be changed about a cluster to make it feasible, or to ask what would be then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from spareplace.explaining.causes import DISK
from spareplace.units import exact_amount, format_bytes

ChangeKind: TypeAlias = Literal[
    "capacity",
    "move",
    "allow",
    "accept_rebuilds",
    "accept_extents",
    "leave_group",
    "add_server",
    "without_server",
    "rates",
    "drop_failure",
    "unprotect",
]
"""``capacity``: the server gets `amount` more of the resource. ``move``: the VM runs on the server
instead. ``allow``: the VM may be rebuilt on the server, too. ``accept_rebuilds``,
``accept_extents``: the server does. ``leave_group``: the VM leaves the anti-affinity group.
``add_server``: one more, like another. ``without_server``: its VMs are rebuilt as in a failure,
then it is gone. ``rates``: the server receives and sends `amount` bytes a second.
``drop_failure``: nothing is made ready for it. ``unprotect``: the VM is not rebuilt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChange:
    """One change; of the other fields those are there that its kind speaks of.

    Parameters
    ----------
    kind
        What is changed.
    server, vm, failure, group, resource
        Names. The resource may be ``"disk"``.
    like
        The server that a new one is like.
    amount
        How much more; below 0 for less. Bytes of disk are whole; other amounts, where no float
        is as exact, the next one above. Of rates, bytes a second.
    """

    kind: ChangeKind
    server: str | None = None
    vm: str | None = None
    failure: str | None = None
    group: str | None = None
    resource: str | None = None
    like: str | None = None
    amount: int | float | None = None

    def __str__(self) -> str:
        return _WORDS[self.kind](self)


def more_of(server: str, resource: str, amount: Decimal) -> ClusterChange:
    """Make the change that gives a server at least so much more of a resource."""
    if amount == amount.to_integral_value():
        return ClusterChange(kind="capacity", server=server, resource=resource, amount=int(amount))
    near = float(amount)
    while exact_amount(near) < amount:  # a float that was rounded down would not be enough
        near += abs(near) * 2**-52
    return ClusterChange(kind="capacity", server=server, resource=resource, amount=near)


def amount_shown(amount: float, resource: str | None) -> str:
    """Write an amount: of disk with a unit, and with every byte where that rounds.

    Examples
    --------
    >>> amount_shown(40_000_000_000, "disk"), amount_shown(1_234_567, "disk")
    ('40 GB', '1.23 MB (1,234,567 bytes)')
    """
    if resource != DISK:
        return f"{amount:,}" if isinstance(amount, int) else f"{amount:g}"
    short = format_bytes(amount)
    number, unit = short.split(" ")
    power = ("B", "kB", "MB", "GB", "TB", "PB").index(unit)
    exact = Decimal(number) * 1000**power == Decimal(amount)
    return short if exact else f"{short} ({int(amount):,} bytes)"


_WORDS: Mapping[ChangeKind, Callable[[ClusterChange], str]] = {
    "capacity": lambda it: (
        f"give server {it.server!r} {amount_shown(it.amount or 0, it.resource)} more {it.resource}"
        if (it.amount or 0) >= 0
        else f"take {amount_shown(-(it.amount or 0), it.resource)} of {it.resource} from server "
        f"{it.server!r}"
    ),
    "move": lambda it: f"run VM {it.vm!r} on server {it.server!r}",
    "allow": lambda it: f"allow VM {it.vm!r} on server {it.server!r}",
    "accept_rebuilds": lambda it: f"let server {it.server!r} accept rebuilds",
    "accept_extents": lambda it: f"let server {it.server!r} accept extents",
    "leave_group": lambda it: f"take VM {it.vm!r} out of group {it.group!r}",
    "add_server": lambda it: f"add a server {it.server!r} like {it.like!r}",
    "without_server": lambda it: f"go on without server {it.server!r}",
    "rates": lambda it: (
        f"let server {it.server!r} send and receive {format_bytes(it.amount or 0)}/s"
    ),
    "drop_failure": lambda it: f"be ready for failure {it.failure!r} no more",
    "unprotect": lambda it: f"leave VM {it.vm!r} unprotected",
}
