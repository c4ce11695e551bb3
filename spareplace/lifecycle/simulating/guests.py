"""VMs that come, change and go: registrations in a plan that stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from spareplace.errors import NoPlan
from spareplace.lifecycle.registering import Registered, Registration, Standing
from spareplace.lifecycle.simulating.effects import Effect, refused, skipped
from spareplace.lifecycle.simulating.events import Arrives, Leaves, Renews
from spareplace.lifecycle.simulating.world import (
    SECONDS_PER_HOUR,
    World,
    allowing,
    seconds_to_copy,
)
from spareplace.parts import VM, Diff, Server
from spareplace.units import EXACT, exact_amount


def arrive(world: World, event: Arrives) -> tuple[World, Effect]:
    """Let a VM run on the first server asked that has room for it, and register it."""
    home = _home(world, event)
    if home is None:
        return world, refused("no server that is up has room for it to run")
    allowed = dict(world.allowed)
    if event.vm.allowed_servers is not None:
        allowed[event.vm.name] = event.vm.allowed_servers
    with_it = replace(world, allowed=allowed)
    vm = allowing(with_it, replace(event.vm, server=home), world.up)
    diffs = () if event.diff is None else (event.diff,)
    return _registered(with_it, Registration(diffs=diffs, vms=(vm,)), world)


def renew(world: World, event: Renews) -> tuple[World, Effect]:
    """Give a VM a new diff: in place of its last one if that is its own, or else on top."""
    vm = next((vm for vm in world.cluster.vms if vm.name == event.vm), None)
    if vm is None:
        return world, skipped("it does not run")
    if vm.diff is None:
        return world, skipped("it has no diff")
    last = _own_diff(world, vm)
    parent = vm.diff if last is None else last.parent
    news = Registration(
        diffs=(Diff(name=event.diff, size=event.size, parent=parent),),
        vms=(replace(vm, diff=event.diff),),
        leaving_diffs=() if last is None else (last.name,),
    )
    return _registered(world, news, world)


def leave(world: World, event: Leaves) -> tuple[World, Effect]:
    """Let a VM go, and its own diff with it."""
    vm = next((vm for vm in world.cluster.vms if vm.name == event.vm), None)
    if vm is not None:
        last = _own_diff(world, vm)
        diffs = () if last is None else (last.name,)
        news = Registration(leaving_vms=(vm.name,), leaving_diffs=diffs)
        return _registered(world, news, world)
    if all(vm.name != event.vm for vm in world.waiting):
        return world, skipped("it is not there")
    outages = {
        number: replace(it, waiting=tuple(vm for vm in it.waiting if vm.name != event.vm))
        for number, it in world.outages.items()
    }
    return replace(world, outages=outages), Effect()


def _registered(world: World, news: Registration, before: World) -> tuple[World, Effect]:
    """Register in a world; where there is no room, all stands as before."""
    standing = world.standing or Standing.of(world.cluster, world.plan)
    try:
        done = standing.register(news)
    except NoPlan as none:
        return before, refused(str(none))
    after = replace(world, cluster=standing.cluster, plan=standing.plan, standing=standing)
    return after, Effect(
        moved_bytes=sum(extent.size for extent in done.added),
        vm_hours_unprotected=_hours(after, news, done),
    )


def _hours(world: World, news: Registration, done: Registered) -> float:
    """Count the VM-hours until what is new is copied, by the server on which the VM runs."""
    if not news.vms:
        return 0.0
    sent = ((news.vms[0].server, extent.server, extent.size) for extent in done.added)
    return len(news.vms) * seconds_to_copy(world.cluster, sent) / SECONDS_PER_HOUR


def _home(world: World, event: Arrives) -> str | None:
    servers = {server.name: server for server in world.cluster.servers}
    used = _used(world)
    for name in event.servers:
        if name in servers and _has_room(servers[name], used[name], event.vm):
            return name
    return None


def _used(world: World) -> Mapping[str, Mapping[str, Decimal]]:
    """Give what the running VMs take of each resource of each server; ``""`` is the disk."""
    used: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for vm in world.cluster.vms:
        for resource, amount in _demand(vm).items():
            used[vm.server][resource] = EXACT.add(used[vm.server][resource], amount)
    return used


def _has_room(server: Server, used: Mapping[str, Decimal], vm: VM) -> bool:
    """Tell whether a VM can run on a server; extents on it may give way."""
    has = {name: exact_amount(amount) for name, amount in server.capacity.items()}
    has[""] = Decimal(server.disk)
    none = Decimal(0)
    return server.accept_rebuilds and all(
        EXACT.add(used.get(resource, none), amount) <= has.get(resource, none)
        for resource, amount in _demand(vm).items()
        if amount
    )


def _demand(vm: VM) -> dict[str, Decimal]:
    amounts = {name: exact_amount(amount) for name, amount in vm.demand.items()}
    return {**amounts, "": Decimal(vm.disk)}


def _own_diff(world: World, vm: VM) -> Diff | None:
    """Give the last diff of a VM if nothing else needs it, now or later.

    Masters of the start, and diffs that others built on then, stay: new VMs will build on them.
    """
    whole = world.whole.diffs
    kept = {diff.name for diff in whole if diff.parent is None}
    kept |= {diff.parent for diff in whole if diff.parent is not None}
    kept |= {other.parent for other in world.cluster.diffs if other.parent is not None}
    kept |= {name for server in world.whole.servers for name in server.resident}
    others = (*world.cluster.vms, *world.waiting)
    kept |= {other.diff for other in others if other.diff is not None and other.name != vm.name}
    return next(
        (diff for diff in world.cluster.diffs if diff.name == vm.diff and diff.name not in kept),
        None,
    )
