"""What can happen to a cluster, as values; none of them knows what was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spareplace.parts import VM, Diff, Failure

EventKind: TypeAlias = Literal[
    "start", "failure", "return", "arrival", "generation", "departure", "drain", "month"
]
"""``"start"``: the first plan is made. ``"month"``: a month is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails:
    """The servers of a failure fail, those of them that are up.

    Parameters
    ----------
    hours
        When, from the start.
    outage
        A number by which their return refers to it.
    failure
        One of the cluster's.
    """

    hours: float
    outage: int
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Drains:
    """A server is taken away for a while, its VMs moved before; see `Fails`."""

    hours: float
    outage: int
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """The servers that an outage took come back; `name` is the failure or the server."""

    hours: float
    outage: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrives:
    """A new VM is to run, with a diff of its own.

    Parameters
    ----------
    hours
        When, from the start.
    vm
        The VM; its server is the first of `servers`.
    diff
        Its own diff, or ``None`` if it has none.
    servers
        All servers, in the order in which they are asked whether it may run there.
    """

    hours: float
    vm: VM
    diff: Diff | None
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renews:
    """A VM gets a new generation of its own diff; `diff` and `size` are the name and bytes."""

    hours: float
    vm: str
    diff: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """A VM goes for good."""

    hours: float
    vm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEnds:
    """A month is over: the time to replan, where that is the policy."""

    hours: float
    month: int


Event: TypeAlias = Fails | Drains | Returns | Arrives | Renews | Leaves | MonthEnds


def kind_of(event: Event) -> EventKind:
    """Name what an event is."""
    kinds: dict[type[Event], EventKind] = {
        Fails: "failure",
        Drains: "drain",
        Returns: "return",
        Arrives: "arrival",
        Renews: "generation",
        Leaves: "departure",
        MonthEnds: "month",
    }
    return kinds[type(event)]


def name_of(event: Event) -> str:
    """Name what an event is about: a failure, a server, a VM, or the number of a month."""
    match event:
        case Fails():
            return event.failure.name
        case Drains():
            return event.server
        case Returns():
            return event.name
        case Arrives():
            return event.vm.name
        case Renews() | Leaves():
            return event.vm
        case MonthEnds():
            return str(event.month)
