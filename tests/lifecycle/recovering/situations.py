"""Failures of clusters with something stored, and judges of what `recover` makes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster, chain_of
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Recovery, Transfer, Unprotected
from spareplace.testing import clusters, clusters_with_placements, placements
from spareplace.verify import Violation, check

RATES = (None, 0, 7, 10**6, 1_250_000_000, 2_500_000_001)


class Situation(NamedTuple):
    """What is given to `recover`."""

    cluster: Cluster
    placement: Placement
    failed: tuple[str, ...]


@st.composite
def situations(draw: DrawFn, max_vms: int = 6) -> Situation:
    """Any servers fail, of clusters whose placements keep every rule or break any."""
    if draw(st.booleans()):
        cluster, placement = draw(clusters_with_placements(max_vms=max_vms))
    else:
        cluster = draw(clusters(min_servers=2, min_vms=1, max_vms=max_vms))
        placement = draw(placements(cluster))
    rates = st.sampled_from(RATES)
    servers = tuple(
        replace(server, net_in=draw(rates), net_out=draw(rates)) for server in cluster.servers
    )
    names = [server.name for server in servers]
    failed = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    return Situation(replace(cluster, servers=servers), placement, tuple(failed))


@st.composite
def busy(draw: DrawFn) -> Situation:
    """Server x fails, with VMs of a forest of images that are stored on a few other servers."""
    rates = st.sampled_from((None, 3, 5, 8, 100))
    hosts = [
        Server(name=name, disk=10**6, net_in=draw(rates), net_out=draw(rates)) for name in "abcd"
    ]
    diffs = [Diff(name="d0", size=draw(st.integers(1, 99)))]
    for number in range(1, draw(st.integers(1, 7))):
        parent = draw(st.sampled_from([None, *(diff.name for diff in diffs)]))
        diffs.append(Diff(name=f"d{number}", size=draw(st.integers(0, 99)), parent=parent))
    vms = [
        VM(
            name=f"v{number}",
            server="x",
            diff=draw(st.sampled_from(diffs)).name,
            priority=draw(st.sampled_from((0, 0, 3))),
            allowed_servers=draw(st.sampled_from((None, ("a",), ("a", "b"), ("d",)))),
        )
        for number in range(draw(st.integers(1, 8)))
    ]
    stored = []
    for diff in diffs:
        half = diff.size // 2
        for start, stop in pairwise(sorted({0, half, diff.size})):
            for server in draw(st.sets(st.sampled_from("abc"), min_size=1, max_size=2)):
                stored.append(Extent(diff=diff.name, server=server, start=start, stop=stop))
    cluster = Cluster(
        servers=(Server(name="x", disk=0), *hosts),
        diffs=tuple(diffs),
        vms=tuple(vms),
    )
    return Situation(cluster, Placement(stored=tuple(stored)), ("x",))


OF_THIS_FAILURE = {
    "complete", "survival", "resources", "disk", "anti-affinity", "targets", "transfers"
}  # fmt: skip
"""The rules that a recovery can break."""


def breaches(situation: Situation, schedule: RecoverySchedule) -> list[Violation]:
    """Judge a recovery as that of a plan for this one failure."""
    cluster, placement, failed = situation
    one = replace(cluster, failures=(Failure(name="now", servers=failed, weight=1.0),))
    recovery = Recovery(
        failure="now",
        weight=1.0,
        transfer_bytes=schedule.transfer_bytes,
        rebuilds=tuple(Rebuild(vm=it.vm, server=it.server) for it in schedule.rebuilds),
        transfers=tuple(
            Transfer(diff=it.diff, source=it.source, target=it.target, start=it.start, stop=it.stop)
            for it in schedule.transfers
        ),
    )
    plan = Plan(
        cluster_sha256=fingerprint(one),
        status="feasible",
        method="recover",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=float(schedule.transfer_bytes),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=(recovery,),
        unprotected=tuple(
            Unprotected(vm=lost.vm, failure="now", reason=str(lost)) for lost in schedule.lost
        ),
    )
    return [
        found
        for found in check(one, plan, max_pieces=64)
        if found.failure == "now" and found.rule in OF_THIS_FAILURE
    ]


def overloaded(cluster: Cluster, schedule: RecoverySchedule) -> list[str]:
    """Name links that carry more than their rate, between any two moments."""
    loads: dict[tuple[str, str], list[tuple[float, float, int]]] = defaultdict(list)
    for it in schedule.transfers:
        loads[it.source, "out"].append((it.begin_seconds, it.end_seconds, it.size))
        loads[it.target, "in"].append((it.begin_seconds, it.end_seconds, it.size))
    rate = {(server.name, "in"): server.net_in for server in cluster.servers}
    rate |= {(server.name, "out"): server.net_out for server in cluster.servers}
    return [
        f"{link} from {first} to {last}"
        for link, parts in loads.items()
        if (limit := rate[link]) is not None
        for first, last in pairwise(sorted({edge for part in parts for edge in part[:2]}))
        if sum(
            size * (last - first) / (end - begin)
            for begin, end, size in parts
            if begin <= first and last <= end
        )
        > limit * (last - first) * (1 + 1e-6) + 1e-3
    ]


def best_value(situation: Situation) -> tuple[tuple[int, ...], int]:
    """Count the VMs left out by priority, the highest first, and the bytes, by trying all ways.

    Written from the words of the rules, and of rates of 0.
    """
    cluster, _, failed = situation
    lost = [vm for vm in cluster.vms if vm.protect and vm.server in failed]
    order = sorted({vm.priority for vm in lost}, reverse=True)
    best = None
    for targets in _ways(situation, lost, {}):
        left_out = tuple(
            sum(vm.name not in targets for vm in lost if vm.priority == level) for level in order
        )
        rebuilt = [vm for vm in lost if vm.name in targets]
        needs = {(targets[vm.name], diff) for vm in rebuilt for diff in _chain(cluster, vm)}
        value = left_out, sum(len_of(_lacks(situation, *need)) for need in needs)
        best = value if best is None else min(best, value)
    assert best is not None
    return best


def _ways(
    situation: Situation, lost: list[VM], targets: dict[str, str]
) -> Iterator[dict[str, str]]:
    if not lost:
        yield targets
        return
    vm, *rest = lost
    yield from _ways(situation, rest, targets)
    for server in situation.cluster.servers:
        if _works(situation, vm, server, targets):
            yield from _ways(situation, rest, {**targets, vm.name: server.name})


def _works(situation: Situation, vm: VM, server: Server, targets: dict[str, str]) -> bool:
    cluster, placement, failed = situation
    if server.name in failed or not server.accept_rebuilds:
        return False
    if vm.allowed_servers is not None and server.name not in vm.allowed_servers:
        return False
    there = [
        it for it in cluster.vms if targets.get(it.name, it.server) == server.name and it != vm
    ]
    if any(set(it.groups) & set(vm.groups) for it in there):
        return False
    for resource, need in vm.demand.items():
        used = sum(Decimal(it.demand.get(resource, 0)) for it in there)
        if need and used + Decimal(need) > Decimal(server.capacity.get(resource, 0)):
            return False
    stored = sum(it.size for it in placement.stored if it.server == server.name)
    if vm.disk and vm.disk + stored + sum(it.disk for it in there) > server.disk:
        return False
    return all(_comes(situation, server, diff) for diff in _chain(cluster, vm))


def _comes(situation: Situation, server: Server, diff: str) -> bool:
    lacks = _lacks(situation, server.name, diff)
    senders = [
        it.name
        for it in situation.cluster.servers
        if it.name not in situation.failed and it.net_out != 0
    ]
    if not lacks:
        return True
    return server.net_in != 0 and not _lacks(situation, server.name, diff, *senders)


def _chain(cluster: Cluster, vm: VM) -> tuple[str, ...]:
    return chain_of(vm.diff, {diff.name: diff for diff in cluster.diffs})


def _lacks(situation: Situation, server: str, diff: str, *others: str) -> list[tuple[int, int]]:
    """Give the ranges of a diff that none of some servers holds."""
    size = next(it.size for it in situation.cluster.diffs if it.name == diff)
    names = {server, *others}
    held = [
        (it.start, it.stop)
        for it in situation.placement.stored
        if it.diff == diff and it.server in names
    ]
    for it in situation.cluster.servers:
        if it.name in names and diff in it.resident:
            held.append((0, size))
    edges = sorted({0, size, *(edge for span in held for edge in span)})
    return [
        (start, stop)
        for start, stop in pairwise(edges)
        if 0 <= start < size and not any(a <= start and stop <= b for a, b in held)
    ]


def len_of(ranges: list[tuple[int, int]]) -> int:
    return sum(stop - start for start, stop in ranges)
