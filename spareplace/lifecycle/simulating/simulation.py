"""What came of a simulation, as values: one row for each policy, and every event."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.lifecycle.simulating.effects import Outcome
from spareplace.lifecycle.simulating.events import EventKind
from spareplace.lifecycle.simulating.rates import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedEvent:
    """What one event did under one policy.

    Parameters
    ----------
    policy
        Its name.
    hours
        When, from the start.
    kind
        What happened; ``"start"`` is the first plan, ``"month"`` a replan.
    name
        Of the failure, the server or the VM.
    outcome, reason
        ``"done"``; ``"refused"`` if the policy could not do it; ``"skipped"`` if there was
        nothing left to do it to. Why not, or nothing.
    recovery_bytes
        Sent to rebuild VMs.
    moved_bytes
        Copied so that VMs are protected, or better.
    vms_down
        VMs that ran on servers that failed.
    vms_lost, vms_without_place
        Of them, those not rebuilt: because bytes of their diffs were on no survivor; or for
        another reason.
    vm_hours_down, vm_hours_unprotected
        From this event until the next one.
    uncovered
        Whether it was a failure after which not every VM could be protected again.
    unprotected_vms
        VMs that some failure would lose from now on.
    expected_transfer_bytes, stored_bytes
        Of the plan that stands from now on.
    """

    policy: str
    hours: float
    kind: EventKind
    name: str
    outcome: Outcome
    reason: str
    recovery_bytes: int
    moved_bytes: int
    vms_down: int
    vms_lost: int
    vms_without_place: int
    vm_hours_down: float
    vm_hours_unprotected: float
    uncovered: bool
    unprotected_vms: int
    expected_transfer_bytes: float
    stored_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResult:
    """What all events did under one policy.

    Parameters
    ----------
    policy
        Its name.
    recovery_bytes
        Sent to rebuild VMs.
    protection_bytes
        Copied so that VMs are protected, or better: the sum of the five that follow. What the
        first plan stores is not counted.
    failure_bytes, return_bytes, registration_bytes, drain_bytes, replan_bytes
        After failures; when servers came back; for new VMs and generations; before servers were
        drained; at the end of months.
    vms_down, vm_hours_down
        How often a VM went down, and for how long in all.
    vms_lost, vms_without_place
        How often one could not be rebuilt because of its data; or for another reason. It is down
        until its server is back.
    vm_hours_unprotected
        How long VMs ran that some failure would have lost.
    failures_uncovered
        Failures after which not every VM could be protected again.
    registrations_refused, drains_refused
        New VMs, generations and departures without room; drains without a way.
    events_skipped
        Events that no longer applied.
    mean_expected_transfer_bytes
        Of the plans that stood, over the time.
    """

    policy: str
    recovery_bytes: int
    protection_bytes: int
    failure_bytes: int
    return_bytes: int
    registration_bytes: int
    drain_bytes: int
    replan_bytes: int
    vms_down: int
    vm_hours_down: float
    vms_lost: int
    vms_without_place: int
    vm_hours_unprotected: float
    failures_uncovered: int
    registrations_refused: int
    drains_refused: int
    events_skipped: int
    mean_expected_transfer_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptCounts:
    """How many events of each kind were drawn; they are the same for every policy."""

    failures: int
    returns: int
    arrivals: int
    generations: int
    departures: int
    drains: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What came of a simulation.

    Parameters
    ----------
    cluster_sha256
        The cluster at the start, as `fingerprint` names it.
    seed, rates, move_limit, iterations
        As asked for; the limit is the one that was used.
    script
        What was to happen.
    policies
        One row for each, in the order asked for.
    events
        Every event under every policy, in the same order and that of time.
    """

    cluster_sha256: str
    seed: int
    rates: Rates
    move_limit: int
    iterations: int
    script: ScriptCounts
    policies: tuple[PolicyResult, ...]
    events: tuple[SimulatedEvent, ...]

    def policy(self, name: str) -> PolicyResult:
        """Give the row of the policy of that name.

        Raises
        ------
        KeyError
            If it was not asked for.
        """
        for row in self.policies:
            if row.policy == name:
                return row
        known = ", ".join(row.policy for row in self.policies)
        raise KeyError(f"no policy {name!r} in this simulation; there are {known}")
