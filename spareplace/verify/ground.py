"""What the rules look at: a cluster and a plan, laid out by name.

What a plan says about things that do not exist is left out here; it breaks ``reference``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Plan, Recovery
from spareplace.verify.spans import Spans, union


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One failure and what the plan does in it.

    Parameters
    ----------
    gone
        The servers that fail.
    rebuilt
        By server, the VMs rebuilt there, each once.
    needed
        The (server, diff) pairs of the chains rebuilt, each with a VM that asks for it.
    """

    failure: Failure
    recovery: Recovery
    gone: frozenset[str]
    rebuilt: Mapping[str, tuple[VM, ...]]
    needed: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A cluster and a plan, laid out by name.

    Parameters
    ----------
    running
        By server, the VMs that run there.
    extents
        Those of known diffs on known servers, cut down to what their diff has.
    held
        By diff and server, the bytes there: stored or resident.
    outages
        In the cluster's order; failures without a recovery are left out, and of several
        recoveries for one failure all but the first.
    """

    cluster: Cluster
    plan: Plan
    servers: Mapping[str, Server]
    diffs: Mapping[str, Diff]
    vms: Mapping[str, VM]
    running: Mapping[str, tuple[VM, ...]]
    extents: tuple[Extent, ...]
    held: Mapping[str, Mapping[str, Spans]]
    outages: tuple[Outage, ...]


def survey(cluster: Cluster, plan: Plan) -> Ground:
    """Lay out a cluster and a plan."""
    servers = {server.name: server for server in cluster.servers}
    diffs = {diff.name: diff for diff in cluster.diffs}
    vms = {vm.name: vm for vm in cluster.vms}
    running: dict[str, list[VM]] = defaultdict(list)
    for vm in cluster.vms:
        running[vm.server].append(vm)
    known = (one for one in plan.stored if one.diff in diffs and one.server in servers)
    extents = tuple(cut for one in known for cut in _within(one, diffs[one.diff].size))
    first: dict[str, Recovery] = {}
    for recovery in plan.recoveries:
        first.setdefault(recovery.failure, recovery)
    return Ground(
        cluster=cluster,
        plan=plan,
        servers=servers,
        diffs=diffs,
        vms=vms,
        running={server: tuple(there) for server, there in running.items()},
        extents=extents,
        held=_held(cluster, diffs, extents),
        outages=tuple(
            _outage(failure, first[failure.name], servers, vms, diffs)
            for failure in cluster.failures
            if failure.name in first
        ),
    )


def survives(ground: Ground, diff: str, gone: frozenset[str]) -> Spans:
    """Give the bytes of a diff that some surviving server holds."""
    return union(
        span
        for server, spans in ground.held.get(diff, {}).items()
        if server not in gone
        for span in spans
    )


def whole(ground: Ground, diff: str) -> Spans:
    """Give all bytes of a diff."""
    size = ground.diffs[diff].size
    return ((0, size),) if size else ()


def _within(extent: Extent, size: int) -> Iterable[Extent]:
    start, stop = max(extent.start, 0), min(extent.stop, size)
    if (start, stop) == (extent.start, extent.stop) and start < stop:
        yield extent
    elif start < stop:
        yield replace(extent, start=start, stop=stop)


def _held(
    cluster: Cluster, diffs: Mapping[str, Diff], extents: Iterable[Extent]
) -> Mapping[str, Mapping[str, Spans]]:
    ranges: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for extent in extents:
        ranges[extent.diff, extent.server].append((extent.start, extent.stop))
    for server in cluster.servers:
        for diff in server.resident:
            ranges[diff, server.name].append((0, diffs[diff].size))
    held: dict[str, dict[str, Spans]] = defaultdict(dict)
    for (diff, name), parts in ranges.items():
        held[diff][name] = union(parts)
    return dict(held)


def _outage(
    failure: Failure,
    recovery: Recovery,
    servers: Mapping[str, Server],
    vms: Mapping[str, VM],
    diffs: Mapping[str, Diff],
) -> Outage:
    rebuilt: dict[str, dict[str, VM]] = defaultdict(dict)
    for rebuild in recovery.rebuilds:
        if rebuild.server in servers and rebuild.vm in vms:
            rebuilt[rebuild.server][rebuild.vm] = vms[rebuild.vm]
    needed: dict[tuple[str, str], str] = {}
    for server, there in rebuilt.items():
        for vm in there.values():
            diff = vm.diff
            # Above a diff that is needed here already, all are.
            while diff is not None and (server, diff) not in needed:
                needed[server, diff] = vm.name
                diff = diffs[diff].parent
    return Outage(
        failure=failure,
        recovery=recovery,
        gone=frozenset(failure.servers),
        rebuilt={server: tuple(there.values()) for server, there in rebuilt.items()},
        needed=needed,
    )
