"""What is decided when servers fail, and once their VMs are up again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.lifecycle.living.coming_back import stored_now
from spareplace.lifecycle.living.events import ClusterEvent, read_event
from spareplace.lifecycle.living.life import TICK, Away, Life, Told
from spareplace.lifecycle.living.observing import Observed
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.placement import Placement


def answered(life: Life, observed: Observed, *, time_limit: float | None) -> Told:
    """Decide where the VMs of failed servers go.

    What was under way stands as far as it is: VMs count where they run, moves that are left are
    dropped, and what is stored is what the hypervisor says. A drain begins anew afterwards.

    Parameters
    ----------
    life
        With events that say what failed.
    observed
        What the hypervisor says.
    time_limit
        Seconds for the choice of targets, or ``None``.
    """
    told = [name for it in life.waiting if it.kind == "failed" for name in it.servers]
    life = replace(life, waiting=tuple(_still_true(life.waiting)))
    servers = {server.name for server in life.cluster.servers}
    before = life.recovery.failed if life.recovery is not None else ()
    new = [name for name in dict.fromkeys(told) if name in servers and name not in before]
    remarks = [
        f"refused: server {name!r} failed: it is none of those that are up"
        for name in dict.fromkeys(told)
        if name not in new
    ]
    if servers == {*before, *new}:
        return life, (*remarks, f"refused: {_listed(new)} failed: no server is left")
    if not new:
        return life, tuple(remarks)
    cluster = _as_it_runs(life.cluster, observed)
    now = stored_now(life, observed)
    life = replace(
        life,
        cluster=cluster,
        moves=(),
        recovery=recover(cluster, now, {*before, *new}, time_limit=time_limit),
        goal=None,
        away=(*life.away, *(Away(server=name, cluster=life.cluster) for name in new)),
    )
    return life, (*remarks, f"failed: {_listed(new)}")


def recovered(life: Life) -> Told:
    """Let the failed servers go, now that the VMs are up that can be, and protect all again."""
    schedule = life.recovery
    assert schedule is not None
    cluster, _ = after_recovery(life.cluster, Placement(), schedule)
    life = replace(life, cluster=cluster, recovery=None, waiting=(TICK, *life.waiting))
    gone = [f"VM {lost.vm!r} is lost: {lost}" for lost in schedule.lost]
    gone += [f"VM {vm!r} is gone: it was not to be protected" for vm in schedule.never_rebuilt]
    return life, tuple(gone)


def _still_true(waiting: Sequence[ClusterEvent]) -> Iterator[ClusterEvent]:
    """Give all events but failures; who was repaired and failed again after that is not back."""
    for position, event in enumerate(waiting):
        if event.kind == "repaired":
            later = {n for it in waiting[position:] if it.kind == "failed" for n in it.servers}
            back = [name for name in event.servers if name not in later]
            if len(back) == len(event.servers):
                yield event
            elif back:
                yield read_event(json.dumps({"event": "repaired", "servers": back}))
        elif event.kind != "failed":
            yield event


def _as_it_runs(cluster: Cluster, observed: Observed) -> Cluster:
    """Let VMs stand where they run: a drain or a recovery may have moved some."""
    servers = {server.name for server in cluster.servers}
    homes = {vm: server for vm, server in observed.running.items() if server in servers}
    return replace(
        cluster,
        vms=tuple(replace(vm, server=homes.get(vm.name, vm.server)) for vm in cluster.vms),
    )


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)
