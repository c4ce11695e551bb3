"""What the best plan of whole copies is worth, by trying every one: an oracle for tiny clusters.

It is written from the words of the problem alone and shares nothing with the library but the
values. Four servers, five diffs and five VMs take up to 0.1 s, and 0.8 s where VMs may be left out.

How it goes about it: which rebuilds a failure allows does not depend on what is stored, but for
the room on disk. So every way to rebuild what each failure loses is listed once. Then copies are
chosen in every way, one diff after the other, and each failure takes the cheapest of its ways
that the copies leave possible. Later copies never undo what the earlier ones cost, so a branch
that has become dearer than the best plan known is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, product
from math import lcm
from typing import NamedTuple, TypeAlias

from spareplace.cluster import Cluster
from spareplace.parts import VM, Failure, Server


def best_by_enumeration(cluster: Cluster) -> tuple[Fraction, int] | None:
    """Give the least expected transfer, and the least stored bytes among plans that have it.

    Both in bytes, over plans of whole copies that protect every VM in every failure; `None` if
    there is no such plan.
    """
    best = _Search(cluster, leave_out=False).best()
    return None if best is None else best[1:]


def fewest_unprotected(cluster: Cluster) -> tuple[int, ...]:
    """Count the (VM, failure) pairs that must be left out, the highest priority first.

    One count for each priority that a protected VM has: the first is the least possible, the
    second the least possible with that first, and so on.
    """
    return best_leaving_out(cluster)[0]


def best_leaving_out(cluster: Cluster) -> tuple[tuple[int, ...], Fraction, int]:
    """Give `fewest_unprotected`, the least expected transfer with it, then the least stored."""
    best = _Search(cluster, leave_out=True).best()
    if best is None:
        raise AssertionError("to store nothing and leave out everything keeps every rule")
    return best


_Servers: TypeAlias = frozenset[int]


class _Way(NamedTuple):
    """One way to rebuild what a failure loses; servers are numbered."""

    cost: int
    """What leaving out costs, and the transfers of the diffs chosen so far."""
    needed: tuple[_Servers, ...]
    """For each diff to be placed, the servers on which a VM is rebuilt that needs it."""
    disk: tuple[int, ...]
    """For each server, the bytes of the VMs rebuilt on it."""


class _Search:
    """The cluster in numbers, and the best plan so far.

    The goals are one integer, so that they add up and compare in their order: leaving out a pair
    outweighs all transfers and all pairs of lower priorities, a transfer all that is stored.
    """

    def __init__(self, cluster: Cluster, *, leave_out: bool) -> None:
        self.cluster = cluster
        self.at = {server.name: at for at, server in enumerate(cluster.servers)}
        self.diffs = sorted(
            (diff for diff in cluster.diffs if diff.size > 0), key=lambda diff: -diff.size
        )
        self.chains = _chains(cluster)
        weights = [Fraction(repr(failure.weight)) for failure in cluster.failures]
        self.denominator = lcm(*(weight.denominator for weight in weights))
        self.weights = [int(weight * self.denominator) for weight in weights]
        size = sum(diff.size for diff in self.diffs)
        self.per_byte = size * len(cluster.servers) + 1
        self.per_pair = self.per_byte * (sum(self.weights) * size * len(cluster.vms) + 1)
        self.levels = sorted({vm.priority for vm in cluster.vms if vm.protect})
        self.most_pairs = len(cluster.vms) * len(cluster.failures) + 1
        self.gone = [frozenset(self.at[name] for name in lost.servers) for lost in cluster.failures]
        self.ways = [
            list({self._way(targets) for targets in _rebuilds(cluster, lost, leave_out)})
            for lost in cluster.failures
        ]
        self.resident = [
            frozenset(
                at for at, server in enumerate(cluster.servers) if diff.name in server.resident
            )
            for diff in self.diffs
        ]
        self.copies = [self._copies(at) for at in range(len(self.diffs))]
        self.least: int | None = None

    def best(self) -> tuple[tuple[int, ...], Fraction, int] | None:
        """Give pairs left out by level, expected transfer, stored bytes."""
        free = tuple(
            server.disk - sum(vm.disk for vm in self.cluster.vms if vm.server == server.name)
            for server in self.cluster.servers
        )
        if all(self.ways) and all(self.copies):
            self._choose(0, 0, free, self.ways)
        if self.least is None:
            return None
        pairs, rest = divmod(self.least, self.per_pair)
        transfer, stored = divmod(rest, self.per_byte)
        counts = []
        for _ in self.levels:
            pairs, count = divmod(pairs, self.most_pairs)
            counts.append(count)
        return tuple(reversed(counts)), Fraction(transfer, self.denominator), stored

    def _choose(self, at: int, stored: int, free: tuple[int, ...], ways: list[list[_Way]]) -> None:
        """Choose copies of the diff at this position and of all behind it, the cheapest first."""
        if at == len(self.diffs):
            self.least = stored + _least(ways)
            return
        tries = []
        for copies in self.copies[at]:
            room = tuple(
                left - self.diffs[at].size if server in copies else left
                for server, left in enumerate(free)
            )
            if all(room[server] >= 0 for server in copies):
                left = [self._left(at, copies, room, *lost) for lost in enumerate(ways)]
                more = stored + self.diffs[at].size * len(copies)
                if all(left):
                    tries.append((more + _least(left), more, room, left))
        behind = sum(
            diff.size * min(len(copies) for copies in some)
            for diff, some in zip(self.diffs[at + 1 :], self.copies[at + 1 :], strict=True)
        )
        for least, more, room, left in sorted(tries, key=lambda tried: tried[0]):
            if self.least is None or least + behind < self.least:
                self._choose(at + 1, more, room, left)

    def _left(
        self, at: int, copies: _Servers, room: tuple[int, ...], lost: int, ways: list[_Way]
    ) -> list[_Way]:
        """Give the ways that the copies of one more diff leave, with what they transfer of it."""
        held = self.resident[at] | copies
        per_copy = self.weights[lost] * self.diffs[at].size * self.per_byte
        least: dict[tuple[tuple[_Servers, ...], tuple[int, ...]], int] = {}
        for cost, (needed, *later), disk in ways:
            if needed and not held - self.gone[lost]:
                continue
            if all(disk[server] <= room[server] for server in copies):
                cost += per_copy * len(needed - held)
                key = (tuple(later), disk)
                least[key] = min(cost, least.get(key, cost))
        return [_Way(cost, *key) for key, cost in least.items()]

    def _copies(self, at: int) -> list[_Servers]:
        """Give the sets of servers that may hold a diff and leave each failure some way."""
        may = [
            number
            for number, server in enumerate(self.cluster.servers)
            if server.accept_extents and number not in self.resident[at]
        ]
        must_survive = [
            gone
            for gone, ways in zip(self.gone, self.ways, strict=True)
            if all(way.needed[at] for way in ways)
        ]
        return [
            copies
            for count in range(len(may) + 1)
            for copies in map(frozenset, combinations(may, count))
            if all((self.resident[at] | copies) - gone for gone in must_survive)
        ]

    def _way(self, targets: tuple[tuple[VM, str | None], ...]) -> _Way:
        left_out = 0
        needed: dict[str, set[int]] = {diff.name: set() for diff in self.diffs}
        disk = [0] * len(self.at)
        for vm, target in targets:
            if target is None:
                left_out += self.most_pairs ** self.levels.index(vm.priority)
                continue
            disk[self.at[target]] += vm.disk
            for diff in self.chains[vm.name]:
                if diff in needed:
                    needed[diff].add(self.at[target])
        return _Way(left_out * self.per_pair, tuple(map(frozenset, needed.values())), tuple(disk))


def _rebuilds(
    cluster: Cluster, failure: Failure, leave_out: bool
) -> Iterator[tuple[tuple[VM, str | None], ...]]:
    """List every choice of targets that keeps each rule which stored extents have no part in."""
    lost = [vm for vm in cluster.vms if vm.server in failure.servers and vm.protect]
    targets = [
        [
            server.name
            for server in cluster.servers
            if server.name not in failure.servers
            and server.accept_rebuilds
            and (vm.allowed_servers is None or server.name in vm.allowed_servers)
        ]
        + [None] * leave_out
        for vm in lost
    ]
    for chosen in product(*targets):
        rebuilt = tuple(zip(lost, chosen, strict=True))
        if all(
            _fits(cluster, server, [vm for vm, target in rebuilt if target == server.name])
            for server in cluster.servers
        ):
            yield rebuilt


def _fits(cluster: Cluster, server: Server, rebuilt: list[VM]) -> bool:
    """Tell whether VMs can be rebuilt on a server: resources, disk without extents, groups."""
    there = [vm for vm in cluster.vms if vm.server == server.name] + rebuilt
    disk = sum(vm.disk for vm in there) if any(vm.disk for vm in rebuilt) else 0
    groups = [group for vm in rebuilt for group in vm.groups]
    return (
        disk <= server.disk
        and all(sum(group in vm.groups for vm in there) == 1 for group in groups)
        and all(
            sum(Fraction(vm.demand.get(resource, 0)) for vm in there)
            <= Fraction(server.capacity.get(resource, 0))
            for vm in rebuilt
            for resource, amount in vm.demand.items()
            if amount > 0
        )
    )


def _chains(cluster: Cluster) -> dict[str, list[str]]:
    """Give the diffs that each VM needs."""
    parent = {diff.name: diff.parent for diff in cluster.diffs}
    chains: dict[str, list[str]] = {}
    for vm in cluster.vms:
        here, chains[vm.name] = vm.diff, []
        while here is not None:
            chains[vm.name].append(here)
            here = parent[here]
    return chains


def _least(ways: list[list[_Way]]) -> int:
    return sum(min(way.cost for way in some) for some in ways)


def least_of_the_worst(cluster: Cluster) -> tuple[Fraction, Fraction] | None:
    """Give the least largest transfer of a failure of weight above 0, then the least expected one.

    By trying every set of copies, for clusters far smaller still; `None` if there is no plan.
    """
    found = []
    for costs in _costs(cluster, lambda into: Fraction(sum(into.values()))):
        weighted = [(Fraction(repr(lost.weight)), cost) for lost, cost in costs]
        worst = max((cost for weight, cost in weighted if weight), default=Fraction(0))
        found.append((worst, sum((weight * cost for weight, cost in weighted), Fraction(0))))
    return min(found, default=None)


def least_seconds(cluster: Cluster) -> Fraction | None:
    """Give the least expected time of a recovery where no server limits what it sends."""
    rates = {server.name: server.net_in for server in cluster.servers}

    def seconds(into: dict[str, int]) -> Fraction:
        taken = [Fraction(size, rate) for name, size in into.items() if (rate := rates[name])]
        return max(taken, default=Fraction(0))

    return min(
        (
            sum((Fraction(repr(lost.weight)) * cost for lost, cost in costs), Fraction(0))
            for costs in _costs(cluster, seconds)
        ),
        default=None,
    )


def _costs(
    cluster: Cluster, measure: Callable[[dict[str, int]], Fraction]
) -> Iterator[list[tuple[Failure, Fraction]]]:
    """For each set of copies that allows a plan, give what each failure costs at the least."""
    search = _Search(cluster, leave_out=False)
    ways = [list(_rebuilds(cluster, lost, leave_out=False)) for lost in cluster.failures]
    size = {diff.name: diff.size for diff in search.diffs}
    for chosen in product(*search.copies):
        held = {
            diff.name: {cluster.servers[at].name for at in copies | search.resident[number]}
            for number, (diff, copies) in enumerate(zip(search.diffs, chosen, strict=True))
        }
        stored = {
            server.name: sum(
                diff.size for diff, copies in zip(search.diffs, chosen, strict=True) if at in copies
            )
            for at, server in enumerate(cluster.servers)
        }
        least = []
        for lost, some in zip(cluster.failures, ways, strict=True):
            possible = [
                measure(_into(search.chains, targets, held, size))
                for targets in some
                if _possible(cluster, lost, targets, held, stored, search.chains)
            ]
            if not possible:
                break
            least.append((lost, min(possible)))
        else:
            if all(_disk(cluster, name, (), stored) for name in stored if stored[name]):
                yield least


def _possible(
    cluster: Cluster,
    lost: Failure,
    targets: tuple[tuple[VM, str | None], ...],
    held: dict[str, set[str]],
    stored: dict[str, int],
    chains: dict[str, list[str]],
) -> bool:
    """Tell whether what rebuilds need survives, and whether they fit beside what is stored."""
    survives = all(
        held[diff] - set(lost.servers)
        for vm, _ in targets
        for diff in chains[vm.name]
        if diff in held
    )
    return survives and all(
        _disk(cluster, name, tuple(vm for vm, target in targets if target == name), stored)
        for name in stored
        if stored[name] or any(target == name and vm.disk for vm, target in targets)
    )


def _disk(cluster: Cluster, name: str, rebuilt: tuple[VM, ...], stored: dict[str, int]) -> bool:
    (disk,) = (server.disk for server in cluster.servers if server.name == name)
    running = sum(vm.disk for vm in cluster.vms if vm.server == name)
    return running + stored[name] + sum(vm.disk for vm in rebuilt) <= disk


def _into(
    chains: dict[str, list[str]],
    targets: tuple[tuple[VM, str | None], ...],
    held: dict[str, set[str]],
    size: dict[str, int],
) -> dict[str, int]:
    """Give the bytes that each target lacks."""
    needed = {(target, diff) for vm, target in targets for diff in chains[vm.name] if diff in held}
    into: dict[str, int] = {}
    for target, diff in needed:
        if target is not None and target not in held[diff]:
            into[target] = into.get(target, 0) + size[diff]
    return into
