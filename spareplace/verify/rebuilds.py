"""The rules for what happens in a failure: survival, resources, disk, groups, targets.

A rebuild on a server that fails breaks ``targets``; there is no room to be counted there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

from spareplace.parts import VM, Server
from spareplace.verify.ground import Ground, Outage, survives, whole
from spareplace.verify.spans import length, without
from spareplace.verify.violation import Violation, a_few, exact_decimal

_EXACT = Context(prec=1500, traps=[Inexact, InvalidOperation])
"""Arithmetic on amounts. The caller's context would round them; fractions take far longer."""


def survival(ground: Ground) -> Iterator[Violation]:
    """Of each diff of a VM that is rebuilt, the surviving servers together hold every byte."""
    for outage in ground.outages:
        asking: dict[str, str] = {}
        for (_, diff), vm in outage.needed.items():
            asking.setdefault(diff, vm)
        for diff, vm in asking.items():
            everything = whole(ground, diff)
            holders = ground.held.get(diff, {}).items()
            if any(spans == everything and at not in outage.gone for at, spans in holders):
                continue  # one surviving server holds all of it
            lost = without(everything, survives(ground, diff, outage.gone))
            if lost:
                yield Violation(
                    rule="survival",
                    failure=outage.failure.name,
                    item=diff,
                    amount=length(lost),
                    found=f"{length(lost)} bytes of it on no surviving server, the first at "
                    f"{lost[0][0]}",
                    expected=f"all of its bytes, which VM {vm!r} needs",
                )


def resources(ground: Ground) -> Iterator[Violation]:
    """Of what a VM rebuilt on a server demands, all VMs there demand no more than it has."""
    used = {
        (server, resource): _demand(there, resource)
        for server, there in ground.running.items()
        for resource in {resource: None for vm in there for resource in vm.demand}
    }
    for outage, server, there in _at_work(ground):
        for resource in {resource: None for vm in there for resource in vm.demand}:
            more = _demand(there, resource)
            need = _EXACT.add(used.get((server.name, resource), Decimal(0)), more)
            have = Decimal(server.capacity.get(resource, 0))
            if more > 0 and need > have:
                yield Violation(
                    rule="resources",
                    failure=outage.failure.name,
                    server=server.name,
                    item=resource,
                    amount=_plain(_EXACT.subtract(need, have)),
                    found=f"a demand of {_plain(need):f}, of which "
                    f"{_plain(more):f} by VMs rebuilt there",
                    expected=f"at most {_plain(have):f}",
                )


def disk(ground: Ground) -> Iterator[Violation]:
    """Running, stored and rebuilt bytes fit where an extent or a rebuild takes of the disk.

    In a failure, a server that is sent no rebuild with a disk holds what it holds without any:
    a breach is named once, without a failure.
    """
    stored: dict[str, int] = {}
    for extent in ground.extents:
        stored[extent.server] = stored.get(extent.server, 0) + extent.size
    for server in ground.cluster.servers:
        if server.name in stored:
            yield from _too_full(ground, None, server, stored[server.name], 0)
    for outage, server, there in _at_work(ground):
        rebuilt = sum(vm.disk for vm in there)
        if rebuilt > 0:
            kept = stored.get(server.name, 0)
            yield from _too_full(ground, outage.failure.name, server, kept, rebuilt)


def anti_affinity(ground: Ground) -> Iterator[Violation]:
    """No rebuild puts a second VM of one group onto a server."""
    for outage, server, there in _at_work(ground):
        running = ground.running.get(server.name, ())
        for group in {group: None for vm in there for group in vm.groups}:
            before = [vm.name for vm in running if group in vm.groups]
            joining = [vm.name for vm in there if group in vm.groups and vm.name not in before]
            too_many = len(joining) if before else len(joining) - 1
            if too_many > 0:
                yield Violation(
                    rule="anti-affinity",
                    failure=outage.failure.name,
                    server=server.name,
                    item=group,
                    amount=too_many,
                    found=f"VMs {a_few(joining + before)} of this group together, "
                    f"{len(joining)} of them rebuilt there",
                    expected="no rebuild beside another VM of its group",
                )


def targets(ground: Ground) -> Iterator[Violation]:
    """Rebuilds go to surviving servers that accept them and that the VM allows."""
    for outage in ground.outages:
        for name, there in outage.rebuilt.items():
            for vm in there:
                for wrong in _wrong_target(vm, ground.servers[name], outage):
                    yield Violation(
                        rule="targets",
                        failure=outage.failure.name,
                        server=name,
                        item=vm.name,
                        amount=1,
                        found=f"it rebuilt on a server that {wrong}",
                        expected="a surviving server that it allows and that accepts rebuilds",
                    )


def _at_work(ground: Ground) -> Iterator[tuple[Outage, Server, tuple[VM, ...]]]:
    """Go through the surviving servers that are sent rebuilds, in every failure."""
    for outage in ground.outages:
        for name, there in outage.rebuilt.items():
            if name not in outage.gone:
                yield outage, ground.servers[name], there


def _demand(vms: Iterable[VM], resource: str) -> Decimal:
    total = Decimal(0)
    for vm in vms:
        if resource in vm.demand:
            total = _EXACT.add(total, Decimal(vm.demand[resource]))
    return total


def _plain(amount: Decimal) -> Decimal:
    """Write an amount without the zeros behind its last digit."""
    return exact_decimal(Fraction(amount))


def _too_full(
    ground: Ground, failure: str | None, server: Server, stored: int, rebuilt: int
) -> Iterator[Violation]:
    running = sum(vm.disk for vm in ground.running.get(server.name, ()))
    need = running + stored + rebuilt
    if need > server.disk:
        yield Violation(
            rule="disk",
            failure=failure,
            server=server.name,
            item="disk",
            amount=need - server.disk,
            found=f"{need} bytes: {running} running, {stored} stored, {rebuilt} rebuilt",
            expected=f"at most {server.disk}",
        )


def _wrong_target(vm: VM, server: Server, outage: Outage) -> Iterator[str]:
    if server.name in outage.gone:
        yield "fails"
    if not server.accept_rebuilds:
        yield "accepts no rebuilds"
    if vm.allowed_servers is not None and server.name not in vm.allowed_servers:
        yield "the VM does not allow"
