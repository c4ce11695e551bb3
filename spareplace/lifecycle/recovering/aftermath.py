"""`after_recovery`: the cluster and what is stored in it once a recovery is over, or half over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster, Problem
from spareplace.fields import shown
from spareplace.holding import merged
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.lifecycle.recovering.standing import known_extents
from spareplace.parts import VM, Failure, Server
from spareplace.placement import Placement, Plan


def after_recovery(
    cluster: Cluster,
    chosen: Plan | Placement,
    schedule: RecoverySchedule,
    *,
    until: float | None = None,
) -> tuple[Cluster, Placement]:
    """Give the state that a recovery leads to: the next cluster, and what is stored in it.

    Rebuilt VMs run on their targets. The failed servers are gone, with their extents and the VMs
    that were not rebuilt; so are the targets that were planned for failures.

    Parameters
    ----------
    cluster
        What the schedule is for.
    chosen
        What is stored, as it was given to `recover`.
    schedule
        The recovery.
    until
        Seconds from its start, or ``None`` for all of it. Given, the recovery stands where it is
        then: VMs that are up run on their targets; the others still stand on the failed servers,
        which stay in the cluster, hold nothing and take nothing. ``recover(cluster, placement,
        old | new)`` then answers a second failure. What was sent for VMs that are not up yet is
        lost: it was streamed into their images.

    Raises
    ------
    InvalidInput
        If no server survives, or `until` is below 0.
    OtherCluster
        If the schedule is of another cluster.

    Examples
    --------
    >>> from spareplace import VM, Cluster, Placement, Server, recover
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=50), Server(name="b", disk=50)),
    ...     vms=(VM(name="web", server="a", disk=40),),
    ... )
    >>> after, stored = after_recovery(cluster, Placement(), recover(cluster, Placement(), ["a"]))
    >>> after.vms[0].server, [server.name for server in after.servers]
    ('b', ['b'])
    """
    _refuse_unusable(cluster, schedule, until)
    gone = frozenset(schedule.failed)
    target = {
        rebuild.vm: rebuild.server
        for rebuild in schedule.rebuilds
        if until is None or rebuild.seconds <= until
    }
    vms = [_moved(vm, target) for vm in cluster.vms]
    if until is None:
        left = tuple(_off(vm, gone) for vm in vms if vm.server not in gone)
        kept = tuple(server for server in cluster.servers if server.name not in gone)
        after = replace(
            cluster,
            servers=_listing(kept, left),
            vms=left,
            failures=tuple(_without(cluster.failures, gone)),
        )
    else:
        servers = tuple(_emptied(server, gone) for server in cluster.servers)
        after = replace(cluster, servers=servers, vms=tuple(vms))
    stored = known_extents(cluster, chosen.stored)
    return after, Placement(stored=merged(one for one in stored if one.server not in gone))


def _refuse_unusable(cluster: Cluster, schedule: RecoverySchedule, until: float | None) -> None:
    found = fingerprint(cluster)
    if found != schedule.cluster_sha256:
        raise OtherCluster(found, schedule.cluster_sha256)
    number = isinstance(until, (int, float)) and not isinstance(until, bool)
    if until is not None and not (number and until >= 0):
        raise InvalidInput(
            [Problem(path="until", found=shown(until), expected="seconds from 0, or None")]
        )
    if until is None and len(schedule.failed) == len(cluster.servers):
        raise InvalidInput(
            [
                Problem(
                    path="schedule.failed",
                    found="every server of the cluster",
                    expected="at least one that survives",
                    hint="add the servers that are repaired to the cluster first",
                )
            ]
        )


def _moved(vm: VM, target: Mapping[str, str]) -> VM:
    return replace(vm, server=target[vm.name]) if vm.name in target else vm


def _off(vm: VM, gone: Collection[str]) -> VM:
    """Take servers off those that a VM allows; with none left it allows its own alone."""
    if vm.allowed_servers is None or not any(name in gone for name in vm.allowed_servers):
        return vm
    left = tuple(name for name in vm.allowed_servers if name not in gone)
    return replace(vm, allowed_servers=left or (vm.server,))


def _emptied(server: Server, gone: Collection[str]) -> Server:
    if server.name not in gone:
        return server
    return replace(server, accept_extents=False, accept_rebuilds=False, resident=())


def _without(failures: Collection[Failure], gone: Collection[str]) -> list[Failure]:
    left = [
        (failure, tuple(name for name in failure.servers if name not in gone))
        for failure in failures
    ]
    return [replace(failure, servers=names) for failure, names in left if names]


def _listing(servers: tuple[Server, ...], vms: tuple[VM, ...]) -> tuple[Server, ...]:
    """List resources that only failed servers had, with none of them left, if VMs demand them."""
    listed = {resource for server in servers for resource in server.capacity}
    wanted = dict.fromkeys(resource for vm in vms for resource in vm.demand)
    none = {resource: 0 for resource in wanted if resource not in listed}
    if not none:
        return servers
    first, *rest = servers
    return replace(first, capacity={**first.capacity, **none}), *rest
