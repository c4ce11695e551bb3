"""What one event does to what is counted: every figure adds up over the events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["done", "refused", "skipped"]
"""``"refused"``: the policy could not. ``"skipped"``: there was nothing left to do it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What came of an event at once; what lasts until the next one is counted beside it.

    Parameters
    ----------
    outcome, reason
        Whether it happened, and why not.
    recovery_bytes
        Sent to rebuild VMs.
    moved_bytes
        Copied so that VMs are protected, or better.
    vms_down
        VMs that ran on servers that failed.
    vms_lost, vms_without_place
        Of them, those not rebuilt: bytes of their diffs were on no survivor; or anything else,
        as where there was no room, or they are not to be protected.
    vm_hours_down, vm_hours_unprotected
        Until what is rebuilt is up, and until the copies are made.
    uncovered
        Whether a failure left VMs unprotected even then.
    """

    outcome: Outcome = "done"
    reason: str = ""
    recovery_bytes: int = 0
    moved_bytes: int = 0
    vms_down: int = 0
    vms_lost: int = 0
    vms_without_place: int = 0
    vm_hours_down: float = 0.0
    vm_hours_unprotected: float = 0.0
    uncovered: bool = False


def skipped(reason: str) -> Effect:
    """Say why there was nothing to do."""
    return Effect(outcome="skipped", reason=reason)


def refused(reason: str) -> Effect:
    """Say why it could not be done."""
    return Effect(outcome="refused", reason=reason)
