"""What people do without a planner: full copies on a buddy host, or hosts kept empty as spares.

Both are plain placements, made without a look at whether they keep the rules; `judged` tells.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from spareplace import Cluster
from spareplace.canonical import fingerprint
from spareplace.cluster import chain_of
from spareplace.parts import VM, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild
from spareplace.recovery import expected_transfer, recoveries
from spareplace.verify import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a placement costs, and what it breaks.

    Parameters
    ----------
    expected, stored
        Expected transfer, and stored bytes.
    broken
        Each rule that is broken, with the servers on which it is.
    """

    expected: float
    stored: int
    broken: Mapping[str, int]


def judged(cluster: Cluster, placement: Placement) -> Verdict:
    """Let `check` judge a placement."""
    recovered = recoveries(cluster, placement)
    expected = float(expected_transfer(recovered))
    plan = Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="comparison",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=expected,
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
    )
    servers: dict[str, set[str | None]] = defaultdict(set)
    for violation in check(cluster, plan):
        servers[violation.rule].add(violation.server)
    return Verdict(
        expected=expected,
        stored=placement.stored_bytes,
        broken={rule: len(where) for rule, where in servers.items()},
    )


def buddies(cluster: Cluster, *, sharing: bool) -> Placement:
    """Keep the whole chain of every VM on one other host, its buddy, and rebuild it there.

    Each VM, the largest first, gets the host that its copy and its image leave with most disk.
    Of the images, those of the worst home count, as if each host failed alone.

    Parameters
    ----------
    cluster
        What to place for.
    sharing
        Whether buddies are chosen with an eye on what their copies share. Without it, every copy
        is taken for a full one, and what is shared is merely kept once.
    """
    chains, sizes = _chains(cluster), _sizes(cluster)
    free = _free_disk(cluster)
    held: dict[str, set[str]] = defaultdict(set)
    rebuilt: Counter[tuple[str, str]] = Counter()  # (home, buddy) -> bytes
    worst: Counter[str] = Counter()  # buddy -> bytes of its worst home
    buddy: dict[str, str] = {}

    def copied(vm: VM, host: str) -> int:
        there = held[host] if sharing else ()
        return sum(sizes[diff] for diff in chains[vm.name] if diff not in there)

    def left(vm: VM, host: str) -> int:
        return free[host] - copied(vm, host) - max(worst[host], rebuilt[vm.server, host] + vm.disk)

    for vm in sorted(cluster.vms, key=lambda vm: -vm.disk):
        others = [server.name for server in cluster.servers if server.name != vm.server]
        host = buddy[vm.name] = max((left(vm, name), name) for name in others)[1]
        free[host] -= copied(vm, host)
        held[host].update(chains[vm.name])
        rebuilt[vm.server, host] += vm.disk
        worst[host] = max(worst[host], rebuilt[vm.server, host])
    return _placement(cluster, held, buddy)


def with_spares(cluster: Cluster, count: int) -> Cluster:
    """Add hosts that run nothing, each as large as the largest one; nothing new can fail."""
    disk = max(server.disk for server in cluster.servers)
    resources = {key for server in cluster.servers for key in server.capacity}
    capacity = {
        key: max(server.capacity.get(key, 0) for server in cluster.servers) for key in resources
    }
    spares = tuple(
        Server(name=f"spare{number + 1}", disk=disk, capacity=capacity) for number in range(count)
    )
    return replace(cluster, servers=(*cluster.servers, *spares))


def dedicated(cluster: Cluster) -> Placement:
    """Rebuild everything on the hosts that run nothing, and keep there what saves most.

    In each failure every VM, the largest first, goes to the spare with most disk left. The diffs
    that most failures ask for are kept on each spare that needs them, while they fit beside the
    largest rebuild; of the others as many copies as survive are kept on the hosts with most disk
    left.
    """
    chains, sizes = _chains(cluster), _sizes(cluster)
    target, worst = _dealt(cluster)
    users: dict[str, set[str]] = defaultdict(set)
    for vm in cluster.vms:
        for diff in chains[vm.name]:
            users[diff].add(vm.server)
    asked = {(vm.server, target[vm.name], diff) for vm in cluster.vms for diff in chains[vm.name]}
    wanted = Counter((spare, diff) for _, spare, diff in asked)  # -> failures that ask for it
    free = _free_disk(cluster)
    for name, most in worst.items():
        free[name] -= most
    held: dict[str, set[str]] = defaultdict(set)
    kept: set[str] = set()
    for (spare, diff), _ in sorted(wanted.items(), key=lambda item: (-item[1], item[0])):
        if sizes[diff] <= free[spare]:
            free[spare] -= sizes[diff]
            held[spare].add(diff)
            kept.add(diff)
    for diff in sorted(users.keys() - kept, key=lambda diff: (-sizes[diff], diff)):
        for host in _survivors(users[diff], free):
            free[host] -= sizes[diff]
            held[host].add(diff)
    return _placement(cluster, held, target)


def _dealt(cluster: Cluster) -> tuple[dict[str, str], Counter[str]]:
    """Deal the VMs of each host to the spares; give the targets, and each spare's worst bytes."""
    homes = {vm.server for vm in cluster.vms}
    disk = {server.name: server.disk for server in cluster.servers if server.name not in homes}
    target: dict[str, str] = {}
    rebuilt: Counter[tuple[str, str]] = Counter()
    for vm in sorted(cluster.vms, key=lambda vm: -vm.disk):
        spare = max((disk[name] - rebuilt[vm.server, name], name) for name in disk)[1]
        rebuilt[vm.server, spare] += vm.disk
        target[vm.name] = spare
    worst: Counter[str] = Counter()
    for (_, spare), amount in rebuilt.items():
        worst[spare] = max(worst[spare], amount)
    return target, worst


def _survivors(users: set[str], free: Mapping[str, int]) -> list[str]:
    """Give the freest host that does not use a diff, or the two freest if all do."""
    order = sorted(free, key=lambda host: -free[host])
    outside = [host for host in order if host not in users]
    return outside[:1] or order[:2]


def _placement(
    cluster: Cluster, held: Mapping[str, set[str]], target: Mapping[str, str]
) -> Placement:
    sizes = _sizes(cluster)
    stored = sorted(
        Extent(diff=diff, server=host, start=0, stop=sizes[diff])
        for host, diffs in held.items()
        for diff in diffs
        if sizes[diff]
    )
    rebuilds = {
        failure.name: tuple(
            Rebuild(vm=vm.name, server=target[vm.name])
            for vm in cluster.vms
            if vm.server in failure.servers and vm.protect
        )
        for failure in cluster.failures
    }
    return Placement(stored=tuple(stored), rebuilds=rebuilds)


def _chains(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    diffs = {diff.name: diff for diff in cluster.diffs}
    return {vm.name: chain_of(vm.diff, diffs) for vm in cluster.vms}


def _sizes(cluster: Cluster) -> dict[str, int]:
    return {diff.name: diff.size for diff in cluster.diffs}


def _free_disk(cluster: Cluster) -> dict[str, int]:
    running: Counter[str] = Counter()
    for vm in cluster.vms:
        running[vm.server] += vm.disk
    return {server.name: server.disk - running[server.name] for server in cluster.servers}
