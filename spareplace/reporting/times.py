"""How long the recoveries of a plan take, with its own targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.goals import has_rates
from spareplace.lifecycle.recovering.scheduling import timetable
from spareplace.lifecycle.recovering.standing import stand
from spareplace.placement import Placement, Plan, Recovery

NEVER = float("inf")
"""Data is behind a rate of 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTime:
    """When the VMs of a failure are up.

    Parameters
    ----------
    seconds
        When the last one is, from the start of the recovery.
    up
        By VM, the second at which all of its chain is there.
    """

    seconds: float
    up: Mapping[str, float]


def recovery_times(
    cluster: Cluster, plan: Plan, failures: frozenset[str]
) -> dict[str, RecoveryTime]:
    """Work out when the VMs of some failures are up, each alone; nothing where no rate is given.

    The schedule is that of `recover`, with the targets of the plan.

    Parameters
    ----------
    cluster
        With rates.
    plan
        One that keeps every rule.
    failures
        Their names.
    """
    if not has_rates(cluster):
        return {}
    servers = {failure.name: failure.servers for failure in cluster.failures}
    placement = plan.placement
    return {
        recovery.failure: (
            _time(cluster, placement, recovery, servers[recovery.failure])
            if recovery.transfer_bytes
            else RecoveryTime(seconds=0.0, up={it.vm: 0.0 for it in recovery.rebuilds})
        )
        for recovery in plan.recoveries
        if recovery.failure in failures
    }


def _time(
    cluster: Cluster, placement: Placement, recovery: Recovery, failed: tuple[str, ...]
) -> RecoveryTime:
    standing = stand(cluster, placement, failed)
    server_at = {server.name: at for at, server in enumerate(cluster.servers)}
    target = {rebuild.vm: server_at[rebuild.server] for rebuild in recovery.rebuilds}
    names = [cluster.vms[vm].name for vm in standing.lost]
    reached = {
        at: target[name]
        for at, name in enumerate(names)
        if name in target and standing.may[at, target[name]]
    }
    found = timetable(standing, reached)
    up = {name: found.up.get(at, NEVER) for at, name in enumerate(names) if name in target}
    return RecoveryTime(seconds=max(up.values(), default=0.0), up=up)
