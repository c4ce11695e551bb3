"""Where the VMs lost in one failure go, for what is stored: does it fit, and what is cheapest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from spareplace.amounts import DISK, Amounts
from spareplace.clock import Clock
from spareplace.instance import Instance

Targets = dict[int, int]
"""The server on which each lost VM is rebuilt."""


def room_beside(instance: Instance, stored: NDArray[np.int64]) -> Amounts:
    """Give what each server has left for rebuilds beside what runs and is stored there."""
    left = instance.free.copy()
    left[:, DISK] -= stored
    return left


def best_fit(
    instance: Instance, failure: int, stored: NDArray[np.int64], wanted: Iterable[int]
) -> Targets:
    """Find targets that keep rules 2 to 5, the VM that is hardest to place first.

    Each VM goes to the server on which the least share of some resource is left afterwards, so
    that large gaps stay for large VMs. Deterministic; it may miss targets that exist.

    Returns
    -------
    dict
        The targets; a VM that finds no server is left out.
    """
    rows = list(wanted)
    left = room_beside(instance, stored)
    may = dict(zip(rows, instance.allowed[rows] & ~instance.down[failure], strict=True))
    scale = np.maximum(instance.capacity.astype(np.float64).max(axis=0, initial=0), 1.0)
    vms = sorted(
        rows,
        key=lambda vm: (
            -instance.cluster.vms[vm].priority,
            int(may[vm].sum()),
            -(instance.demand[vm] / scale).max(),
            vm,
        ),
    )
    targets: Targets = {}
    taken: dict[int, list[int]] = {}
    for vm in vms:
        demand = instance.demand[vm]
        room = may[vm] & (demand <= left).all(axis=1).astype(bool)
        for group in instance.groups[vm]:
            room[taken.get(group, [])] = False
        servers = np.flatnonzero(room)
        if not servers.size:
            continue
        after = ((left[servers] - demand) / scale).astype(np.float64).min(axis=1)
        chosen = int(servers[after.argmin()])
        left[chosen] -= demand
        for group in instance.groups[vm]:
            taken.setdefault(group, []).append(chosen)
        targets[vm] = chosen
    return targets


def cheaper(
    instance: Instance,
    failure: int,
    stored: NDArray[np.int64],
    missing: Amounts,
    targets: Targets,
    clock: Clock,
) -> Targets:
    """Improve targets by moving one VM, or swapping two, while that transfers less.

    Parameters
    ----------
    instance, failure
        What is recovered.
    stored
        Bytes stored on each server.
    missing
        Bytes of each diff that each server lacks, shape (diffs, servers).
    targets
        Where to start from; they keep every rule, and so does the result.
    clock
        When it is over, the targets stay as they are then.
    """
    state = _Recovery(instance, failure, stored, missing, targets)
    vms = sorted(targets)
    improved = True
    while improved and not clock.over():
        moved = [state.move_best(vm) for vm in vms if not clock.over()]
        improved = any(moved) or _swap_once(state, vms, clock)
    return state.targets


def _swap_once(state: _Recovery, vms: Sequence[int], clock: Clock) -> bool:
    """Make the first swap that transfers less; tell whether there was one."""
    for one in vms:
        if clock.over():
            return False
        if any(state.swap(one, other) for other in vms if one < other):
            return True
    return False


class _Recovery:
    """Targets of one failure that change, with their room and the diffs needed on each server."""

    def __init__(
        self,
        instance: Instance,
        failure: int,
        stored: NDArray[np.int64],
        missing: Amounts,
        targets: Targets,
    ) -> None:
        self.instance = instance
        self.missing = missing
        vms = list(targets)
        self.may = dict(zip(vms, instance.allowed[vms] & ~instance.down[failure], strict=True))
        self.left = room_beside(instance, stored)
        self.users: dict[int, Counter[int]] = defaultdict(Counter)
        """For each diff, how many VMs need it on each server."""
        self.members: dict[int, Counter[int]] = defaultdict(Counter)
        """For each group, how many of its VMs are on each server."""
        self.alone: dict[int, Amounts] = {}
        """What each VM would transfer if nothing else were rebuilt, where that was asked for."""
        self.targets: Targets = {}
        for vm, server in targets.items():
            self._put(vm, server)

    def move_best(self, vm: int) -> bool:
        """Move a VM to the server where it transfers least, if that is less than now."""
        here = self.targets[vm]
        gain = self._take(vm)
        best, least = here, gain
        if gain:
            servers = self._open(vm)
            costs = self._costs(vm)[servers]
            if costs.min() < gain:
                best, least = int(servers[costs.argmin()]), int(costs.min())
        self._put(vm, best)
        return least < gain

    def swap(self, one: int, other: int) -> bool:
        """Swap the servers of two VMs if both then fit and less is transferred."""
        here, there = self.targets[one], self.targets[other]
        if here == there:
            return False
        if not self._lacks(one, here) and not self._lacks(other, there):
            return False  # neither pays anything
        before = self._take(one) + self._take(other)
        if self._fits(one, there) and self._fits(other, here):
            after = self._cost(one, there)
            self._put(one, there)
            after += self._cost(other, here)
            if after < before and self._fits(other, here):
                self._put(other, here)
                return True
            self._take(one)
        self._put(one, here)
        self._put(other, there)
        return False

    def _open(self, vm: int) -> NDArray[np.intp]:
        room = self.may[vm] & (self.instance.demand[vm] <= self.left).all(axis=1).astype(bool)
        for group in self.instance.groups[vm]:
            room[[server for server, count in self.members[group].items() if count]] = False
        return np.flatnonzero(room)

    def _fits(self, vm: int, server: int) -> bool:
        return (
            bool(self.may[vm][server])
            and bool((self.instance.demand[vm] <= self.left[server]).all())
            and not any(self.members[group][server] for group in self.instance.groups[vm])
        )

    def _lacks(self, vm: int, server: int) -> bool:
        return any(self.missing[diff, server] for diff in self.instance.chain[vm])

    def _cost(self, vm: int, server: int) -> int:
        return sum(
            int(self.missing[diff, server])
            for diff in self.instance.chain[vm]
            if not self.users[diff][server]
        )

    def _costs(self, vm: int) -> Amounts:
        """Give what a VM would transfer on each server, shape (servers,)."""
        chain = self.instance.chain[vm]
        if vm not in self.alone:
            self.alone[vm] = self.missing[list(chain)].sum(axis=0)
        costs = self.alone[vm].copy()
        for diff in chain:
            for server, count in self.users[diff].items():
                if count:
                    costs[server] -= self.missing[diff, server]
        return costs

    def _put(self, vm: int, server: int) -> None:
        self.targets[vm] = server
        self.left[server] -= self.instance.demand[vm]
        for diff in self.instance.chain[vm]:
            self.users[diff][server] += 1
        for group in self.instance.groups[vm]:
            self.members[group][server] += 1

    def _take(self, vm: int) -> int:
        """Take a VM off its server; give the bytes that are no longer transferred."""
        server = self.targets.pop(vm)
        self.left[server] += self.instance.demand[vm]
        for diff in self.instance.chain[vm]:
            self.users[diff][server] -= 1
        for group in self.instance.groups[vm]:
            self.members[group][server] -= 1
        return self._cost(vm, server)
