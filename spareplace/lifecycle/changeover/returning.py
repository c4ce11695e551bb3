"""`rejoin`: servers that were repaired come back, with what they still hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, Problem
from spareplace.fields import shown
from spareplace.holding import merged
from spareplace.parts import VM, Failure, Server
from spareplace.placement import Extent, Placement, Plan
from spareplace.references import nearly


def rejoin(
    cluster: Cluster,
    chosen: Plan | Placement,
    servers: Iterable[str],
    *,
    old_cluster: Cluster,
    old_chosen: Plan | Placement,
) -> tuple[Cluster, Placement]:
    """Let repaired servers return to a cluster, with those of their extents that are still true.

    They come as they were, in the failures that they were in, and without VMs. An extent is true
    if its diff is still there, of the same size and on the same parent.

    Parameters
    ----------
    cluster, chosen
        As they are now.
    servers
        Names of servers of the old cluster that the new one does not have.
    old_cluster, old_chosen
        As they were when the servers failed.

    Raises
    ------
    InvalidInput
        If a server was not there before, or is there already.

    Examples
    --------
    >>> from spareplace import load_cluster, plan, rejoin, reprotect
    >>> cluster = load_cluster("examples/paper.json")
    >>> old = plan(cluster)
    >>> now = reprotect(cluster, old, ["Sl"], method="search", iterations=9)
    >>> whole, placement = rejoin(now.cluster, now.change.plan, ["Sl"],
    ...                           old_cluster=cluster, old_chosen=old)
    >>> len(whole.servers), {extent.server for extent in placement.stored} >= {"Sl"}
    (4, True)
    """
    back = tuple(servers)
    _refuse(back, cluster, old_cluster)
    diffs = {diff.name: diff for diff in cluster.diffs}
    was = {diff.name: diff for diff in old_cluster.diffs}
    same = {name for name, diff in diffs.items() if was.get(name) == diff}
    returned = {server.name: server for server in old_cluster.servers if server.name in back}
    after = replace(
        cluster,
        servers=(*cluster.servers, *(_as_it_is(it, same) for it in returned.values())),
        vms=tuple(_allowing(vm, old_cluster, returned.keys()) for vm in cluster.vms),
        failures=_failures(cluster, old_cluster, returned.keys()),
    )
    extents: tuple[Extent, ...] = tuple(
        extent for extent in old_chosen.stored if extent.server in returned and extent.diff in same
    )
    now = chosen.placement if isinstance(chosen, Plan) else chosen
    return after, replace(now, stored=merged((*now.stored, *extents)))


def _refuse(back: Iterable[str], cluster: Cluster, old: Cluster) -> None:
    there = {server.name for server in cluster.servers}
    before = {server.name: "" for server in old.servers}
    problems = [
        Problem(
            path=f"servers[{at}]",
            found=shown(name),
            expected="a server that was there before and is not there now",
            hint="it is there" if name in there else nearly(str(name), before),
        )
        for at, name in enumerate(back)
        if name in there or name not in before
    ]
    if problems:
        raise InvalidInput(problems)


def _as_it_is(server: Server, diffs: Iterable[str]) -> Server:
    """Keep of what it held beneath its VMs the diffs that are still the same."""
    same = set(diffs)
    return replace(server, resident=tuple(name for name in server.resident if name in same))


def _allowing(vm: VM, old: Cluster, back: Iterable[str]) -> VM:
    was = next((other for other in old.vms if other.name == vm.name), None)
    if vm.allowed_servers is None or was is None or was.allowed_servers is None:
        return vm
    more = [name for name in back if name in was.allowed_servers]
    # With no allowed server left, a recovery lets a VM allow the one that it runs on.
    stand_in = vm.allowed_servers == (vm.server,) and vm.server not in was.allowed_servers
    kept = () if stand_in and more else vm.allowed_servers
    return replace(vm, allowed_servers=tuple(dict.fromkeys((*kept, *more))))


def _failures(cluster: Cluster, old: Cluster, back: Iterable[str]) -> tuple[Failure, ...]:
    """Put the servers back into the failures that they were in, in the order of old."""
    there = {server.name for server in cluster.servers} | set(back)
    now = {failure.name: failure for failure in cluster.failures}
    restored = {
        failure.name: replace(failure, servers=_together(failure, now, there))
        for failure in old.failures
        if set(failure.servers) & set(back)
    }
    return (*(restored.pop(name, failure) for name, failure in now.items()), *restored.values())


def _together(
    failure: Failure, now: Mapping[str, Failure], there: Collection[str]
) -> tuple[str, ...]:
    """Give the servers that a failure took or takes, of those that are there."""
    still = now[failure.name].servers if failure.name in now else ()
    return tuple(name for name in dict.fromkeys((*failure.servers, *still)) if name in there)
