"""What a recovery is: which VMs are rebuilt where and when, what is sent when, what is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "survivors",
    "data lost",
    "servers that accept rebuilds",
    "allowed servers",
    "anti-affinity",
    "data out of reach",
    "room",
]
"""Why a VM cannot be rebuilt."""

Direction: TypeAlias = Literal["in", "out"]
"""Of a link: what its server receives, or what it sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRebuild:
    """The server on which a VM is rebuilt, and the second at which all of its chain is there."""

    vm: str
    server: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedTransfer:
    """Bytes from `start` up to `stop` of a diff, sent at one rate between two seconds."""

    diff: str
    source: str
    target: str
    start: int
    stop: int
    begin_seconds: float
    end_seconds: float

    @property
    def size(self) -> int:
        """How many bytes it sends."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class LostVM:
    """A protected VM that cannot be rebuilt, and why.

    Parameters
    ----------
    vm
        Its name.
    reason
        ``"survivors"``: no server is left. ``"data lost"``: bytes of a diff of its chain are on
        no survivor. ``"servers that accept rebuilds"``, ``"allowed servers"``: none survives.
        ``"anti-affinity"``: a VM of its group is on every server that it could go to. ``"data
        out of reach"``: bytes are only where they cannot be sent from, or cannot be received.
        ``"room"``: no server has enough left beside what runs, is stored and is rebuilt there.
    diff
        Of which bytes are lost or out of reach: the first in its chain.
    server
        The nearest one to having room; or the one whose rate of 0 keeps the data out of reach.
    resource
        Of which that server has too little; ``"disk"`` is one.
    group
        The anti-affinity group that is in the way.
    missing
        Bytes of the diff, or how much of the resource is missing. A whole number where it is one,
        else the nearest other.
    """

    vm: str
    reason: Reason
    diff: str | None = None
    server: str | None = None
    resource: str | None = None
    group: str | None = None
    missing: int | float = 0

    def __str__(self) -> str:
        if self.reason == "data lost":
            return f"{self.missing} bytes of diff {self.diff!r} are on no surviving server"
        if self.reason == "data out of reach":
            return (
                f"{self.missing} bytes of diff {self.diff!r} cannot be sent: "
                f"a rate of server {self.server!r} is 0"
            )
        if self.reason == "room":
            return (
                f"no server has room; the nearest, {self.server!r}, lacks {self.missing} "
                f"of {self.resource}"
            )
        if self.reason == "anti-affinity":
            return f"a VM of group {self.group!r} is on every server that it could go to"
        if self.reason == "survivors":
            return "no server survives"
        if self.reason == "allowed servers":
            return "no server that it is allowed on survives and accepts rebuilds"
        return "no surviving server accepts rebuilds"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusiestLink:
    """The link that is busy longest: what it carries, and the seconds that this takes at least."""

    server: str
    direction: Direction
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySchedule:
    """What to do after some servers failed: rebuilds and transfers, each with its time.

    Parameters
    ----------
    cluster_sha256
        The cluster that it is for, as `fingerprint` names it.
    failed
        The servers that failed, in the cluster's order.
    transfer_bytes
        The sum of all transfers.
    seconds
        When the last VM is up, from the start of the recovery.
    busiest_link
        ``None`` where no link that has a rate carries anything.
    rebuilds
        By time, then in the cluster's order.
    transfers
        By their begin. They deliver exactly what is missing, once, from surviving holders.
    lost
        The protected VMs that cannot be rebuilt, in the cluster's order.
    never_rebuilt
        The VMs that ran on the failed servers with ``protect`` false.
    """

    cluster_sha256: str
    failed: tuple[str, ...]
    transfer_bytes: int
    seconds: float
    busiest_link: BusiestLink | None
    rebuilds: tuple[TimedRebuild, ...]
    transfers: tuple[TimedTransfer, ...]
    lost: tuple[LostVM, ...]
    never_rebuilt: tuple[str, ...] = ()
