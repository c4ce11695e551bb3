"""The room that is left while a heuristic stores diffs and designates targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.holding import merged
from spareplace.instance import Instance
from spareplace.placement import Extent, Placement, Rebuild, Unprotected

Pair = tuple[int, int]
"""A failure, and a protected VM that it loses."""

Shares: TypeAlias = NDArray[np.float64]
"""What is left of something, as a share of all."""


@dataclass(slots=True, kw_only=True, eq=False)
class Room:
    """What is decided so far, and what it leaves.

    Parameters
    ----------
    instance
        The cluster in numbers.
    left
        Of every resource, shape (failures + 1, servers, resources); the last row is the time
        without a failure.
    worst
        The least of `left` over the failures, shape (servers, resources).
    weight, whole_weight
        The weight of each failure as a whole number, and the number that stands for 1.
    held
        For each diff, the servers that hold any of it, stored or resident, and how many bytes.
    target
        The designated server of a pair.
    stored
        Extents as (diff, server, start, stop).
    taken
        For each (failure, group), the servers with a designated VM of the group.
    given_up
        Pairs without a server, and why.
    done
        What was stored and designated, so that it can be taken back: see `undo`.
    """

    instance: Instance
    left: Amounts
    worst: Amounts
    weight: tuple[int, ...]
    whole_weight: int
    held: defaultdict[int, dict[int, int]]
    target: dict[Pair, int] = field(default_factory=dict)
    stored: list[tuple[int, int, int, int]] = field(default_factory=list)
    taken: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    given_up: dict[Pair, str] = field(default_factory=dict)
    done: list[tuple[Pair, Amounts] | None] = field(default_factory=list)

    def store(self, diff: int, server: int, start: int, stop: int) -> None:
        """Keep bytes of a diff on a server, for which the caller has found room."""
        self.stored.append((diff, server, start, stop))
        self.done.append(None)
        self._hold(diff, server, stop - start)

    def designate(self, pair: Pair, server: int) -> None:
        """Rebuild a VM on a server, for which the caller has found room."""
        failure, vm = pair
        self.done.append((pair, self.worst[server].copy()))
        self.target[pair] = server
        self.left[failure, server] -= self.instance.demand[vm]
        np.minimum(self.worst[server], self.left[failure, server], out=self.worst[server])
        for group in self.instance.groups[vm]:
            self.taken.setdefault((failure, group), set()).add(server)

    def release(self, pair: Pair) -> None:
        """Take back the designated server of a pair, if it has one."""
        server = self.target.get(pair)
        if server is not None:
            self._free(pair)
            self.worst[server] = self.left[:, server].min(axis=0)

    def undo(self, mark: int) -> None:
        """Take back what was stored and designated since ``len(done)`` was `mark`.

        A choice is tried in place: on a large cluster a copy takes longer than the choice.
        """
        while len(self.done) > mark:
            last = self.done.pop()
            if last is None:
                diff, server, start, stop = self.stored.pop()
                self._hold(diff, server, start - stop)
            else:
                pair, worst = last
                self.worst[self._free(pair)] = worst

    def _hold(self, diff: int, server: int, size: int) -> None:
        held = self.held[diff]
        held[server] = held.get(server, 0) + size
        if not held[server]:
            del held[server]
        self.left[:, server, DISK] -= size
        self.worst[server, DISK] -= size

    def _free(self, pair: Pair) -> int:
        """Take a VM off its designated server, but for the worst that it leaves there."""
        failure, vm = pair
        server = self.target.pop(pair)
        self.left[failure, server] += self.instance.demand[vm]
        for group in self.instance.groups[vm]:
            self.taken[failure, group].discard(server)
        return server

    def has_room(self, pairs: Sequence[Pair], server: int) -> bool:
        """Tell whether every rule lets all these VMs be rebuilt on one server."""
        instance = self.instance
        added: dict[int, Amounts] = {}
        groups: set[tuple[int, int]] = set()
        for failure, vm in pairs:
            if not instance.allowed[vm, server] or instance.down[failure, server]:
                return False
            for group in set(instance.groups[vm]):
                key = (failure, group)
                if key in groups or server in self.taken.get(key, ()):
                    return False
                groups.add(key)
            added[failure] = added.get(failure, 0) + instance.demand[vm]
        return all(
            ((amounts == 0) | (amounts <= self.left[failure, server])).all()
            for failure, amounts in added.items()
        )

    def best_open(self, pair: Pair) -> int | None:
        """Give the server with most room that may and can take one more VM, if any can."""
        failure, vm = pair
        demand = self.instance.demand[vm]
        room = ((demand == 0) | (self.left[failure] >= demand)).all(axis=1).astype(bool)
        room &= self.instance.allowed[vm] & ~self.instance.down[failure]
        for group in self.instance.groups[vm]:
            room[list(self.taken.get((failure, group), ()))] = False
        servers = np.flatnonzero(room)
        return int(servers[self.share(servers).argmax()]) if servers.size else None

    def holders(self, diff: int) -> list[int]:
        """Give the servers that hold any of a diff, the one with most room first."""
        servers = sorted(self.held[diff])
        if len(servers) < 2:
            return servers
        share = dict(zip(servers, self.share(servers).tolist(), strict=True))
        return sorted(servers, key=lambda server: (-share[server], server))

    def share(self, servers: Sequence[int] | NDArray[np.intp], size: int = 0) -> Shares:
        """Give the least share that some servers have left if they stored `size` more."""
        left = self.worst[servers].astype(np.float64)
        left[:, DISK] -= size
        return least_share(left, self.instance.capacity[servers])

    def placement(self) -> Placement:
        """Write down what was decided, with names."""
        cluster = self.instance.cluster
        stored = merged(
            Extent(
                diff=cluster.diffs[diff].name,
                server=cluster.servers[server].name,
                start=start,
                stop=stop,
            )
            for diff, server, start, stop in self.stored
        )
        return Placement(
            stored=stored,
            rebuilds={
                failure.name: tuple(
                    Rebuild(vm=cluster.vms[vm].name, server=cluster.servers[at].name)
                    for vm in self.instance.lost[number]
                    if (at := self.target.get((number, vm))) is not None
                )
                for number, failure in enumerate(cluster.failures)
            },
            unprotected=tuple(
                Unprotected(
                    vm=cluster.vms[vm].name, failure=cluster.failures[failure].name, reason=reason
                )
                for (failure, vm), reason in sorted(self.given_up.items())
            ),
        )


def empty_room(instance: Instance) -> Room:
    """Start with nothing stored and nobody designated."""
    held: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for diff, server in np.argwhere(instance.resident).tolist():
        if instance.size[diff]:
            held[diff][server] = instance.size[diff]
    whole = lcm(*(weight.denominator for weight in instance.weight))
    return Room(
        instance=instance,
        weight=tuple(int(weight * whole) for weight in instance.weight),
        whole_weight=whole,
        left=np.repeat(instance.free[None, :, :], len(instance.lost) + 1, axis=0),
        worst=instance.free.copy(),
        held=held,
    )


def least_share(left: NDArray[np.float64], capacity: Amounts) -> Shares:
    """Give, for each server, the least share of a resource that is left; 1 if it has none."""
    has = capacity > 0
    shares = np.ones(left.shape)
    np.divide(left, capacity.astype(np.float64), out=shares, where=has.astype(bool))
    return np.asarray(shares.min(axis=-1))


def by_failure(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Group pairs by their failure, in order."""
    grouped: dict[int, list[Pair]] = {}
    for pair in pairs:
        grouped.setdefault(pair[0], []).append(pair)
    return list(grouped.values())
