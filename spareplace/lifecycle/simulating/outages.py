"""Servers that go and come back: failures, drains, returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.errors import NoPlan, NoRoom
from spareplace.lifecycle.changeover import PlanChange, drain, rejoin
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.simulating.caretaking import Caretaker, protected_again
from spareplace.lifecycle.simulating.effects import Effect, refused, skipped
from spareplace.lifecycle.simulating.events import Drains, Fails, Returns
from spareplace.lifecycle.simulating.world import (
    SECONDS_PER_HOUR,
    Outage,
    World,
    allowing,
    broken_vms,
    seconds_of,
)
from spareplace.parts import VM
from spareplace.placement import Plan, Rebuild


def fail(world: World, event: Fails, taker: Caretaker) -> tuple[World, Effect]:
    """Let servers fail: VMs are rebuilt by the schedule of `recover`, then protected again."""
    failed = [name for name in world.up if name in event.failure.servers]
    if not failed:
        return world, skipped("none of its servers is up")
    if len(failed) == len(world.up):
        return world, skipped("no server would be left")
    schedule = recover(
        world.cluster, world.plan, failed, time_limit=None, seed=taker.options["seed"]
    )
    cluster, left = after_recovery(world.cluster, world.plan, schedule)
    cluster = _allowing_those_up(world, cluster)
    before = replace(left, rebuilds=_known_targets(world.plan, cluster))
    change = protected_again(taker, cluster, before)
    rebuilt = {rebuild.vm for rebuild in schedule.rebuilds}
    waiting = tuple(
        vm for vm in world.cluster.vms if vm.server in failed and vm.name not in rebuilt
    )
    gone = Outage(servers=tuple(failed), cluster=world.cluster, plan=world.plan, waiting=waiting)
    after = replace(
        world,
        cluster=cluster,
        plan=change.plan,
        standing=None,
        outages={**world.outages, event.outage: gone},
    )
    return after, _of_failure(after, schedule, waiting, broken_vms(cluster, before), change)


def come_back(world: World, event: Returns, taker: Caretaker) -> tuple[World, Effect]:
    """Let the servers of an outage return as they went, with the VMs that wait for them."""
    outage = world.outages.get(event.outage)
    if outage is None:
        return world, skipped("they did not go")
    # All servers and failures of the start: other servers may have been away as these went.
    then = replace(world.whole, diffs=outage.cluster.diffs, vms=outage.cluster.vms)
    joined, left = rejoin(
        world.cluster, world.plan, outage.servers, old_cluster=then, old_chosen=outage.plan
    )
    up = [server.name for server in joined.servers]
    back = tuple(allowing(world, vm, up) for vm in outage.waiting)
    cluster = _allowing_those_up(world, replace(joined, vms=(*joined.vms, *back)))
    change = protected_again(taker, cluster, left)
    outages = {number: it for number, it in world.outages.items() if number != event.outage}
    after = replace(world, cluster=cluster, plan=change.plan, standing=None, outages=outages)
    for_a_while = broken_vms(cluster, left) - after.unprotected
    hours = seconds_of(cluster, change.moves) / SECONDS_PER_HOUR
    return after, Effect(
        moved_bytes=change.moves.copied_bytes,
        vm_hours_unprotected=len(for_a_while) * hours,
    )


def take_away(world: World, event: Drains, taker: Caretaker) -> tuple[World, Effect]:
    """Empty a server and take it away, unless VMs would be less protected then."""
    if event.server not in world.up:
        return world, skipped("it is not up")
    if len(world.up) == 1:
        return world, skipped("no server would be left")
    try:
        way = drain(world.cluster, world.plan, event.server, **taker.options)
    except (NoPlan, NoRoom) as none:
        return world, refused(str(none))
    gone = Outage(servers=(event.server,), cluster=world.cluster, plan=world.plan)
    after = replace(
        world,
        cluster=way.cluster,
        plan=way.plan,
        standing=None,
        outages={**world.outages, event.outage: gone},
    )
    more = sorted(after.unprotected - world.unprotected)
    if more:
        return world, refused(f"it would leave {len(more)} more unprotected, such as {more[0]!r}")
    return after, Effect(moved_bytes=way.moves.copied_bytes)


def _known_targets(plan: Plan, cluster: Cluster) -> Mapping[str, tuple[Rebuild, ...]]:
    """Give the targets that were planned for the failures that can still happen."""
    names = {failure.name for failure in cluster.failures}
    return {it.failure: it.rebuilds for it in plan.recoveries if it.failure in names}


def _allowing_those_up(world: World, cluster: Cluster) -> Cluster:
    up = [server.name for server in cluster.servers]
    return replace(cluster, vms=tuple(allowing(world, vm, up) for vm in cluster.vms))


def _of_failure(
    after: World,
    schedule: RecoverySchedule,
    waiting: tuple[VM, ...],
    broken: frozenset[str],
    change: PlanChange,
) -> Effect:
    """Count what a failure did: VMs are unprotected until the last copy after the recovery."""
    lost = sum(one.reason == "data lost" for one in schedule.lost)
    seconds = schedule.seconds + seconds_of(after.cluster, change.moves)
    return Effect(
        recovery_bytes=schedule.transfer_bytes,
        moved_bytes=change.moves.copied_bytes,
        vms_down=len(schedule.rebuilds) + len(waiting),
        vms_lost=lost,
        vms_without_place=len(waiting) - lost,
        vm_hours_down=sum(rebuild.seconds for rebuild in schedule.rebuilds) / SECONDS_PER_HOUR,
        vm_hours_unprotected=len(broken - after.unprotected) * seconds / SECONDS_PER_HOUR,
        uncovered=bool(after.unprotected),
    )
