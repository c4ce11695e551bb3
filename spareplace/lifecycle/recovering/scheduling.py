"""The best of a few orders: each is run, and the one with VMs up soonest is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from spareplace.lifecycle.recovering.ordering import Want, in_order
from spareplace.lifecycle.recovering.sourcing import Flow, flows_of
from spareplace.lifecycle.recovering.standing import Standing
from spareplace.lifecycle.recovering.timing import Sent, run

MOST_FLOWS = 1000
"""With more flows only one order is run: the time that takes grows with their square."""

MOST_RUNS = 6
"""Orders that are run. New ones are those in which the VMs were up with the ones before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """What is sent when, for VMs in one order.

    Parameters
    ----------
    wants
        The VMs in that order.
    flows, sent
        What is sent, and when each part of it.
    up
        By lost VM, the second at which all of its chain is there.
    """

    wants: Sequence[Want]
    flows: Sequence[Flow]
    sent: Sequence[Sent]
    up: Mapping[int, float]


def timetable(standing: Standing, servers: Mapping[int, int]) -> Timetable:
    """Find an order in which VMs are up soon, and run it.

    Parameters
    ----------
    standing
        What is left.
    servers
        The target of each VM that is rebuilt.
    """
    first = in_order(standing, servers)
    best = _run(standing, first)
    if not best.flows or len(best.flows) > MOST_FLOWS:
        return best
    priority = {want.vm: standing.cluster.vms[standing.lost[want.vm]].priority for want in first}
    size = {
        want.vm: sum(int(standing.missing[row, want.server]) for row in want.rows) for want in first
    }
    by_size = sorted(first, key=lambda want: (-priority[want.vm], size[want.vm]))
    runs = [best, _run(standing, by_size)]
    for found in runs:
        if len(runs) < MOST_RUNS:
            again = sorted(found.wants, key=partial(_as_it_was, found, priority))
            if again != list(found.wants):
                runs.append(_run(standing, again))
    return min(runs, key=lambda found: _sums(found, priority))


def _as_it_was(found: Timetable, priority: Mapping[int, int], want: Want) -> tuple[int, float]:
    return -priority[want.vm], found.up[want.vm]


def _run(standing: Standing, wants: Sequence[Want]) -> Timetable:
    flows = flows_of(standing, wants)
    sent = run(standing, flows)
    there: dict[tuple[int, int], float] = {}
    for part in sent:
        place = flows[part.flow].target, flows[part.flow].row
        there[place] = max(there.get(place, 0.0), part.end)
    up = {
        want.vm: max((there[want.server, row] for row in want.rows), default=0.0) for want in wants
    }
    return Timetable(wants=wants, flows=flows, sent=sent, up=up)


def _sums(found: Timetable, priority: Mapping[int, int]) -> tuple[float, ...]:
    """Give the sum of the times of each priority, the highest first."""
    sums = dict.fromkeys(sorted(set(priority.values()), reverse=True), 0.0)
    for vm, seconds in sorted(found.up.items()):
        sums[priority[vm]] += seconds
    return tuple(sums.values())
