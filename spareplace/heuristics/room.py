"""The room that is left while a heuristic stores diffs and designates targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.holding import merged
from spareplace.instance import Instance
from spareplace.placement import Extent, Placement, Rebuild, Unprotected

Pair = tuple[int, int]
"""A failure, and a protected VM that it loses."""


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
    held
        Bytes of each diff on each server, stored or resident, shape (diffs, servers).
    target
        The designated server of a pair.
    stored
        Extents as (diff, server, start, stop).
    taken
        (failure, server, group) of every designated VM in a group.
    given_up
        Pairs without a server, and why.
    """

    instance: Instance
    left: Amounts
    worst: Amounts
    held: NDArray[np.int64]
    target: dict[Pair, int] = field(default_factory=dict)
    stored: list[tuple[int, int, int, int]] = field(default_factory=list)
    taken: set[tuple[int, int, int]] = field(default_factory=set)
    given_up: dict[Pair, str] = field(default_factory=dict)

    def copy(self) -> Room:
        """Give a room on which a choice can be tried."""
        return Room(
            instance=self.instance,
            left=self.left.copy(),
            worst=self.worst.copy(),
            held=self.held.copy(),
            target=dict(self.target),
            stored=list(self.stored),
            taken=set(self.taken),
            given_up=dict(self.given_up),
        )

    def store(self, diff: int, server: int, start: int, stop: int) -> None:
        """Keep bytes of a diff on a server, for which the caller has found room."""
        self.stored.append((diff, server, start, stop))
        self.held[diff, server] += stop - start
        self.left[:, server, DISK] -= stop - start
        self.worst[server, DISK] -= stop - start

    def designate(self, pair: Pair, server: int) -> None:
        """Rebuild a VM on a server, for which the caller has found room."""
        failure, vm = pair
        self.target[pair] = server
        self.left[failure, server] -= self.instance.demand[vm]
        np.minimum(self.worst[server], self.left[failure, server], out=self.worst[server])
        for group in self.instance.groups[vm]:
            self.taken.add((failure, server, group))

    def release(self, pair: Pair) -> None:
        """Take back the designated server of a pair, if it has one."""
        server = self.target.pop(pair, None)
        if server is None:
            return
        failure, vm = pair
        self.left[failure, server] += self.instance.demand[vm]
        self.worst[server] = self.left[:, server].min(axis=0)
        for group in self.instance.groups[vm]:
            self.taken.discard((failure, server, group))

    def may_take(self, pair: Pair, server: int) -> bool:
        """Tell whether rules 4 and 5 let a VM be rebuilt there beside those already designated."""
        failure, vm = pair
        return bool(
            self.instance.allowed[vm, server] and not self.instance.down[failure, server]
        ) and not any((failure, server, group) in self.taken for group in self.instance.groups[vm])

    def has_room(self, pairs: Sequence[Pair], server: int) -> bool:
        """Tell whether every rule lets all these VMs be rebuilt on one server."""
        added: dict[int, Amounts] = {}
        groups: set[tuple[int, int]] = set()
        for failure, vm in pairs:
            if not self.may_take((failure, vm), server):
                return False
            added[failure] = added.get(failure, 0) + self.instance.demand[vm]
            mine = {(failure, group) for group in self.instance.groups[vm]}
            if mine & groups:
                return False
            groups |= mine
        return all(
            ((amounts == 0) | (amounts <= self.left[failure, server])).all()
            for failure, amounts in added.items()
        )

    def share(self, size: int = 0) -> NDArray[np.float64]:
        """Give each server's least share left, over all resources, if it stored `size` more."""
        capacity = self.instance.capacity
        left = self.worst.astype(np.float64)
        left[:, DISK] -= size
        return least_share(left, capacity)

    def open_servers(self, pair: Pair) -> list[int]:
        """Give the servers that may and can take one more VM, the one with most room first."""
        failure, vm = pair
        demand = self.instance.demand[vm]
        room = ((demand == 0) | (self.left[failure] >= demand)).all(axis=1)
        share = self.share()
        return sorted(
            (int(server) for server in np.flatnonzero(room) if self.may_take(pair, int(server))),
            key=lambda server: (-share[server], server),
        )

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
    failures, servers = instance.down.shape
    held = np.where(instance.resident, np.array(instance.size, dtype=np.int64)[:, None], 0)
    return Room(
        instance=instance,
        left=np.repeat(instance.free[None, :, :], failures + 1, axis=0),
        worst=instance.free.copy(),
        held=held.reshape(len(instance.size), servers),
    )


def least_share(left: NDArray[np.float64], capacity: Amounts) -> NDArray[np.float64]:
    """Give, for each server, the least share of a resource that is left; 1 if it has none."""
    has = capacity > 0
    shares = np.ones(left.shape)
    np.divide(left, capacity.astype(np.float64), out=shares, where=has.astype(bool))
    return np.asarray(shares.min(axis=-1))


def pairs_by_failure(pairs: Iterable[Pair]) -> dict[int, list[Pair]]:
    """Group pairs by their failure, in order."""
    grouped: dict[int, list[Pair]] = {}
    for pair in pairs:
        grouped.setdefault(pair[0], []).append(pair)
    return grouped
