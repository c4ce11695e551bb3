"""The script: all that is to happen, drawn from a seed before anything is decided.

Each sort of event has its own sequence of chances, so that another rate for one of them changes
nothing about the others but which VMs there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from spareplace.cluster import Cluster
from spareplace.lifecycle.simulating.chances import chosen, moments, shuffled, waited, weighted
from spareplace.lifecycle.simulating.events import (
    Arrives,
    Drains,
    Event,
    Fails,
    Leaves,
    MonthEnds,
    Renews,
    Returns,
)
from spareplace.lifecycle.simulating.rates import HOURS_PER_DAY, HOURS_PER_MONTH, Rates
from spareplace.parts import VM, Diff


def draw_script(cluster: Cluster, rates: Rates, seed: int) -> tuple[Event, ...]:
    """Draw all that is to happen to a cluster, in the order of time.

    The script knows nothing of policies: it is the same for all of them.

    Parameters
    ----------
    cluster
        As it is at the start: its failures are drawn by their weights, its VMs are the shapes of
        new ones.
    rates
        How often what happens, and until when.
    seed
        What everything is drawn from.
    """
    events: list[Event] = [
        *_failures(cluster, rates, seed),
        *_drains(cluster, rates, seed),
        *_guests(cluster, rates, seed),
        *(
            MonthEnds(hours=float(month * HOURS_PER_MONTH), month=month)
            for month in range(1, rates.months)
        ),
    ]
    return tuple(sorted(events, key=lambda event: event.hours))


def _failures(cluster: Cluster, rates: Rates, seed: int) -> Iterator[Event]:
    weights = [failure.weight or 0.0 for failure in cluster.failures]
    if not any(weights):
        return
    random = Random(f"{seed} failures")
    times = moments(random, rates.failures_per_month / HOURS_PER_MONTH, rates.hours)
    for number, hours in enumerate(times):
        failure = weighted(random, cluster.failures, weights)
        yield Fails(hours=hours, outage=2 * number, failure=failure)
        back = hours + waited(random, rates.repair_hours)
        if back < rates.hours:
            yield Returns(hours=back, outage=2 * number, name=failure.name)


def _drains(cluster: Cluster, rates: Rates, seed: int) -> Iterator[Event]:
    random = Random(f"{seed} drains")
    times = moments(random, rates.drains_per_month / HOURS_PER_MONTH, rates.hours)
    for number, hours in enumerate(times):
        server = chosen(random, cluster.servers).name
        yield Drains(hours=hours, outage=2 * number + 1, server=server)
        back = hours + waited(random, rates.drain_hours)
        if back < rates.hours:
            yield Returns(hours=back, outage=2 * number + 1, name=server)


def _guests(cluster: Cluster, rates: Rates, seed: int) -> Iterator[Event]:
    """Let VMs come, change and go, one after the other: who goes must have come."""
    shapes = _Shapes.of(cluster)
    present = {vm.name: vm for vm in cluster.vms}
    streams = {
        "arrival": (rates.registrations_per_day, Random(f"{seed} arrivals")),
        "generation": (rates.generations_per_day, Random(f"{seed} generations")),
        "departure": (rates.departures_per_day, Random(f"{seed} departures")),
    }
    times = sorted(
        (hours, kind)
        for kind, (per_day, random) in streams.items()
        for hours in list(moments(random, per_day / HOURS_PER_DAY, rates.hours))
    )
    for hours, kind in times:
        random = streams[kind][1]
        if kind == "arrival" and cluster.vms:
            arrival = shapes.arrival(random, hours)
            present[arrival.vm.name] = arrival.vm
            yield arrival
        elif kind == "generation" and present:
            yield shapes.generation(random, hours, chosen(random, list(present)))
        elif kind == "departure" and present:
            name = chosen(random, list(present))
            del present[name]
            yield Leaves(hours=hours, vm=name)


@dataclass(slots=True, kw_only=True, eq=False)
class _Shapes:
    """What new VMs and diffs look like: as those that are there at the start.

    `sizes` are those of the diffs that are no masters; `names` are all names that were used.
    """

    cluster: Cluster
    diffs: dict[str, Diff]
    sizes: list[int]
    names: set[str]
    numbers: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(cluster: Cluster) -> _Shapes:
        """Look at a cluster."""
        sizes = [diff.size for diff in cluster.diffs if diff.parent is not None]
        return _Shapes(
            cluster=cluster,
            diffs={diff.name: diff for diff in cluster.diffs},
            # Without one, a difference is a tenth of a master.
            sizes=sizes or [diff.size // 10 for diff in cluster.diffs],
            names={vm.name for vm in cluster.vms} | {diff.name for diff in cluster.diffs},
        )

    def arrival(self, random: Random, hours: float) -> Arrives:
        """Draw a new VM: it demands what another one does, and its diff has the same parent."""
        like = chosen(random, self.cluster.vms)
        servers = shuffled(random, [server.name for server in self.cluster.servers])
        diff = None
        if like.diff is not None:
            last = self.diffs[like.diff]
            size = chosen(random, self.sizes)
            parent = last.name if last.parent is None else last.parent
            diff = Diff(name=self._new("diff"), size=size, parent=parent)
        vm = VM(
            name=self._new("vm"),
            server=servers[0],
            diff=None if diff is None else diff.name,
            disk=like.disk,
            demand=like.demand,
            allowed_servers=like.allowed_servers,
            priority=like.priority,
            protect=like.protect,
        )
        return Arrives(hours=hours, vm=vm, diff=diff, servers=servers)

    def generation(self, random: Random, hours: float, vm: str) -> Renews:
        """Draw a new diff for a VM."""
        size = chosen(random, self.sizes) if self.sizes else 0
        return Renews(hours=hours, vm=vm, diff=self._new("diff"), size=size)

    def _new(self, what: str) -> str:
        """Give a name that nothing has or had."""
        while True:
            self.numbers[what] = self.numbers.get(what, 0) + 1
            name = f"new {what} {self.numbers[what]}"
            if name not in self.names:
                self.names.add(name)
                return name
