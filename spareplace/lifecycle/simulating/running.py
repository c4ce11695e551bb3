"""`simulate`: one script, every policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.lifecycle.simulating.caretaking import caretaker
from spareplace.lifecycle.simulating.events import Event, MonthEnds
from spareplace.lifecycle.simulating.playing import play
from spareplace.lifecycle.simulating.policies import DEFAULT_POLICIES, Policy, policies_of
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.script import draw_script
from spareplace.lifecycle.simulating.simulation import SimulatedEvent, Simulation
from spareplace.lifecycle.simulating.tally import counts_of, tally
from spareplace.lifecycle.simulating.world import World
from spareplace.options import Options

DEFAULT_ITERATIONS = 10
"""Batches of neighbourhoods that a search solves for each plan."""

MOVED_SHARE = 10
"""One part in so many of the bytes of all diffs may be moved by a replan, if nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationProgress:
    """How far a simulation is.

    Parameters
    ----------
    policy
        The one that is simulated.
    hours
        Of its time.
    done, events
        Events that are over, of all policies, and how many there are.
    """

    policy: str
    hours: float
    done: int
    events: int


def simulate(
    cluster: Cluster,
    *,
    months: int = 12,
    policies: Sequence[str] = DEFAULT_POLICIES,
    seed: int = 0,
    failures_per_month: float = 1.0,
    repair_hours: float = 48.0,
    registrations_per_day: float = 0.5,
    generations_per_day: float = 1.0,
    departures_per_day: float = 0.5,
    drains_per_month: float = 1.0,
    drain_hours: float = 4.0,
    move_limit: int | None = None,
    iterations: int = DEFAULT_ITERATIONS,
    progress: Callable[[SimulationProgress], object] | None = None,
) -> Simulation:
    """Play months of a cluster's life, the same ones under every policy, and count what it costs.

    All events are drawn from the seed before anything is decided. The result depends on the
    arguments alone. After every event, every rule is checked.

    Parameters
    ----------
    cluster
        As it is at the start.
    months
        Of 730 hours.
    policies
        ``"greedy"``, ``"level"`` or ``"search"``: the method by which the first plan is made, and
        by which VMs are protected again. With ``"+replan"`` behind it, it is also planned anew
        at the end of each month, from what is stored.
    seed
        For the events, and for all random choices of the plans.
    failures_per_month
        In the mean, of the cluster's failures, each as often as its weight says.
    repair_hours
        The mean time after which failed servers return, with what they stored.
    registrations_per_day
        New VMs in the mean: each demands what one of the first VMs does, and has a new diff on the
        parent of that one's.
    generations_per_day
        VMs that get a new diff in place of their own.
    departures_per_day
        VMs that leave.
    drains_per_month, drain_hours
        Servers that are taken away after their VMs were moved, and the mean time until they
        return.
    move_limit
        The most bytes that one replan may move; ``None`` for a tenth of all diffs.
    iterations
        Batches of neighbourhoods that a search solves for each plan.
    progress
        Called after each event, with a `SimulationProgress`. What it raises ends the simulation.

    Raises
    ------
    InvalidInput
        If an argument is not usable.
    NoPlan
        If a method has no plan to start with.
    Defect
        If a rule was broken after some event: please report it.

    Examples
    --------
    >>> from spareplace import generate_cluster
    >>> cluster = generate_cluster(servers=4, vms_per_server=2, load=0.4, disk_slack=1.5)
    >>> found = simulate(cluster, months=1, policies=["greedy"], iterations=0)
    >>> found.script.failures, found.policy("greedy").vms_lost
    (1, 0)
    """
    rates = Rates(
        months=months,
        failures_per_month=failures_per_month,
        repair_hours=repair_hours,
        registrations_per_day=registrations_per_day,
        generations_per_day=generations_per_day,
        departures_per_day=departures_per_day,
        drains_per_month=drains_per_month,
        drain_hours=drain_hours,
    )
    Options(seed=seed, iterations=iterations, move_limit=move_limit)
    chosen = policies_of(policies)
    script = draw_script(cluster, rates, seed)
    limit = move_limit
    if limit is None:
        limit = sum(diff.size for diff in cluster.diffs) // MOVED_SHARE
    watched = _Watched(total=_total(script, chosen), progress=progress)
    events: list[SimulatedEvent] = []
    rows = []
    for policy in chosen:
        taker = caretaker(policy, move_limit=limit, iterations=iterations, seed=seed)
        found = play(cluster, script, taker, rates.hours, watched.told)
        rows.append(tally(policy.name, found, rates.hours))
        events += found
    return Simulation(
        cluster_sha256=fingerprint(cluster),
        seed=seed,
        rates=rates,
        move_limit=limit,
        iterations=iterations,
        script=counts_of(script),
        policies=tuple(rows),
        events=tuple(events),
    )


@dataclass(slots=True, kw_only=True, eq=False)
class _Watched:
    """Counts events over all policies, and tells."""

    total: int
    progress: Callable[[SimulationProgress], object] | None
    done: int = 0

    def told(self, _world: World, event: SimulatedEvent) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(
                SimulationProgress(
                    policy=event.policy, hours=event.hours, done=self.done, events=self.total
                )
            )


def _total(script: Sequence[Event], policies: Sequence[Policy]) -> int:
    """Count the events of all policies, each with its start."""
    months = sum(isinstance(event, MonthEnds) for event in script)
    return sum(1 + len(script) - (0 if policy.replans else months) for policy in policies)
