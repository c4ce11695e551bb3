"""The cluster in numbers: index arrays for the engines, and the rules that need no choice.

An index is a position in the cluster's own tuples. Amounts of a resource are integers in the
smallest decimal unit that any amount of it uses, so sums and comparisons are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from spareplace.affinity import Flags, allowed_targets, groups_of
from spareplace.amounts import Amounts, counted
from spareplace.cluster import Cluster, chain_of
from spareplace.parts import Diff
from spareplace.units import exact_weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """A cluster as arrays.

    Parameters
    ----------
    cluster
        What the indices refer to.
    resources
        ``"disk"``, then every resource that a server lists.
    unit
        For each resource, the amount that the integer 1 stands for.
    size
        Bytes of each diff.
    chain
        For each VM, the diffs that it needs, the master first; diffs of no bytes left out.
    order
        Diffs as the file lists them, but parents first.
    lost
        For each failure, the protected VMs that it loses.
    weight
        Of each failure, exact.
    down
        Whether a failure takes a server down, shape (failures, servers).
    resident
        Whether a server holds a diff anyway, shape (diffs, servers).
    keeps
        Whether a server accepts extents, shape (servers,).
    demand
        What each VM takes where it is rebuilt, shape (VMs, resources).
    capacity
        What each server has, shape (servers, resources).
    left
        What the running VMs leave of it, below 0 where they take too much, (servers, resources).
    free
        The same, but 0 where they take too much: what rebuilds and extents may use.
    allowed
        Whether rules 4 and 5 let a VM be rebuilt on a server beside the VMs that run there,
        shape (VMs, servers).
    groups
        For each VM, its anti-affinity groups as numbers.
    priority
        Of each VM.
    asked
        For each diff, the failures in which a stored copy of it has to survive: one of them
        loses a VM that needs the diff, and no resident copy outlives it.
    fixed
        The (diff, failure) pairs of `asked` that hold whichever VMs are left unprotected.
    uncut
        The diffs that may not be cut into pieces.
    current
        Whether a server stores a diff whole today, shape (diffs, servers); ``None`` where there
        is nothing to continue, and so nothing moves.
    """

    cluster: Cluster
    resources: tuple[str, ...]
    unit: tuple[Decimal, ...]
    size: tuple[int, ...]
    chain: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]
    lost: tuple[tuple[int, ...], ...]
    weight: tuple[Fraction, ...]
    down: Flags
    resident: Flags
    keeps: Flags
    demand: Amounts
    capacity: Amounts
    left: Amounts
    free: Amounts
    allowed: Flags
    groups: tuple[tuple[int, ...], ...]
    priority: tuple[int, ...]
    asked: tuple[tuple[int, ...], ...]
    fixed: frozenset[tuple[int, int]] = frozenset()
    uncut: frozenset[int] = frozenset()
    current: Flags | None = None

    def cuttable(self) -> Instance:
        """Give the same instance in which every diff may be cut: no plan costs less in this one."""
        return replace(self, uncut=frozenset())

    def fits(self) -> Flags:
        """Tell whether a VM may be rebuilt on a server if nothing else is, (VMs, servers)."""
        room = self.allowed.copy()
        for resource in range(self.demand.shape[1]):
            room &= (self.demand[:, resource, None] <= self.free[None, :, resource]).astype(bool)
        return room

    def dependents(self) -> dict[int, list[tuple[int, int]]]:
        """Give, for each diff that some failure asks for, the (failure, VM) pairs that need it."""
        pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for failure, vms in enumerate(self.lost):
            for vm in vms:
                for diff in self.chain[vm]:
                    pairs[diff].append((failure, vm))
        return pairs


def number(cluster: Cluster) -> Instance:
    """Turn a cluster into numbers, once for each plan."""
    at_server = {server.name: position for position, server in enumerate(cluster.servers)}
    at_diff = {diff.name: position for position, diff in enumerate(cluster.diffs)}
    diffs = {diff.name: diff for diff in cluster.diffs}
    resources = dict.fromkeys(key for server in cluster.servers for key in server.capacity)
    unit, capacity, demand = counted(cluster, tuple(resources))
    home = np.array([at_server[vm.server] for vm in cluster.vms], dtype=np.intp)
    running = np.zeros_like(capacity)
    np.add.at(running, home, demand)
    chain = tuple(
        tuple(at_diff[name] for name in chain_of(vm.diff, diffs) if diffs[name].size)
        for vm in cluster.vms
    )
    lost = _lost(cluster)
    down = _marks(
        len(cluster.failures),
        len(cluster.servers),
        [
            (position, at_server[name])
            for position, failure in enumerate(cluster.failures)
            for name in failure.servers
        ],
    )
    resident = _marks(
        len(cluster.diffs),
        len(cluster.servers),
        [
            (at_diff[name], position)
            for position, server in enumerate(cluster.servers)
            for name in server.resident
        ],
    )
    return Instance(
        cluster=cluster,
        resources=("disk", *resources),
        unit=unit,
        size=tuple(diff.size for diff in cluster.diffs),
        chain=chain,
        order=_parents_first(cluster.diffs),
        lost=lost,
        weight=tuple(exact_weight(failure.weight or 0.0) for failure in cluster.failures),
        down=down,
        resident=resident,
        keeps=np.array([server.accept_extents for server in cluster.servers], dtype=bool),
        demand=demand,
        capacity=capacity,
        left=capacity - running,
        free=np.maximum(capacity - running, 0),
        allowed=allowed_targets(cluster, at_server),
        groups=groups_of(cluster),
        priority=tuple(vm.priority for vm in cluster.vms),
        asked=_asked(lost, chain, down, resident),
    )


def leaving_out(instance: Instance, pairs: Collection[tuple[int, int]]) -> Instance:
    """Give the same instance in which some (failure, VM) pairs need no rebuild."""
    lost = tuple(
        tuple(vm for vm in vms if (failure, vm) not in pairs)
        for failure, vms in enumerate(instance.lost)
    )
    asked = _asked(lost, instance.chain, instance.down, instance.resident)
    return replace(instance, lost=lost, asked=asked)


def _asked(
    lost: tuple[tuple[int, ...], ...],
    chain: tuple[tuple[int, ...], ...],
    down: Flags,
    resident: Flags,
) -> tuple[tuple[int, ...], ...]:
    """Give, for each diff, the failures that a stored copy has to survive."""
    asked: list[list[int]] = [[] for _ in range(len(resident))]
    for failure, vms in enumerate(lost):
        for diff in dict.fromkeys(diff for vm in vms for diff in chain[vm]):
            if not (resident[diff] & ~down[failure]).any():
                asked[diff].append(failure)
    return tuple(map(tuple, asked))


def _marks(rows: int, columns: int, places: list[tuple[int, int]]) -> Flags:
    marks = np.zeros((rows, columns), dtype=bool)
    for row, column in places:
        marks[row, column] = True
    return marks


def _parents_first(diffs: tuple[Diff, ...]) -> tuple[int, ...]:
    at = {diff.name: position for position, diff in enumerate(diffs)}
    placed: dict[int, None] = {}
    for position in range(len(diffs)):
        waiting = []
        here: int | None = position
        while here is not None and here not in placed:
            waiting.append(here)
            parent = diffs[here].parent
            here = None if parent is None else at[parent]
        placed.update(dict.fromkeys(reversed(waiting)))
    return tuple(placed)


def _lost(cluster: Cluster) -> tuple[tuple[int, ...], ...]:
    on: dict[str, list[int]] = defaultdict(list)
    for position, vm in enumerate(cluster.vms):
        if vm.protect:
            on[vm.server].append(position)
    return tuple(
        tuple(sorted(vm for server in failure.servers for vm in on.get(server, ())))
        for failure in cluster.failures
    )
