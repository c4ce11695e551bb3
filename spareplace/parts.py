"""The parts of a cluster: servers, diffs, VMs and failures, each checked when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from spareplace.errors import InvalidInput, Problem
from spareplace.units import LARGEST, exact_amount

Amount: TypeAlias = int | float | Decimal
"""A number of a resource. It is kept as the `Decimal` that it is written as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A host that runs VMs, can fail, and can keep diffs for others.

    Parameters
    ----------
    name
        Unique among the servers.
    disk
        All of its disk for VMs and stored diffs, in bytes.
    capacity
        How much it has of each named resource (``cpu``, ``memory``, ``disk_io``, ...). Of a
        resource that is not listed it has none.
    zone
        What it shares with others that fail together, such as a rack.
    resident
        Names of the diffs that it holds anyway, each standing for itself and not for its
        parents. They are part of the VMs' own disk.
    accept_extents, accept_rebuilds
        Whether diffs may be stored on it, and VMs rebuilt on it; false while it is drained.
    net_in, net_out
        What it can receive and send in a recovery, in bytes per second.

    Raises
    ------
    InvalidInput
        If a field has a wrong type or a value that it cannot have.

    Examples
    --------
    >>> Server(name="s1", disk=2 * 10**12, capacity={"cpu": 32}, zone="rack 1").capacity
    {'cpu': Decimal('32')}
    """

    name: str
    disk: int
    capacity: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    zone: str | None = None
    resident: tuple[str, ...] = ()
    accept_extents: bool = True
    accept_rebuilds: bool = True
    net_in: int | None = None
    net_out: int | None = None

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        _check_name(bad, "name", self.name)
        _check_bytes(bad, "disk", self.disk)
        object.__setattr__(self, "capacity", _amounts(bad, "capacity", self.capacity))
        if self.zone is not None:
            _check_name(bad, "zone", self.zone)
        object.__setattr__(self, "resident", _names(bad, "resident", self.resident))
        _check_flag(bad, "accept_extents", self.accept_extents)
        _check_flag(bad, "accept_rebuilds", self.accept_rebuilds)
        for key, rate in (("net_in", self.net_in), ("net_out", self.net_out)):
            if rate is not None:
                _check_bytes(bad, key, rate)
        _refuse(bad, "server", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """A master image, or a difference on top of one.

    Parameters
    ----------
    name
        Unique among the diffs.
    size
        The bytes that its file takes where it is stored and when it is sent.
    parent
        The diff that it is a difference on, or ``None`` for a master.

    Raises
    ------
    InvalidInput
        If a field has a wrong type or a value that it cannot have.
    """

    name: str
    size: int
    parent: str | None = None

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        _check_name(bad, "name", self.name)
        _check_bytes(bad, "size", self.size)
        if self.parent is not None:
            _check_name(bad, "parent", self.parent)
        _refuse(bad, "diff", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class VM:
    """A virtual machine.

    Parameters
    ----------
    name
        Unique among the VMs.
    server
        The server that it runs on.
    diff
        The last diff of its chain, or ``None`` if nothing has to be transferred for it.
    disk
        The bytes that its image occupies where it runs and where it is rebuilt.
    demand
        How much it uses of each named resource, running or rebuilt.
    groups
        Anti-affinity groups: a rebuild never puts a second VM of a group onto a server.
    allowed_servers
        The servers that it may be rebuilt on, or ``None`` for all.
    priority
        Higher is protected first where not all can be.
    protect
        If false it uses resources and counts in its groups, and is never rebuilt.

    Raises
    ------
    InvalidInput
        If a field has a wrong type or a value that it cannot have.
    """

    name: str
    server: str
    diff: str | None = None
    disk: int = 0
    demand: Mapping[str, Amount] = field(default_factory=dict, hash=False)
    groups: tuple[str, ...] = ()
    allowed_servers: tuple[str, ...] | None = None
    priority: int = 0
    protect: bool = True

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        _check_name(bad, "name", self.name)
        _check_name(bad, "server", self.server)
        if self.diff is not None:
            _check_name(bad, "diff", self.diff)
        _check_bytes(bad, "disk", self.disk)
        object.__setattr__(self, "demand", _amounts(bad, "demand", self.demand))
        object.__setattr__(self, "groups", _names(bad, "groups", self.groups))
        if self.allowed_servers is not None:
            allowed = _names(bad, "allowed_servers", self.allowed_servers, least=1)
            object.__setattr__(self, "allowed_servers", allowed)
        if type(self.priority) is not int or abs(self.priority) > LARGEST:
            _complain(bad, "priority", self.priority, "an integer of at most 2^53 either way")
        _check_flag(bad, "protect", self.protect)
        _refuse(bad, "vm", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Servers that fail together.

    Parameters
    ----------
    name
        Unique among the failures.
    servers
        At least one server.
    weight
        Its probability, or any other weight from 0. ``None`` becomes 1/number of failures when
        the failure becomes part of a `Cluster`.

    Raises
    ------
    InvalidInput
        If a field has a wrong type or a value that it cannot have.
    """

    name: str
    servers: tuple[str, ...]
    weight: float | None = None

    def __post_init__(self) -> None:
        bad: list[Problem] = []
        _check_name(bad, "name", self.name)
        object.__setattr__(self, "servers", _names(bad, "servers", self.servers, least=1))
        if self.weight is not None:
            try:
                if isinstance(self.weight, (bool, str)):
                    raise ValueError
                object.__setattr__(self, "weight", float(exact_amount(self.weight)))
            except ValueError:
                _complain(bad, "weight", self.weight, "a number from 0")
        _refuse(bad, "failure", self.name)


def _complain(bad: list[Problem], key: str, found: object, expected: str) -> None:
    shown = repr(found)
    bad.append(Problem(path=key, found=shown[:80], expected=expected))


def _refuse(bad: Sequence[Problem], kind: str, name: object) -> None:
    if bad:
        raise InvalidInput(bad, source=f"{kind} {name!r}"[:80])


def _check_name(bad: list[Problem], key: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        _complain(bad, key, name, "a name: text that is not empty")
    elif not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
        _complain(bad, key, name, "a name of valid Unicode text")


def _check_bytes(bad: list[Problem], key: str, count: object) -> None:
    if type(count) is not int or not 0 <= count <= LARGEST:
        _complain(bad, key, count, "whole bytes from 0 to 2^53")


def _check_flag(bad: list[Problem], key: str, flag: object) -> None:
    if not isinstance(flag, bool):
        _complain(bad, key, flag, "true or false")


def _names(bad: list[Problem], key: str, names: Iterable[str], least: int = 0) -> tuple[str, ...]:
    if isinstance(names, str) or not isinstance(names, Iterable):
        _complain(bad, key, names, "a list of names")
        return ()
    kept = tuple(names)
    if len(kept) < least:
        _complain(bad, key, list(kept), "at least one name")
    seen: set[str] = set()
    for position, name in enumerate(kept):
        before = len(bad)
        _check_name(bad, f"{key}[{position}]", name)
        if len(bad) == before and name in seen:
            _complain(bad, f"{key}[{position}]", name, "each name once")
        elif len(bad) == before:
            seen.add(name)
    return kept


def _amounts(bad: list[Problem], key: str, amounts: object) -> Mapping[str, Amount]:
    kept: dict[str, Amount] = {}
    if not isinstance(amounts, Mapping):
        _complain(bad, key, amounts, "a mapping from resources to amounts")
        return kept
    for resource, amount in amounts.items():
        _check_name(bad, f"{key} key", resource)
        try:
            if isinstance(amount, (bool, str)):
                raise ValueError
            kept[resource] = exact_amount(amount)
        except ValueError:
            _complain(bad, f"{key}.{resource}", amount, "a number from 0 to 2^53")
    return kept
