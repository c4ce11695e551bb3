"""The parts of a cluster: servers, diffs, VMs and failures, each checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spareplace.errors import Problem
from spareplace.fields import (
    Amount,
    amounts_of,
    check_bytes,
    check_flag,
    check_name,
    complain,
    names_of,
    refuse,
    weight_of,
)
from spareplace.units import LARGEST


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
        What it can receive and send in a recovery, in bytes per second. No rule uses them: they
        give the times of recoveries. ``None``: it does not limit them.

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
        check_name(bad, "name", self.name)
        check_bytes(bad, "disk", self.disk)
        object.__setattr__(self, "capacity", amounts_of(bad, "capacity", self.capacity))
        if self.zone is not None:
            check_name(bad, "zone", self.zone)
        object.__setattr__(self, "resident", names_of(bad, "resident", self.resident))
        check_flag(bad, "accept_extents", self.accept_extents)
        check_flag(bad, "accept_rebuilds", self.accept_rebuilds)
        for key, rate in (("net_in", self.net_in), ("net_out", self.net_out)):
            if rate is not None:
                check_bytes(bad, key, rate)
        refuse(bad, "server", self.name)


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
        check_name(bad, "name", self.name)
        check_bytes(bad, "size", self.size)
        if self.parent is not None:
            check_name(bad, "parent", self.parent)
        refuse(bad, "diff", self.name)


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
        check_name(bad, "name", self.name)
        check_name(bad, "server", self.server)
        if self.diff is not None:
            check_name(bad, "diff", self.diff)
        check_bytes(bad, "disk", self.disk)
        object.__setattr__(self, "demand", amounts_of(bad, "demand", self.demand))
        object.__setattr__(self, "groups", names_of(bad, "groups", self.groups))
        if self.allowed_servers is not None:
            allowed = names_of(bad, "allowed_servers", self.allowed_servers, least=1)
            object.__setattr__(self, "allowed_servers", allowed)
        if type(self.priority) is not int or abs(self.priority) > LARGEST:
            complain(bad, "priority", self.priority, "an integer of at most 2^53 either way")
        check_flag(bad, "protect", self.protect)
        refuse(bad, "vm", self.name)


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
        check_name(bad, "name", self.name)
        object.__setattr__(self, "servers", names_of(bad, "servers", self.servers, least=1))
        if self.weight is not None:
            object.__setattr__(self, "weight", weight_of(bad, "weight", self.weight))
        refuse(bad, "failure", self.name)
