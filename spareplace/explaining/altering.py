"""Making changes to a cluster: each gives another cluster, which is checked like any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from spareplace.cluster import Cluster, each_server
from spareplace.errors import InvalidInput, Problem
from spareplace.explaining.causes import DISK
from spareplace.explaining.changes import ChangeKind, ClusterChange
from spareplace.parts import VM, Failure, Server
from spareplace.references import nearly
from spareplace.units import EXACT, exact_amount


def changed(cluster: Cluster, changes: Iterable[ClusterChange]) -> Cluster:
    """Make changes to a cluster, one after the other.

    ``without_server`` needs a plan, and is not made here; see `spareplace.explaining.leaving`.

    Raises
    ------
    InvalidInput
        If a change names what is not there, or leads to a cluster that is not valid.
    """
    for change in changes:
        _refuse_unknown(cluster, change)
        cluster = _MAKERS[change.kind](cluster, change)
    return cluster


def _refuse_unknown(cluster: Cluster, change: ClusterChange) -> None:
    known = {
        "server": {server.name: "" for server in cluster.servers},
        "vm": {vm.name: "" for vm in cluster.vms},
        "failure": {failure.name: "" for failure in cluster.failures},
    }
    given = [
        ("server", change.like if change.kind == "add_server" else change.server),
        ("vm", change.vm),
        ("failure", change.failure),
    ]
    for what, name in given:
        if name is not None and name not in known[what]:
            problem = Problem(
                path=change.kind,
                found=repr(name)[:80],
                expected=f"the name of a {what}",
                hint=nearly(name, known[what]),
            )
            raise InvalidInput([problem])


def _server(cluster: Cluster, name: str | None, make: Callable[[Server], Server]) -> Cluster:
    servers = tuple(make(it) if it.name == name else it for it in cluster.servers)
    return replace(cluster, servers=servers)


def _vm(cluster: Cluster, name: str | None, make: Callable[[VM], VM]) -> Cluster:
    return replace(cluster, vms=tuple(make(it) if it.name == name else it for it in cluster.vms))


def _capacity(cluster: Cluster, change: ClusterChange) -> Cluster:
    resource, amount = change.resource or DISK, change.amount or 0

    def more(server: Server) -> Server:
        if resource == DISK:
            return replace(server, disk=server.disk + int(amount))
        sign = -1 if amount < 0 else 1
        by = sign * exact_amount(abs(amount))
        total = EXACT.add(Decimal(server.capacity.get(resource, 0)), by)
        return replace(server, capacity={**server.capacity, resource: total})

    return _server(cluster, change.server, more)


def _add_server(cluster: Cluster, change: ClusterChange) -> Cluster:
    """Add an empty server that fails alone, and with its zone, as the one that it is like."""
    like = next(server for server in cluster.servers if server.name == change.like)
    new = replace(like, name=str(change.server), resident=())
    servers = (*cluster.servers, new)
    if cluster.failures == replace(cluster, failures=each_server(cluster.servers)).failures:
        return replace(cluster, servers=servers, failures=each_server(servers))
    zone = {server.name for server in cluster.servers if server.zone and server.zone == like.zone}
    failures: list[Failure] = []
    for failure in cluster.failures:
        together = len(failure.servers) > 1 and set(failure.servers) == zone
        joined = (*failure.servers, new.name) if together else failure.servers
        failures.append(replace(failure, servers=joined))
        if failure.servers == (like.name,):
            alone = _free_name(new.name, {it.name for it in cluster.failures})
            failures.append(replace(failure, name=alone, servers=(new.name,)))
    return replace(cluster, servers=servers, failures=tuple(failures))


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _allow(cluster: Cluster, change: ClusterChange) -> Cluster:
    return _vm(
        cluster,
        change.vm,
        lambda vm: (
            vm
            if vm.allowed_servers is None or change.server in vm.allowed_servers
            else replace(vm, allowed_servers=(*vm.allowed_servers, str(change.server)))
        ),
    )


def _rates(cluster: Cluster, change: ClusterChange) -> Cluster:
    rate = int(change.amount or 0)
    return _server(cluster, change.server, lambda it: replace(it, net_in=rate, net_out=rate))


def _drop_failure(cluster: Cluster, change: ClusterChange) -> Cluster:
    left = tuple(it for it in cluster.failures if it.name != change.failure)
    return replace(cluster, failures=left)


def _leave_group(cluster: Cluster, change: ClusterChange) -> Cluster:
    return _vm(
        cluster,
        change.vm,
        lambda vm: replace(vm, groups=tuple(it for it in vm.groups if it != change.group)),
    )


def _without_server(_cluster: Cluster, change: ClusterChange) -> Cluster:
    raise InvalidInput(
        [
            Problem(
                path=change.kind,
                found=repr(change.server)[:80],
                expected="a change that needs no plan",
                hint="use what_if, which has one",
            )
        ]
    )


_MAKERS: Mapping[ChangeKind, Callable[[Cluster, ClusterChange], Cluster]] = {
    "capacity": _capacity,
    "move": lambda cluster, it: _vm(cluster, it.vm, lambda vm: replace(vm, server=str(it.server))),
    "allow": _allow,
    "accept_rebuilds": lambda cluster, it: _server(
        cluster, it.server, lambda server: replace(server, accept_rebuilds=True)
    ),
    "accept_extents": lambda cluster, it: _server(
        cluster, it.server, lambda server: replace(server, accept_extents=True)
    ),
    "leave_group": _leave_group,
    "add_server": _add_server,
    "without_server": _without_server,
    "rates": _rates,
    "drop_failure": _drop_failure,
    "unprotect": lambda cluster, it: _vm(cluster, it.vm, lambda vm: replace(vm, protect=False)),
}
