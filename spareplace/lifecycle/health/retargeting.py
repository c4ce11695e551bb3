"""Which VMs of a failure can still be rebuilt as planned, and where the others can be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import Amounts
from spareplace.clock import Clock
from spareplace.errors import Shortage
from spareplace.heuristics.targets import Targets, best_fit, cheaper
from spareplace.instance import Instance
from spareplace.lifecycle.health.known import UNKNOWN
from spareplace.lifecycle.health.pairs import WhyMoved
from spareplace.lifecycle.health.room_left import all_fit, with_rebuilt
from spareplace.shortages import hopeless

MOST_IMPROVED = 60
"""New targets of one failure that are improved; the time grows with the square of the number."""

ROUNDS = 10
"""How often targets for all VMs of a failure are sought anew, the hardest ones first."""

Lacking = Callable[[], Amounts]
"""It gives the bytes of each diff that each server lacks, (diffs, servers), to be written to."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rescue:
    """What becomes of the VMs of one failure whose data survives.

    Parameters
    ----------
    kept
        Those that are rebuilt as planned.
    moved
        Those that are rebuilt elsewhere.
    why
        Why, for each of these.
    short
        What the others lack on the server that comes nearest.
    crowded_out
        Those of the others that would find room if nothing else were rebuilt.
    """

    kept: Targets
    moved: Targets
    why: Mapping[int, WhyMoved]
    short: Mapping[int, Shortage]
    crowded_out: frozenset[int]


def rescue(
    instance: Instance,
    planned: Mapping[int, int],
    wanted: Collection[int],
    given_up: Collection[int],
    lacking: Lacking,
) -> Rescue:
    """Keep the planned targets that work, and find others for the rest.

    Where too much was planned for a server, VMs of the highest priority stay, of these the
    largest. If the rest finds no room beside those that stay, targets are sought for all of them
    anew; that counts if every VM then has one. A VM that the plan gave up comes last.

    Parameters
    ----------
    instance
        One failure, as `one_failure` gives it.
    planned
        The planned servers, or `UNKNOWN`.
    wanted, given_up
        The VMs to be rebuilt, and those that the plan left out.
    lacking
        What new targets are to transfer little of.
    """
    kept, why = _kept(instance, planned, wanted)
    rest = [vm for vm in wanted if vm not in kept]
    moved: Targets = {}
    if rest:
        moved = _found(instance, kept, rest)
        if len(moved) < len(rest) and (anew := _all_anew(instance, wanted)):
            why |= dict.fromkeys(kept, "makes room")
            kept = {vm: at for vm, at in anew.items() if at == planned.get(vm)}
            moved = {vm: at for vm, at in anew.items() if vm not in kept}
        if len(moved) <= MOST_IMPROVED:
            moved = _improved(instance, kept, moved, lacking)
    # What was improved may have made room for others; what the plan gave up comes last.
    unplaced = [vm for vm in rest if vm not in kept and vm not in moved]
    for late in (unplaced, given_up):
        if late:
            moved |= _found(instance, kept | moved, late)
    why |= {vm: "none planned" for vm in given_up if vm in moved}
    as_planned = {vm: at for vm, at in moved.items() if at == planned.get(vm)}
    kept = kept | as_planned
    moved = {vm: at for vm, at in moved.items() if vm not in as_planned}
    left_out = [vm for vm in (*wanted, *given_up) if vm not in kept and vm not in moved]
    return Rescue(
        kept=kept,
        moved=moved,
        why={vm: why[vm] for vm in moved},
        short=_short(instance, kept | moved, left_out),
        crowded_out=_fitting_alone(instance, left_out),
    )


def _kept(
    instance: Instance, planned: Mapping[int, int], wanted: Collection[int]
) -> tuple[Targets, dict[int, WhyMoved]]:
    """Give the planned targets that work together, and why the others do not."""
    targets = {vm: planned[vm] for vm in wanted if vm in planned}
    known = len(targets) == len(wanted) and UNKNOWN not in targets.values()
    if known and all_fit(instance, targets):
        return targets, {}
    kept: Targets = {}
    why: dict[int, WhyMoved] = {vm: "none planned" for vm in wanted if vm not in targets}
    left = instance.left.copy()
    taken: set[tuple[int, int]] = set()
    scale = np.maximum(instance.capacity.astype(np.float64).max(axis=0, initial=0), 1.0)
    largest = (instance.demand / scale).max(axis=1)
    vms = instance.cluster.vms
    for vm in sorted(targets, key=lambda vm: (-vms[vm].priority, -largest[vm], vm)):
        server, demand = targets[vm], instance.demand[vm]
        wrong = _wrong(instance, vm, server)
        groups = {(server, group) for group in instance.groups[vm]}
        if wrong is None and groups & taken:
            wrong = "anti-affinity"
        if wrong is None and not ((demand == 0) | (demand <= left[server])).all():
            wrong = "no room"
        if wrong is None:
            kept[vm] = server
            left[server] -= demand
            taken |= groups
        else:
            why[vm] = wrong
    return kept, why


def _wrong(instance: Instance, vm: int, server: int) -> WhyMoved | None:
    """Say what forbids a planned target, whatever else is rebuilt."""
    if server == UNKNOWN:
        return "unknown server"
    if instance.down[0, server]:
        return "fails itself"
    if instance.allowed[vm, server]:
        return None
    host, listed = instance.cluster.servers[server], instance.cluster.vms[vm].allowed_servers
    if not host.accept_rebuilds:
        return "accepts no rebuilds"
    return "anti-affinity" if listed is None or host.name in listed else "not allowed"


def _found(instance: Instance, placed: Targets, wanted: Collection[int]) -> Targets:
    """Find targets for VMs beside those that have one."""
    room = with_rebuilt(instance, placed, wanted)
    return best_fit(room, 0, _nothing(instance), wanted)


def _all_anew(instance: Instance, wanted: Collection[int]) -> Targets:
    """Find targets for all VMs together, or give none; those that found no place go first next."""
    if len(_fitting_alone(instance, wanted)) < len(wanted):
        return {}
    first: list[int] = []
    for _ in range(ROUNDS):
        found = _found(instance, {}, first)
        found |= _found(instance, found, [vm for vm in wanted if vm not in first])
        if len(found) == len(wanted):
            return found
        without = [vm for vm in wanted if vm not in found]
        if set(without) <= set(first):
            break
        first += [vm for vm in without if vm not in first]
    return {}


def _improved(instance: Instance, kept: Targets, moved: Targets, lacking: Lacking) -> Targets:
    """Transfer less to new targets; what those that stay fetch anyway costs nothing more."""
    if not moved:
        return moved
    missing = lacking()
    there = {(diff, server) for vm, server in kept.items() for diff in instance.chain[vm]}
    before = [(place, missing[place]) for place in there]
    for place in there:
        missing[place] = 0
    room = with_rebuilt(instance, kept, moved)
    found = cheaper(room, 0, _nothing(instance), missing, moved, Clock())
    for place, size in before:
        missing[place] = size
    return found


def _short(instance: Instance, targets: Targets, left_out: Collection[int]) -> dict[int, Shortage]:
    """Say what each VM without a target lacks beside all that have one."""
    if not left_out:
        return {}
    room = replace(with_rebuilt(instance, targets, left_out), lost=(tuple(left_out),))
    return {vm: shortage for (_, vm), shortage in hopeless(room).items()}


def _fitting_alone(instance: Instance, vms: Collection[int]) -> frozenset[int]:
    free, up = instance.free, ~instance.down[0]
    return frozenset(
        vm
        for vm in vms
        if (instance.allowed[vm] & up & (instance.demand[vm] <= free).all(axis=1)).any()
    )


def _nothing(instance: Instance) -> NDArray[np.int64]:
    """Store nothing more: what is stored is out of the room already."""
    return np.zeros(len(instance.left), dtype=np.int64)
