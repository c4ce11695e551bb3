"""Servers as targets of a rebuild, as values: what blocks each, or what it would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Rule: TypeAlias = Literal[
    "survives", "accept_rebuilds", "allowed_servers", "anti-affinity", "resources", "disk"
]
"""A rule that can keep a VM from a server, as docs/model.md has them."""

Verdict: TypeAlias = Literal["chosen", "cheaper", "as cheap", "dearer", "blocked"]
"""What is to be said about a server: the plan's choice; open, and the recovery would transfer
less, as much, or more; or some rule forbids it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One rule that keeps a VM from being rebuilt on a server, all other rebuilds as planned.

    Parameters
    ----------
    rule
        Which one.
    item
        The resource, or the group; else empty.
    need
        What the VM takes of it; 1 where there is only yes or no.
    have
        What is left of it there; below 0 where running VMs take too much.
    capacity, running, stored, rebuilt
        Of a resource or disk: what the server has, and what takes of it now.
    vms
        Of a group: its VMs that are there.
    """

    rule: Rule
    item: str = ""
    need: int | float = 1
    have: int | float = 0
    capacity: int | float = 0
    running: int | float = 0
    stored: int | float = 0
    rebuilt: int | float = 0
    vms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One server as the target of a rebuild.

    Parameters
    ----------
    server
        Its name.
    verdict
        See `Verdict`.
    transfer_bytes
        What the whole recovery would transfer with this VM here and all others as planned;
        ``None`` where it is blocked.
    held_bytes
        How much of the VM's chain the server holds.
    blockers
        Every rule that forbids it.
    """

    server: str
    verdict: Verdict
    transfer_bytes: int | None
    held_bytes: int
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Why a VM is rebuilt where it is in a failure.

    Parameters
    ----------
    vm, failure
        Which rebuild.
    server
        Where the plan rebuilds it, or ``None``.
    chain_bytes
        The size of its chain.
    transfer_bytes
        What the recovery transfers as planned.
    reason
        What the plan says of a VM that it leaves out; else empty.
    candidates
        The plan's choice, then the open servers by what they cost, then the blocked ones.
    """

    vm: str
    failure: str
    server: str | None
    chain_bytes: int
    transfer_bytes: int
    reason: str
    candidates: tuple[Candidate, ...]
