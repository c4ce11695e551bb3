"""The (VM, failure) pairs that are not protected as planned, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

WhyMoved: TypeAlias = Literal[
    "none planned",
    "unknown server",
    "fails itself",
    "accepts no rebuilds",
    "not allowed",
    "anti-affinity",
    "no room",
    "makes room",
]
"""Why a VM is not rebuilt where it was planned; ``makes room`` for another that has none else."""

Cause: TypeAlias = Literal[
    "data", "room", "anti-affinity", "allowed servers", "servers that accept rebuilds", "survivors"
]
"""Why a VM cannot be rebuilt: bytes are lost, no server has room, or a rule leaves no server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostBytes:
    """How many bytes of a diff no surviving server holds."""

    diff: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retargetable:
    """A VM that cannot be rebuilt where it was planned in a failure, but elsewhere.

    Parameters
    ----------
    vm, failure
        The pair.
    planned
        The planned target, or ``None`` if there is none.
    why
        What is wrong with it.
    server
        A target that works, beside all other rebuilds of the failure.
    """

    vm: str
    failure: str
    planned: str | None
    why: WhyMoved
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A VM that cannot be rebuilt in a failure.

    Parameters
    ----------
    vm, failure
        The pair.
    cause
        Why not.
    lost
        For ``data``: the diffs of its chain that do not survive, the master first.
    server, resource, missing
        For ``room``: the server that comes nearest to having it, ``"disk"`` or the resource that
        it lacks most of, and how much (bytes for disk).
    crowded_out
        Whether there would be room if nothing else were rebuilt. Then other targets for the other
        VMs might make it; none were found. Without this it is certain.
    """

    vm: str
    failure: str
    cause: Cause
    lost: tuple[LostBytes, ...] = ()
    server: str | None = None
    resource: str | None = None
    missing: float | None = None
    crowded_out: bool = False
