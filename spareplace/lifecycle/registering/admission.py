"""Whether a registration fits to the cluster that it comes to: names known, nothing torn away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spareplace.errors import Problem
from spareplace.lifecycle.registering.registration import Registration
from spareplace.parts import VM, Diff, Server
from spareplace.references import Found, cross_check, nearly
from spareplace.verify import Violation


def problems_with(
    registration: Registration,
    servers: Sequence[Server],
    diffs: Mapping[str, Diff],
    vms: Mapping[str, VM],
) -> list[Problem]:
    """List everything that is wrong between a registration and a cluster, each with its path.

    Parameters
    ----------
    registration
        What comes and goes.
    servers, diffs, vms
        The parts of the cluster, diffs and VMs by name.
    """
    problems = cross_check(
        Found(kind="server", items=(), refused=frozenset(server.name for server in servers)),
        Found(
            kind="diff",
            items=Found.at("diffs", registration.diffs).items,
            refused=frozenset(diffs),
        ),
        Found.at("vms", registration.vms),
        Found(kind="failure", items=()),
    )
    problems += _resources(registration, servers)
    problems += _other_diffs(registration, diffs)
    problems += _unknown("leaving_vms", registration.leaving_vms, "VM", vms)
    problems += _unknown("leaving_diffs", registration.leaving_diffs, "diff", diffs)
    problems += _still_needed(registration, servers, diffs, vms)
    return problems


def broken_rule(one: Violation) -> Problem:
    """Say that a plan breaks a rule before anything is registered."""
    where = "".join(
        f", {kind} {name!r}"
        for kind, name in (("failure", one.failure), ("server", one.server))
        if name is not None
    )
    return Problem(
        path=f"{one.rule}{where}, {one.item!r}",
        found=one.found,
        expected=one.expected,
        hint="register needs a plan that keeps every rule: make a new one",
    )


def _resources(registration: Registration, servers: Sequence[Server]) -> Iterator[Problem]:
    listed = {resource: "" for server in servers for resource in server.capacity}
    for position, vm in enumerate(registration.vms):
        for resource in vm.demand:
            if resource not in listed:
                yield Problem(
                    path=f"$.vms[{position}].demand.{resource}",
                    found=repr(resource)[:80],
                    expected="a resource that at least one server lists in its capacity",
                    hint=nearly(resource, listed),
                )


def _other_diffs(registration: Registration, diffs: Mapping[str, Diff]) -> Iterator[Problem]:
    for position, diff in enumerate(registration.diffs):
        there = diffs.get(diff.name)
        if there is not None and there != diff:
            yield Problem(
                path=f"$.diffs[{position}]",
                found=f"size {diff.size}, parent {diff.parent!r}"[:80],
                expected=f"size {there.size}, parent {there.parent!r}, as the cluster has it",
                hint="another diff needs another name",
            )


def _unknown(
    key: str, names: Sequence[str], kind: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name not in known:
            yield Problem(
                path=f"$.{key}[{position}]",
                found=repr(name)[:80],
                expected=f"the name of a {kind}",
                hint=nearly(name, dict.fromkeys(known, "")),
            )


def _still_needed(
    registration: Registration,
    servers: Sequence[Server],
    diffs: Mapping[str, Diff],
    vms: Mapping[str, VM],
) -> Iterator[Problem]:
    """Name the leaving diffs that a VM, another diff or a server still refers to."""
    leaving = set(registration.leaving_diffs)
    if not leaving:
        return
    gone = set(registration.leaving_vms) | {vm.name for vm in registration.vms}
    by: dict[str, str] = {}
    for vm in (*(vm for vm in vms.values() if vm.name not in gone), *registration.vms):
        if vm.diff in leaving:
            by.setdefault(vm.diff, f"VM {vm.name!r}")
    for diff in (*diffs.values(), *registration.diffs):
        if diff.parent in leaving and diff.name not in leaving:
            by.setdefault(diff.parent, f"diff {diff.name!r}")
    for server in servers:
        for name in leaving.intersection(server.resident):
            by.setdefault(name, f"server {server.name!r}, where it is resident,")
    for position, name in enumerate(registration.leaving_diffs):
        if name in by:
            yield Problem(
                path=f"$.leaving_diffs[{position}]",
                found=f"{name!r}, which {by[name]} still needs"[:160],
                expected="a diff that nothing needs",
            )
