"""Simulations as files: JSON of all of it, CSV of the policies and of the events."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import get_args

from spareplace.files.decoding import object_of, objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import INTEGER, NUMBER, TRAFFIC
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, TEXT, one_of
from spareplace.lifecycle.simulating.effects import Outcome
from spareplace.lifecycle.simulating.events import EventKind
from spareplace.lifecycle.simulating.policies import POLICIES
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.simulation import (
    PolicyResult,
    ScriptCounts,
    SimulatedEvent,
    Simulation,
)

SIMULATION_FORMAT = "spareplace/simulation/1"

_POLICY = one_of(*POLICIES)

_RATES = shape_of(
    Rates,
    {field.name: INTEGER if field.name == "months" else NUMBER for field in fields(Rates)},
)
_SCRIPT = shape_of(ScriptCounts, {field.name: INTEGER for field in fields(ScriptCounts)})
_RESULT = shape_of(
    PolicyResult,
    {
        "policy": _POLICY,
        "recovery_bytes": TRAFFIC,
        "protection_bytes": TRAFFIC,
        "failure_bytes": TRAFFIC,
        "return_bytes": TRAFFIC,
        "registration_bytes": TRAFFIC,
        "drain_bytes": TRAFFIC,
        "replan_bytes": TRAFFIC,
        "vms_down": INTEGER,
        "vm_hours_down": NUMBER,
        "vms_lost": INTEGER,
        "vms_without_place": INTEGER,
        "vm_hours_unprotected": NUMBER,
        "failures_uncovered": INTEGER,
        "registrations_refused": INTEGER,
        "drains_refused": INTEGER,
        "events_skipped": INTEGER,
        "mean_expected_transfer_bytes": NUMBER,
    },
)
_EVENT = shape_of(
    SimulatedEvent,
    {
        "policy": _POLICY,
        "hours": NUMBER,
        "kind": one_of(*get_args(EventKind)),
        "name": NAME,
        "outcome": one_of(*get_args(Outcome)),
        "reason": TEXT,
        "recovery_bytes": TRAFFIC,
        "moved_bytes": TRAFFIC,
        "vms_down": INTEGER,
        "vms_lost": INTEGER,
        "vms_without_place": INTEGER,
        "vm_hours_down": NUMBER,
        "vm_hours_unprotected": NUMBER,
        "uncovered": FLAG,
        "unprotected_vms": INTEGER,
        "expected_transfer_bytes": NUMBER,
        "stored_bytes": TRAFFIC,
    },
)
SIMULATION = shape_of(
    Simulation,
    {
        "cluster_sha256": NAME,
        "seed": INTEGER,
        "rates": object_of(_RATES),
        "move_limit": TRAFFIC,
        "iterations": INTEGER,
        "script": object_of(_SCRIPT),
        "policies": objects_of(_RESULT, once="policy"),
        "events": objects_of(_EVENT),
    },
    format_kind=one_of(SIMULATION_FORMAT),
)


def simulation_text(simulation: Simulation) -> str:
    """Write a simulation as JSON; `read_simulation` gives an equal one."""
    return shaped_text(SIMULATION, SIMULATION_FORMAT, simulation)


def read_simulation(text: bytes | str, source: str = "") -> Simulation:
    """Read a simulation from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/simulation/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(SIMULATION, SIMULATION_FORMAT, text, source)


def policies_csv(simulation: Simulation) -> str:
    """Write a row for each policy as CSV, below the names of the fields of `PolicyResult`."""
    return _csv(PolicyResult, simulation.policies)


def events_csv(simulation: Simulation) -> str:
    """Write a row for each event under each policy, below the names of its fields."""
    return _csv(SimulatedEvent, simulation.events)


def _csv(
    kind: type[PolicyResult | SimulatedEvent], rows: tuple[PolicyResult | SimulatedEvent, ...]
) -> str:
    names = [field.name for field in fields(kind)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(row, name) for name in names] for row in rows)
    return text.getvalue()
