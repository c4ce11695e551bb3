"""The world of a simulation: a cluster, its plan, and the servers that are away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from spareplace.cluster import Cluster
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.moves.steps import Moves
from spareplace.lifecycle.registering import Standing
from spareplace.parts import VM
from spareplace.placement import Placement, Plan

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Servers that are away, and what is to come back with them.

    Parameters
    ----------
    servers
        Their names.
    cluster, plan
        As they were when the servers went.
    waiting
        The VMs that were not rebuilt: they are down, and run again when their server is back.
    """

    servers: tuple[str, ...]
    cluster: Cluster
    plan: Plan
    waiting: tuple[VM, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stands between two events.

    Parameters
    ----------
    whole
        The cluster at the start, with all servers and failures.
    cluster, plan
        Those that are up now, and the plan for them; every rule is kept.
    outages
        By number, what is away.
    allowed
        For VMs that do not allow all servers, those that they allow, up or not.
    standing
        The two, prepared for registrations, or ``None`` where that is still to be done. There is
        one world at a time: what is registered in it changes it.
    """

    whole: Cluster
    cluster: Cluster
    plan: Plan
    outages: Mapping[int, Outage]
    allowed: Mapping[str, tuple[str, ...]]
    standing: Standing | None = None

    @property
    def up(self) -> tuple[str, ...]:
        """The names of the servers that are up."""
        return tuple(server.name for server in self.cluster.servers)

    @property
    def waiting(self) -> tuple[VM, ...]:
        """The VMs that are down until their servers are back."""
        return tuple(vm for outage in self.outages.values() for vm in outage.waiting)

    @property
    def unprotected(self) -> frozenset[str]:
        """The VMs that the plan gives up in some failure."""
        return frozenset(pair.vm for pair in self.plan.unprotected)


def first_world(cluster: Cluster, plan: Plan) -> World:
    """Let a simulation begin with a cluster and a plan of it."""
    limited = {vm.name: vm.allowed_servers for vm in cluster.vms if vm.allowed_servers is not None}
    return World(whole=cluster, cluster=cluster, plan=plan, outages={}, allowed=limited)


def allowing(world: World, vm: VM, up: Iterable[str]) -> VM:
    """Let a VM allow what it allows of the servers that are up, or if that is none, its own."""
    if vm.name not in world.allowed:
        return vm
    there = set(up)
    left = tuple(name for name in world.allowed[vm.name] if name in there)
    return replace(vm, allowed_servers=left or (vm.server,))


def broken_vms(cluster: Cluster, chosen: Plan | Placement) -> frozenset[str]:
    """Give the VMs that would not survive some failure as things are stored now."""
    status = protection_status(cluster, chosen)
    return frozenset(pair.vm for pair in (*status.broken, *status.given_up))


def seconds_to_copy(cluster: Cluster, sent: Iterable[tuple[str, str, int]]) -> float:
    """Give how long copies take, one after the other.

    Parameters
    ----------
    cluster
        Its servers' rates say how fast: the lower one of the two counts. One that is not given,
        or 0, limits nothing.
    sent
        The server that sends, the one that receives, and the bytes.
    """
    servers = {server.name: server for server in cluster.servers}
    seconds = 0.0
    for source, target, size in sent:
        rates = [rate for rate in (servers[source].net_out, servers[target].net_in) if rate]
        if rates and source != target:
            seconds += size / min(rates)
    return seconds


def seconds_of(cluster: Cluster, moves: Moves) -> float:
    """Give how long moves take, one step after the other; see `seconds_to_copy`."""
    return seconds_to_copy(
        cluster,
        ((step.source, step.server, step.size) for step in moves.steps if step.source is not None),
    )
