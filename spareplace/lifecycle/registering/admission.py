"""Whether a registration fits to the cluster that it comes to: names known, nothing torn away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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
            refused=_known(registration, diffs),
        ),
        Found.at("vms", registration.vms),
        Found(kind="failure", items=()),
    )
    problems += _resources(registration, servers)
    problems += other_diffs(Found.at("diffs", registration.diffs).items, diffs)
    problems += leaving_problems(
        registration.leaving_vms,
        registration.leaving_diffs,
        coming_diffs=registration.diffs,
        coming_vms=registration.vms,
        replaced={vm.name for vm in registration.vms},
        cluster_parts=(servers, diffs, vms),
    )
    return problems


def leaving_problems(
    leaving_vms: Sequence[str],
    leaving_diffs: Sequence[str],
    *,
    coming_diffs: Iterable[Diff],
    coming_vms: Iterable[VM],
    replaced: Collection[str],
    cluster_parts: tuple[Sequence[Server], Mapping[str, Diff], Mapping[str, VM]],
) -> list[Problem]:
    """List what is wrong with what is to leave.

    Parameters
    ----------
    leaving_vms, leaving_diffs
        The names of what leaves.
    coming_diffs, coming_vms
        What comes.
    replaced
        The names of the VMs that come: of a cluster's VM of that name nothing is needed any more.
    cluster_parts
        The servers of the cluster, its diffs and its VMs, those by name.
    """
    servers, diffs, vms = cluster_parts
    gone = {*leaving_vms, *replaced}
    staying = [vm for vm in vms.values() if vm.name not in gone] if leaving_diffs else []
    return [
        *_unknown("leaving_vms", leaving_vms, "VM", vms),
        *_unknown("leaving_diffs", leaving_diffs, "diff", diffs),
        *_still_needed(
            leaving_diffs, servers, (*diffs.values(), *coming_diffs), (*staying, *coming_vms)
        ),
    ]


def _known(registration: Registration, diffs: Mapping[str, Diff]) -> frozenset[str]:
    """Give the names of diffs that a reference may mean: all, for suggestions, if one is unknown.

    Else those that are meant: to go through all takes longer than the rest.
    """
    coming = {diff.name for diff in registration.diffs}
    meant = {diff.parent for diff in registration.diffs} | {vm.diff for vm in registration.vms}
    there = frozenset(name for name in meant if name is not None and name in diffs)
    return there if meant <= coming | there | {None} else frozenset(diffs)


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


def other_diffs(coming: Iterable[tuple[str, Diff]], diffs: Mapping[str, Diff]) -> Iterator[Problem]:
    """Name the diffs, each given with its path, that the cluster has otherwise."""
    for path, diff in coming:
        there = diffs.get(diff.name)
        if there is not None and there != diff:
            yield Problem(
                path=path,
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
    leaving_diffs: Sequence[str],
    servers: Iterable[Server],
    diffs: Iterable[Diff],
    vms: Iterable[VM],
) -> Iterator[Problem]:
    """Name the leaving diffs that a VM, another diff or a server still refers to."""
    leaving = set(leaving_diffs)
    if not leaving:
        return
    by: dict[str, str] = {}
    for vm in vms:
        if vm.diff in leaving:
            by.setdefault(vm.diff, f"VM {vm.name!r}")
    for diff in diffs:
        if diff.parent in leaving and diff.name not in leaving:
            by.setdefault(diff.parent, f"diff {diff.name!r}")
    for server in servers:
        for name in leaving.intersection(server.resident):
            by.setdefault(name, f"server {server.name!r}, where it is resident,")
    for position, name in enumerate(leaving_diffs):
        if name in by:
            yield Problem(
                path=f"$.leaving_diffs[{position}]",
                found=f"{name!r}, which {by[name]} still needs"[:160],
                expected="a diff that nothing needs",
            )
