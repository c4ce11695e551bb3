"""What came of a simulation as text for people."""

from __future__ import annotations

from collections.abc import Callable

from spareplace.cli.columns import table
from spareplace.cli.progress_lines import HowFar
from spareplace.lifecycle.simulating.rates import HOURS_PER_MONTH
from spareplace.lifecycle.simulating.running import SimulationProgress
from spareplace.lifecycle.simulating.simulation import PolicyResult, Simulation
from spareplace.units import format_bytes

BAR = 20
"""Characters of the progress bar."""

_ROWS: tuple[tuple[str, Callable[[PolicyResult], str]], ...] = (
    ("sent to rebuild VMs", lambda row: format_bytes(row.recovery_bytes)),
    ("moved for protection", lambda row: format_bytes(row.protection_bytes)),
    ("  after failures", lambda row: format_bytes(row.failure_bytes)),
    ("  after returns", lambda row: format_bytes(row.return_bytes)),
    ("  for registrations", lambda row: format_bytes(row.registration_bytes)),
    ("  for drains", lambda row: format_bytes(row.drain_bytes)),
    ("  by replanning", lambda row: format_bytes(row.replan_bytes)),
    ("VMs that went down", lambda row: str(row.vms_down)),
    ("VM-hours down", lambda row: _hours(row.vm_hours_down)),
    ("VMs lost: no data", lambda row: str(row.vms_lost)),
    ("VMs without a place", lambda row: str(row.vms_without_place)),
    ("VM-hours unprotected", lambda row: _hours(row.vm_hours_unprotected)),
    ("failures not covered", lambda row: str(row.failures_uncovered)),
    ("registrations refused", lambda row: str(row.registrations_refused)),
    ("drains refused", lambda row: str(row.drains_refused)),
    ("events skipped", lambda row: str(row.events_skipped)),
    ("mean expected transfer", lambda row: format_bytes(row.mean_expected_transfer_bytes)),
)


def simulation_summary(simulation: Simulation) -> str:
    """Give what was to happen, and a column for each policy."""
    drawn = simulation.script
    counts = (
        _many(drawn.failures, "failure"),
        _many(drawn.drains, "drain"),
        _many(drawn.arrivals, "new VM"),
        _many(drawn.generations, "generation"),
        _many(drawn.departures, "departure"),
    )
    months = _many(simulation.rates.months, "month")
    happened = f"{months}, seed {simulation.seed}: {', '.join(counts)}"
    rows = [("", *(row.policy for row in simulation.policies))]
    rows += [(name, *map(shown, simulation.policies)) for name, shown in _ROWS]
    columns = range(1, len(simulation.policies) + 1)
    return "\n".join([happened, "", *table(rows, right=columns)])


def progress_line(progress: SimulationProgress) -> str:
    """Say in one line how far a simulation is, with a bar.

    Examples
    --------
    >>> progress_line(SimulationProgress(policy="search", hours=800.0, done=30, events=40))
    '[###############     ]  75 %  search, month 2'
    """
    share = progress.done / progress.events
    bar = ("#" * int(share * BAR)).ljust(BAR)
    month = int(progress.hours // HOURS_PER_MONTH) + 1
    return f"[{bar}] {share:4.0%}".replace("%", " %") + f"  {progress.policy}, month {month}"


def how_far(progress: SimulationProgress) -> HowFar:
    """Take what a simulation tells."""
    return HowFar(
        text=progress_line(progress),
        at=progress.policy,
        done=progress.done,
        total=progress.events,
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _hours(hours: float) -> str:
    return f"{hours:,.2f}"
