"""Whether a plan is a plan of this cluster: known names, each failure and each lost VM once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator

from spareplace.parts import VM
from spareplace.verify.ground import Ground, Outage
from spareplace.verify.violation import Violation


def references(ground: Ground) -> Iterator[Violation]:
    """Every name that the plan uses is one of the cluster."""
    failures = {failure.name for failure in ground.cluster.failures}
    for extent in ground.plan.stored:
        yield from _unknown("diff", extent.diff, ground.diffs)
        yield from _unknown("server", extent.server, ground.servers)
    for recovery in ground.plan.recoveries:
        yield from _unknown("failure", recovery.failure, failures)
    for outage in ground.outages:
        name = outage.failure.name
        for rebuild in outage.recovery.rebuilds:
            yield from _unknown("VM", rebuild.vm, ground.vms, name)
            yield from _unknown("server", rebuild.server, ground.servers, name)
        for transfer in outage.recovery.transfers:
            yield from _unknown("diff", transfer.diff, ground.diffs, name)
            yield from _unknown("server", transfer.source, ground.servers, name)
            yield from _unknown("server", transfer.target, ground.servers, name)
    for given_up in ground.plan.unprotected:
        yield from _unknown("VM", given_up.vm, ground.vms)
        yield from _unknown("failure", given_up.failure, failures)


def each_failure_once(ground: Ground) -> Iterator[Violation]:
    """The failures of the cluster have one recovery each, in its order."""
    count = Counter(recovery.failure for recovery in ground.plan.recoveries)
    for failure in ground.cluster.failures:
        if count[failure.name] != 1:
            yield Violation(
                rule="complete",
                failure=failure.name,
                item=failure.name,
                amount=abs(count[failure.name] - 1),
                found=f"{count[failure.name]} recoveries for this failure",
                expected="one",
            )
    right = [outage.failure.name for outage in ground.outages]
    given = [name for name in count if name in set(right)]  # a Counter keeps the order of coming
    for found, expected in zip(given, right, strict=True):
        if found != expected:
            yield Violation(
                rule="complete",
                failure=found,
                item=found,
                amount=1,
                found=f"its recovery where that of {expected!r} belongs",
                expected="recoveries in the order of the cluster's failures",
            )
            return


def each_vm_once(ground: Ground) -> Iterator[Violation]:
    """In each failure the protected VMs lost are rebuilt or given up, once, and no others are."""
    given_up = Counter((one.failure, one.vm) for one in ground.plan.unprotected)
    for outage in ground.outages:
        yield from _lost_once(ground, outage, given_up)
        for rebuild in outage.recovery.rebuilds:
            vm = ground.vms.get(rebuild.vm)
            if vm and not _is_lost(vm, outage.gone):
                yield Violation(
                    rule="complete",
                    failure=outage.failure.name,
                    server=rebuild.server,
                    item=vm.name,
                    amount=1,
                    found="a rebuild",
                    expected=f"none: {_why_not(vm)}",
                )
    gone = {failure.name: failure.servers for failure in ground.cluster.failures}
    for failure, name in given_up:
        vm = ground.vms.get(name)
        if vm and failure in gone and not _is_lost(vm, gone[failure]):
            yield Violation(
                rule="complete",
                failure=failure,
                item=name,
                amount=given_up[failure, name],
                found="it among the unprotected",
                expected=f"it not listed: {_why_not(vm)}",
            )


def _lost_once(
    ground: Ground, outage: Outage, given_up: Counter[tuple[str, str]]
) -> Iterator[Violation]:
    rebuilt = Counter(rebuild.vm for rebuild in outage.recovery.rebuilds)
    for server in outage.failure.servers:
        for vm in ground.running.get(server, ()):
            listed = given_up[outage.failure.name, vm.name]
            if vm.protect and rebuilt[vm.name] + listed != 1:
                yield Violation(
                    rule="complete",
                    failure=outage.failure.name,
                    item=vm.name,
                    amount=abs(rebuilt[vm.name] + listed - 1),
                    found=f"it rebuilt {rebuilt[vm.name]} times and listed {listed} times "
                    "as unprotected",
                    expected="one of the two, once",
                )


def _is_lost(vm: VM, gone: Container[str]) -> bool:
    return vm.protect and vm.server in gone


def _why_not(vm: VM) -> str:
    if not vm.protect:
        return "it is not to be protected"
    return f"it runs on {vm.server!r}, which survives"


def _unknown(
    kind: str, name: str, known: Container[str], failure: str | None = None
) -> Iterator[Violation]:
    if name not in known:
        yield Violation(
            rule="reference",
            failure=failure,
            item=name,
            amount=1,
            found="no such name in the cluster",
            expected=f"the name of a {kind}",
        )
