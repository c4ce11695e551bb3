"""What the library is asked: functions from a state, and what the hypervisor says, to the next one.

They change nothing and wait for nobody, so they may run in any thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from examples.controller.events import Event
from examples.controller.state import Goal, State
from spareplace import (
    Cluster,
    Extent,
    NoPlan,
    NoRoom,
    Placement,
    Plan,
    Progress,
    Registration,
    Step,
    after_recovery,
    drain,
    moves_between,
    plan,
    protection_status,
    recover,
    register,
    rejoin,
    replan,
    reprotect,
)
from spareplace.options import PlanOptions
from spareplace.placement import DEFAULT_MAX_PIECES

log = logging.getLogger("controller")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a decision needs besides the state.

    Parameters
    ----------
    running, stored
        What the hypervisor says of all servers, failed ones among them.
    options
        For everything that plans.
    recovery_limit
        Seconds for the choice of targets when servers failed, or ``None``.
    progress
        By which planning learns that it is to stop.
    """

    running: Mapping[str, str]
    stored: tuple[Extent, ...]
    options: PlanOptions
    recovery_limit: float | None = 0.5
    progress: Callable[[Progress], bool] | None = None


Decision: TypeAlias = Callable[[State, Event, Asked], State]


def begun(cluster: Cluster, asked: Asked) -> State:
    """Decide on a first plan."""
    found = plan(cluster, progress=asked.progress, **asked.options)
    now = Placement(stored=asked.stored)
    return State(cluster=cluster, plan=found, moves=moves_between(cluster, now, found).steps)


def failed(state: State, servers: Collection[str], asked: Asked) -> State:
    """Decide where the VMs of failed servers go; a recovery under way is taken as far as it is."""
    names = {server.name for server in state.cluster.servers}
    before = state.recovery.failed if state.recovery else ()
    new = names.intersection(servers).difference(before)
    down = new.union(before)
    if not new or down == names:
        log.error("nothing to do about %s: unknown, known to be down, or the last", servers)
        return state
    if state.recovery is None:
        vms = (
            replace(vm, server=asked.running.get(vm.name, vm.server)) for vm in state.cluster.vms
        )
        cluster = replace(state.cluster, vms=tuple(vms))  # a drain may have moved some
    else:
        up = [it for it in state.recovery.rebuilds if asked.running.get(it.vm) == it.server]
        so_far = replace(state.recovery, rebuilds=tuple(up))
        cluster, _ = after_recovery(
            state.cluster, Placement(), so_far, until=state.recovery.seconds
        )
    now = _now(state, cluster, asked, down)
    return replace(
        state,
        cluster=cluster,
        recovery=recover(cluster, now, down, time_limit=asked.recovery_limit),
        moves=(),
        goal=None,
        away={**state.away, **dict.fromkeys(new, state.cluster)},
    )


def recovered(state: State, asked: Asked) -> State:
    """Decide how to protect all VMs again, once those of the failed servers are up."""
    schedule = state.recovery
    assert schedule is not None
    now = _now(state, state.cluster, asked, schedule.failed)
    again = reprotect(state.cluster, now, schedule, progress=asked.progress, **asked.options)
    change = again.change
    state = replace(state, recovery=None)
    return _changed(state, again.cluster, change.plan, change.moves.steps, asked, now)


def registered(state: State, event: Event, asked: Asked) -> State:
    """Decide on VMs and diffs that come, change and leave; plan anew if that needs more room."""
    now = _now(state, state.cluster, asked)
    try:
        pieces = asked.options.get("max_pieces", DEFAULT_MAX_PIECES)
        cluster, found = register(state.cluster, state.plan, event.registration, max_pieces=pieces)
        steps = moves_between(cluster, now, found).steps
    except (NoPlan, NoRoom) as error:
        log.info("planning anew: %s", error)
        cluster = _with(state.cluster, event.registration)
        change = replan(cluster, now, progress=asked.progress, **asked.options)
        found, steps = change.plan, change.moves.steps
    return _changed(state, cluster, found, steps, asked, now)


def repaired(state: State, event: Event, asked: Asked) -> State:
    """Decide what servers that come back are used for, with what they still hold."""
    cluster, now = state.cluster, _now(state, state.cluster, asked)
    back = [name for name in event.servers if name in state.away]
    for name in back:
        cluster, now = rejoin(
            cluster,
            now,
            [name],
            old_cluster=state.away[name],
            old_chosen=Placement(stored=asked.stored),
        )
    change = replan(cluster, now, progress=asked.progress, **asked.options)
    away = {name: left for name, left in state.away.items() if name not in back}
    state = replace(state, away=away)
    return _changed(state, cluster, change.plan, change.moves.steps, asked, now)


def drained(state: State, event: Event, asked: Asked) -> State:
    """Decide how to empty a server; the state stays what it is until it is empty."""
    (server,) = event.servers
    now = _now(state, state.cluster, asked)
    way = drain(state.cluster, now, server, progress=asked.progress, **asked.options)
    return replace(state, moves=way.moves.steps, goal=Goal(cluster=way.cluster, plan=way.plan))


def emptied(state: State, goal: Goal) -> State:
    """Let a server go, once its data and its VMs are elsewhere."""
    kept = {server.name for server in goal.cluster.servers}
    gone = [server.name for server in state.cluster.servers if server.name not in kept]
    away = {**state.away, **dict.fromkeys(gone, state.cluster)}
    return replace(state, cluster=goal.cluster, plan=goal.plan, goal=None, away=away)


def replanned(state: State, _: Event, asked: Asked) -> State:
    """Look for a better plan; of what is best already nothing changes."""
    now = _now(state, state.cluster, asked)
    current = replace(state.plan, stored=now.stored)  # by a plan it sees that it is its own
    change = replan(state.cluster, current, progress=asked.progress, **asked.options)
    return _changed(state, state.cluster, change.plan, change.moves.steps, asked, now)


def judged(state: State, event: Event, asked: Asked) -> State:
    """See whether everything is still protected by what is stored, and plan if it is not."""
    now = _now(state, state.cluster, asked)
    status = protection_status(state.cluster, replace(state.plan, stored=now.stored))
    log.info("%s", status.pairs)
    return state if status.holds else replanned(state, event, asked)


DECISIONS: Mapping[str, Decision] = {
    "register": registered,
    "leave": registered,
    "repaired": repaired,
    "drain": drained,
    "replan": replanned,
    "tick": judged,
}


def _now(state: State, cluster: Cluster, asked: Asked, down: Iterable[str] = ()) -> Placement:
    """Give what servers that are up store: the state may be one step behind."""
    up = {server.name for server in cluster.servers}.difference(down)
    stored = tuple(extent for extent in asked.stored if extent.server in up)
    return Placement(stored=stored, rebuilds=state.plan.placement.rebuilds)


def _changed(
    state: State,
    cluster: Cluster,
    found: Plan,
    steps: tuple[Step, ...],
    asked: Asked,
    believed: Placement,
) -> State:
    """Let a plan stand, and first delete what lies around and was not planned with.

    Such are the old diffs on a server that comes back: their names may mean other bytes by now.
    """
    for pair in found.unprotected:
        log.warning("%s is not protected in failure %s: %s", pair.vm, pair.failure, pair.reason)
    names = {server.name for server in cluster.servers}
    diffs = {diff.name for diff in cluster.diffs}
    known = {(it.diff, it.server) for it in believed.stored if it.diff in diffs}
    strays = tuple(
        Step(action="delete", diff=it.diff, server=it.server, start=it.start, stop=it.stop)
        for it in asked.stored
        if it.server in names and (it.diff, it.server) not in known
    )
    return replace(state, cluster=cluster, plan=found, moves=(*strays, *steps))


def _with(cluster: Cluster, news: Registration) -> Cluster:
    """Put what comes into a cluster, and take out what leaves."""
    vms = {vm.name: vm for vm in (*cluster.vms, *news.vms)}
    diffs = {diff.name: diff for diff in (*cluster.diffs, *news.diffs)}
    return replace(
        cluster,
        vms=tuple(vm for name, vm in vms.items() if name not in news.leaving_vms),
        diffs=tuple(diff for name, diff in diffs.items() if name not in news.leaving_diffs),
    )
