"""What the library is asked when servers fail: where their VMs go, then how to protect them."""

from __future__ import annotations

import logging
from dataclasses import replace

from examples.controller.asked import Asked
from examples.controller.events import Event
from examples.controller.state import State
from spareplace import Placement, after_recovery, recover, reprotect

log = logging.getLogger("controller")


def is_alarm(event: Event) -> bool:
    """Tell whether servers failed."""
    return event.kind == "failed"


def answered(state: State, asked: Asked) -> State:
    """Decide where the VMs of failed servers go; a recovery under way is taken as far as it is."""
    alarms = [event for event in state.waiting if is_alarm(event)]
    state = replace(state, waiting=tuple(it for it in state.waiting if not is_alarm(it)))
    names = {server.name for server in state.cluster.servers}
    before = state.recovery.failed if state.recovery else ()
    new = {name for event in alarms for name in event.servers if name in names} - {*before}
    down = new.union(before)
    if not new or down == names:
        log.error("nothing to do: unknown, known to be down, or the last: %s", alarms)
        return state
    log.warning("failed: %s", ", ".join(sorted(new)))
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
    now = asked.now(state, cluster, down)
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
    for lost in schedule.lost:
        log.error("VM %s is lost: %s", lost.vm, lost)
    now = asked.now(state, state.cluster, schedule.failed)
    again = reprotect(state.cluster, now, schedule, progress=asked.progress, **asked.options)
    change = again.change
    state = replace(state, recovery=None)
    return asked.changed(state, again.cluster, change.plan, change.moves.steps, now)
