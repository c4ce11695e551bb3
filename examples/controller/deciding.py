"""What is next, and what the library is asked when something happens to the cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from examples.controller.asked import Asked, Decision
from examples.controller.events import Event
from examples.controller.failing import recovered
from examples.controller.hypervisor import Action, Run
from examples.controller.state import State
from spareplace import (
    Cluster,
    NoPlan,
    NoRoom,
    Placement,
    Registration,
    SpareplaceError,
    drain,
    moves_between,
    plan,
    protection_status,
    register,
    rejoin,
    replan,
)
from spareplace.placement import DEFAULT_MAX_PIECES

log = logging.getLogger("controller")


def next_action(state: State, running: Mapping[str, str]) -> Action | None:
    """Give what is to be done before anything new is decided: VMs first, then moves.

    In a drain VMs move last, when their data is where they go.
    """
    if state.recovery is not None:
        where = {rebuild.vm: rebuild.server for rebuild in state.recovery.rebuilds}
        gone: set[str] = set()
    else:
        cluster = state.goal[0] if state.goal and not state.moves else state.cluster
        where = {vm.name: vm.server for vm in cluster.vms}
        gone = running.keys() - where
    for vm, server in where.items():
        if running.get(vm) != server:
            return Run(vm=vm, server=server)
    if gone:
        return Run(vm=min(gone), server=None)
    return state.moves[0] if state.moves and state.recovery is None else None


def next_decision(state: State) -> Decision | None:
    """Give what is to be decided when all is done that was."""
    if state.recovery is not None:
        return recovered
    if state.goal is not None:
        return emptied
    return handled if state.waiting else None


def begun(cluster: Cluster, asked: Asked) -> State:
    """Decide on a first plan."""
    found = plan(cluster, progress=asked.progress, **asked.options)
    now = Placement(stored=asked.stored)
    return State(cluster=cluster, plan=found, moves=moves_between(cluster, now, found).steps)


def registered(state: State, event: Event, asked: Asked) -> State:
    """Decide on VMs and diffs that come, change and leave; plan anew if that needs more room."""
    now = asked.now(state, state.cluster)
    try:
        pieces = asked.options.get("max_pieces", DEFAULT_MAX_PIECES)
        cluster, found = register(state.cluster, state.plan, event.registration, max_pieces=pieces)
        steps = moves_between(cluster, now, found).steps
    except (NoPlan, NoRoom) as error:
        log.info("planning anew: %s", error)
        cluster = _with(state.cluster, event.registration)
        change = replan(cluster, now, progress=asked.progress, **asked.options)
        found, steps = change.plan, change.moves.steps
    return asked.changed(state, cluster, found, steps, now)


def repaired(state: State, event: Event, asked: Asked) -> State:
    """Decide what servers that come back are used for, with what they still hold."""
    cluster, now = state.cluster, asked.now(state, state.cluster)
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
    return asked.changed(state, cluster, change.plan, change.moves.steps, now)


def drained(state: State, event: Event, asked: Asked) -> State:
    """Decide how to empty a server; the state stays what it is until it is empty."""
    (server,) = event.servers
    now = asked.now(state, state.cluster)
    way = drain(state.cluster, now, server, progress=asked.progress, **asked.options)
    return replace(state, moves=way.moves.steps, goal=(way.cluster, way.plan))


def emptied(state: State, asked: Asked) -> State:
    """Let a server go, once its data and its VMs are elsewhere, and delete what that was for."""
    assert state.goal is not None
    cluster, found = state.goal
    gone = {it.name for it in state.cluster.servers} - {it.name for it in cluster.servers}
    now = asked.now(state, cluster)
    return replace(
        state,
        cluster=cluster,
        plan=found,
        moves=moves_between(cluster, now, found).steps,
        goal=None,
        waiting=state.waiting[1:],
        away={**state.away, **dict.fromkeys(gone, state.cluster)},
    )


def replanned(state: State, _: Event, asked: Asked) -> State:
    """Look for a better plan; of what is best already nothing changes."""
    now = asked.now(state, state.cluster)
    current = replace(state.plan, stored=now.stored)  # by a plan it sees that it is its own
    change = replan(state.cluster, current, progress=asked.progress, **asked.options)
    return asked.changed(state, state.cluster, change.plan, change.moves.steps, now)


def judged(state: State, event: Event, asked: Asked) -> State:
    """See whether everything is still protected by what is stored, and plan if it is not."""
    now = asked.now(state, state.cluster)
    status = protection_status(state.cluster, replace(state.plan, stored=now.stored))
    log.info("%s", status.pairs)
    return state if status.holds else replanned(state, event, asked)


def handled(state: State, asked: Asked) -> State:
    """Decide on the first event that waits; one that the library refuses is done with."""
    event = state.waiting[0]
    log.info("%s", event.line.strip()[:200])
    try:
        found = _BY_KIND[event.kind](state, event, asked)
    except SpareplaceError as error:
        if asked.stopped():
            raise
        log.error("refused: %s (%s)", event.line.strip()[:200], error)
        found = state
    return found if found.goal else replace(found, waiting=state.waiting[1:])


_BY_KIND: Mapping[str, Callable[[State, Event, Asked], State]] = {
    "register": registered,
    "leave": registered,
    "repaired": repaired,
    "drain": drained,
    "replan": replanned,
    "tick": judged,
}


def _with(cluster: Cluster, news: Registration) -> Cluster:
    """Put what comes into a cluster, and take out what leaves."""
    vms = {vm.name: vm for vm in (*cluster.vms, *news.vms)}
    diffs = {diff.name: diff for diff in (*cluster.diffs, *news.diffs)}
    return replace(
        cluster,
        vms=tuple(vm for name, vm in vms.items() if name not in news.leaving_vms),
        diffs=tuple(diff for name, diff in diffs.items() if name not in news.leaving_diffs),
    )
