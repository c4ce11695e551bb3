"""The tally: what the events of one policy add up to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from spareplace.lifecycle.simulating.events import Event, EventKind, kind_of
from spareplace.lifecycle.simulating.simulation import (
    PolicyResult,
    ScriptCounts,
    SimulatedEvent,
)

_REGISTRATIONS: tuple[EventKind, ...] = ("arrival", "generation", "departure")


def tally(policy: str, events: Sequence[SimulatedEvent], end: float) -> PolicyResult:
    """Add up the events of one policy; the first is its start.

    Parameters
    ----------
    policy
        Its name.
    events
        Its events, in the order of time.
    end
        The hour at which the simulation ends.
    """
    moved: Counter[str] = Counter()
    for event in events:
        moved[event.kind] += event.moved_bytes
    return PolicyResult(
        policy=policy,
        recovery_bytes=sum(event.recovery_bytes for event in events),
        protection_bytes=moved.total(),
        failure_bytes=moved["failure"],
        return_bytes=moved["return"],
        registration_bytes=sum(moved[kind] for kind in _REGISTRATIONS),
        drain_bytes=moved["drain"],
        replan_bytes=moved["month"],
        vms_down=sum(event.vms_down for event in events),
        vm_hours_down=math.fsum(event.vm_hours_down for event in events),
        vms_lost=sum(event.vms_lost for event in events),
        vms_without_place=sum(event.vms_without_place for event in events),
        vm_hours_unprotected=math.fsum(event.vm_hours_unprotected for event in events),
        failures_uncovered=sum(event.uncovered for event in events),
        registrations_refused=_refused(events, _REGISTRATIONS),
        drains_refused=_refused(events, ("drain",)),
        events_skipped=sum(event.outcome == "skipped" for event in events),
        mean_expected_transfer_bytes=_mean(events, end),
    )


def counts_of(script: Iterable[Event]) -> ScriptCounts:
    """Count what was drawn."""
    found = Counter(kind_of(event) for event in script)
    return ScriptCounts(
        failures=found["failure"],
        returns=found["return"],
        arrivals=found["arrival"],
        generations=found["generation"],
        departures=found["departure"],
        drains=found["drain"],
    )


def _refused(events: Iterable[SimulatedEvent], kinds: Sequence[EventKind]) -> int:
    return sum(event.outcome == "refused" and event.kind in kinds for event in events)


def _mean(events: Sequence[SimulatedEvent], end: float) -> float:
    ends = [*(after.hours for _, after in pairwise(events)), end]
    return math.fsum(
        event.expected_transfer_bytes * (until - event.hours) / end
        for event, until in zip(events, ends, strict=True)
    )
