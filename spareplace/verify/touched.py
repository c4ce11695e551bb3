"""The rules of the full check on a part of a placement: one server, one diff, one failure.

Each part is a `Ground` that holds what its rules look at, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from spareplace.placement import Extent, Plan, Unprotected
from spareplace.verify import extents, rebuilds, structure
from spareplace.verify.ground import Ground, Outage
from spareplace.verify.layout import Layout
from spareplace.verify.violation import Violation

_NOTHING = Plan(
    cluster_sha256="", status="feasible", method="", solver=None, seed=0, seconds=0.0,
    expected_transfer_bytes=0.0, lower_bound_bytes=None, stored=(), recoveries=(),
)  # fmt: skip
"""Stands for the plan: of a part no figure is looked at."""


def judge_guests(layout: Layout, server: str, failures: Set[str]) -> tuple[Violation, ...]:
    """Judge who is rebuilt on a server in some failures, and the room for them but on its disk."""
    ground = _ground(layout, running=(server,), outages=_outages_at(layout, server, failures))
    return (
        *rebuilds.resources(ground),
        *rebuilds.anti_affinity(ground),
        *rebuilds.targets(ground),
    )


def judge_disk(layout: Layout, server: str, failures: Set[str]) -> tuple[Violation, ...]:
    """Judge a server's disk, without a failure and in some, and whether extents may be there."""
    ground = _ground(
        layout,
        running=(server,),
        stored=layout.known_on(server),
        outages=_outages_at(layout, server, failures),
    )
    return (*rebuilds.disk(ground), *extents.accepted(ground))


def judge_diff(layout: Layout, diff: str, max_pieces: int) -> tuple[Violation, ...]:
    """Judge where a diff is stored and how it is cut."""
    ground = _ground(
        layout,
        stored=layout.known_of(diff),
        plan=replace(_NOTHING, stored=tuple(layout.stored.get(diff, ()))),
    )
    return (
        *structure.references(ground),
        *extents.bounds(ground),
        *extents.overlap(ground),
        *extents.pieces(ground, max_pieces),
    )


def judge_failure(layout: Layout, failure: str) -> tuple[Violation, ...]:
    """Judge whether a failure rebuilds who is lost in it, once."""
    outage = layout.outages[failure]
    given_up = tuple(pair for pair in layout.unprotected if pair.failure == failure)
    ground = _ground(
        layout,
        running=outage.failure.servers,
        outages=(outage,),
        plan=replace(_NOTHING, unprotected=given_up),
    )
    return (*structure.references(ground), *structure.each_vm_once(ground))


def judge_survival(layout: Layout, failure: str, diffs: Set[str]) -> tuple[Violation, ...]:
    """Judge whether what a failure's rebuilds need of some diffs outlives the failure."""
    outage = layout.outages[failure]
    needed = {place: vm for place, vm in outage.needed.items() if place[1] in diffs}
    part = replace(outage, rebuilt={}, needed=needed)
    return tuple(rebuilds.survival(_ground(layout, outages=(part,))))


def judge_strangers(layout: Layout) -> tuple[Violation, ...]:
    """Judge the pairs that are given up in failures which do not exist."""
    pairs = tuple(pair for pair in layout.unprotected if pair.failure not in layout.failures)
    if not pairs:
        return ()
    return tuple(structure.references(_ground(layout, plan=_giving_up(pairs))))


def _outages_at(layout: Layout, server: str, failures: Set[str]) -> Iterator[Outage]:
    for failure in layout.rebuilt_at.get(server, set()) & failures:
        outage = layout.outages[failure]
        yield replace(outage, rebuilt={server: outage.rebuilt[server]}, needed={})


def _giving_up(pairs: tuple[Unprotected, ...]) -> Plan:
    return replace(_NOTHING, unprotected=pairs)


def _ground(
    layout: Layout,
    *,
    running: Iterable[str] = (),
    stored: tuple[Extent, ...] = (),
    outages: Iterable[Outage] = (),
    plan: Plan = _NOTHING,
) -> Ground:
    return Ground(
        cluster=layout.bare,
        plan=plan,
        servers=layout.servers,
        diffs=layout.diffs,
        vms=layout.vms,
        running={server: layout.running(server) for server in running},
        extents=stored,
        held=layout.held,
        outages=tuple(outages),
    )
