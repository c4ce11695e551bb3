"""`recover`: what to do now that some servers failed, from the placement as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

from spareplace.canonical import fingerprint
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster, Problem
from spareplace.fields import names_of
from spareplace.lifecycle.recovering.losses import losses
from spareplace.lifecycle.recovering.rescuing import rescue
from spareplace.lifecycle.recovering.schedule import (
    BusiestLink,
    Direction,
    RecoverySchedule,
    TimedRebuild,
    TimedTransfer,
)
from spareplace.lifecycle.recovering.scheduling import Timetable, timetable
from spareplace.lifecycle.recovering.sourcing import Flow
from spareplace.lifecycle.recovering.standing import Standing, stand
from spareplace.lifecycle.recovering.timing import Sent
from spareplace.options import Options
from spareplace.parts import Server
from spareplace.placement import Placement, Plan
from spareplace.references import nearly

DEFAULT_TIME_LIMIT = 0.5
"""Seconds that the choice of targets may take."""


def recover(
    cluster: Cluster,
    chosen: Plan | Placement,
    failed: Iterable[str],
    *,
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    seed: int = 0,
) -> RecoverySchedule:
    """Decide where the VMs of failed servers are rebuilt, and what is sent when.

    As many VMs as can be found room for, the higher priority first; then as few bytes as can be
    found. Any servers may have failed, planned for or not. Targets planned for just these servers
    are a start: the answer is never worse than what still works of them.

    Parameters
    ----------
    cluster
        As it was before the failure.
    chosen
        What is stored. A `Placement` may be of an older state of the cluster: extents of what the
        cluster does not have are ignored. A `Plan` has to be of this cluster; ``plan.placement``
        is taken as it is.
    failed
        The names of all servers that are down; at least one.
    time_limit
        Seconds for the choice of targets, or ``None``. The answer depends on the speed of the
        machine only if they are cut off by it.
    seed
        For the search for better targets.

    Raises
    ------
    InvalidInput
        If no server or an unknown one is named, or an option is not usable.
    OtherCluster
        If the plan is of another cluster.

    Examples
    --------
    >>> from spareplace import VM, Cluster, Diff, Extent, Placement, Server
    >>> cluster = Cluster(
    ...     servers=tuple(Server(name=name, disk=100, net_in=5) for name in "abc"),
    ...     diffs=(Diff(name="base", size=40),),
    ...     vms=(VM(name="web", server="a", diff="base", disk=40),),
    ... )
    >>> half = Placement(stored=(
    ...     Extent(diff="base", server="b", start=0, stop=40),
    ...     Extent(diff="base", server="c", start=0, stop=10),
    ... ))
    >>> recover(cluster, half, ["a"]).rebuilds
    (TimedRebuild(vm='web', server='b', seconds=0.0),)
    >>> recover(cluster, half, ["a", "b"]).lost[0].missing
    30
    """
    clock = Clock(limit=time_limit)
    Options(time_limit=time_limit, seed=seed)
    gone = failed_servers(cluster, failed)
    sha256 = fingerprint(cluster)
    if isinstance(chosen, Plan) and chosen.cluster_sha256 != sha256:
        raise OtherCluster(sha256, chosen.cluster_sha256)
    placement = chosen.placement if isinstance(chosen, Plan) else chosen
    standing = stand(cluster, placement, gone)
    targets = rescue(standing, _planned(standing, placement, gone), clock, Random(seed))
    found = timetable(standing, targets.server)
    return RecoverySchedule(
        cluster_sha256=sha256,
        failed=gone,
        transfer_bytes=sum(flow.stop - flow.start for flow in found.flows),
        seconds=max(found.up.values(), default=0.0),
        busiest_link=_busiest(cluster, found.flows),
        rebuilds=tuple(_rebuilds(standing, found)),
        transfers=tuple(_transfer(standing, found.flows[part.flow], part) for part in found.sent),
        lost=tuple(losses(targets)),
        never_rebuilt=tuple(vm.name for vm in cluster.vms if vm.server in gone and not vm.protect),
    )


def failed_servers(cluster: Cluster, failed: Iterable[str]) -> tuple[str, ...]:
    """Give the servers that failed in the cluster's order, each once.

    Raises
    ------
    InvalidInput
        If there is none, or one that the cluster does not have.
    """
    bad: list[Problem] = []
    once = failed if isinstance(failed, str) or not isinstance(failed, Iterable) else _once(failed)
    names = names_of(bad, "failed", once, least=1)
    known = {server.name: "" for server in cluster.servers}
    bad += [
        Problem(
            path=f"failed[{position}]",
            found=repr(name)[:80],
            expected="the name of a server",
            hint=_apart(name, known) or nearly(name, known),
        )
        for position, name in enumerate(names)
        if isinstance(name, str) and name and name not in known
    ]
    if bad:
        raise InvalidInput(bad)
    return tuple(name for name in known if name in set(names))


def _apart(name: str, known: Mapping[str, str]) -> str:
    """Suggest several names for one with commas in it."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) < 2 or known.keys().isdisjoint(parts):
        return ""
    return f"name each server by itself, without a comma: {' '.join(filter(None, parts))}"


def _once(names: Iterable[str]) -> list[str]:
    """Drop what is named again. What is no text is kept, to be told of."""
    told: set[str] = set()
    kept: list[str] = []
    for name in names:
        if not isinstance(name, str) or name not in told:
            kept.append(name)
        if isinstance(name, str):
            told.add(name)
    return kept


def _planned(
    standing: Standing, placement: Placement, gone: Sequence[str]
) -> Iterator[Mapping[int, int]]:
    """Give the targets planned for exactly these servers."""
    cluster = standing.cluster
    server_at = {server.name: at for at, server in enumerate(cluster.servers)}
    vm_at = {cluster.vms[vm].name: at for at, vm in enumerate(standing.lost)}
    for failure in cluster.failures:
        if set(failure.servers) == set(gone):
            yield {
                vm_at[rebuild.vm]: server_at[rebuild.server]
                for rebuild in placement.rebuilds.get(failure.name, ())
                if rebuild.vm in vm_at and rebuild.server in server_at
            }


def _rebuilds(standing: Standing, found: Timetable) -> Iterator[TimedRebuild]:
    cluster = standing.cluster
    for want in sorted(found.wants, key=lambda want: (found.up[want.vm], want.vm)):
        yield TimedRebuild(
            vm=cluster.vms[standing.lost[want.vm]].name,
            server=cluster.servers[want.server].name,
            seconds=found.up[want.vm],
        )


def _transfer(standing: Standing, flow: Flow, part: Sent) -> TimedTransfer:
    cluster = standing.cluster
    return TimedTransfer(
        diff=cluster.diffs[standing.diffs[flow.row]].name,
        source=cluster.servers[flow.source].name,
        target=cluster.servers[flow.target].name,
        start=part.start,
        stop=part.stop,
        begin_seconds=part.begin,
        end_seconds=part.end,
    )


def _busiest(cluster: Cluster, flows: Iterable[Flow]) -> BusiestLink | None:
    """Give the link with a rate that takes longest for what it carries."""
    into: dict[int, int] = {}
    out: dict[int, int] = {}
    for flow in flows:
        into[flow.target] = into.get(flow.target, 0) + flow.stop - flow.start
        out[flow.source] = out.get(flow.source, 0) + flow.stop - flow.start
    links = [
        BusiestLink(server=server.name, direction=direction, bytes=count, seconds=count / rate)
        for at, server in enumerate(cluster.servers)
        for direction, count, rate in _loads(server, into.get(at, 0), out.get(at, 0))
        if count and rate
    ]
    return max(links, key=lambda link: link.seconds, default=None)


def _loads(
    server: Server, received: int, sent: int
) -> tuple[tuple[Direction, int, int | None], ...]:
    return ("in", received, server.net_in), ("out", sent, server.net_out)
