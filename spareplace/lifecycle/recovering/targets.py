"""Targets of the VMs lost in one failure, which change: their room, and the bytes they need."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.lifecycle.recovering.standing import Standing


class Targets:
    """Where each lost VM is rebuilt; VMs are positions among the lost, servers indices.

    `server` holds the targets, `left` what each server has left, `users` how many VMs need a row
    on a server, and `price` what it costs to leave a VM out: more than any bytes, and more than
    all VMs of lower priority. The `hopeless` are those that fit nowhere even alone.
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.server: dict[int, int] = {}
        self.left: Amounts = standing.left.copy()
        self.users = np.zeros(standing.missing.shape, dtype=np.int64)
        self.members: dict[int, Counter[int]] = defaultdict(Counter)
        self.bytes = 0
        self.price = _prices(standing)
        self.unplaced = sum(self.price)
        demand = standing.instance.demand
        self.demand = [demand[vm] for vm in standing.lost]
        self.asks = [[at for at, need in enumerate(taken) if need > 0] for taken in self.demand]
        self.rows = [list(rows) for rows in standing.chain]
        self.room = np.maximum(standing.instance.capacity.astype(np.float64), 1.0)
        everything = range(len(self.demand))
        self.hopeless = frozenset(vm for vm in everything if not self.open(vm).any())
        self.pays = [(standing.missing[rows].sum(axis=0) > 0).tolist() for rows in self.rows]

    def value(self) -> int:
        """Give what is to be least: the VMs left out by their prices, then the bytes."""
        return self.unplaced + self.bytes

    def waiting(self) -> list[int]:
        """List the VMs without a target, but for the hopeless."""
        return [
            vm
            for vm in range(len(self.demand))
            if vm not in self.server and vm not in self.hopeless
        ]

    def paying(self) -> list[int]:
        """List the VMs that something is transferred for."""
        return [vm for vm, at in self.server.items() if self.pays[vm][at]]

    def open(self, vm: int) -> Flags:
        """Tell which servers a VM could go to now, shape (servers,)."""
        may: Flags = self.standing.may[vm].copy()
        asks = self.asks[vm]
        if asks:
            may &= (self.left[:, asks] >= self.demand[vm][asks]).all(axis=1).astype(bool)
        for group in self.standing.instance.groups[self.standing.lost[vm]]:
            may[[server for server, count in self.members[group].items() if count]] = False
        return may

    def costs(self, vm: int) -> Amounts:
        """Give the bytes that a VM would add on each server, shape (servers,)."""
        rows = self.rows[vm]
        added: Amounts = (self.standing.missing[rows] * (self.users[rows] == 0)).sum(axis=0)
        return added

    def insert(self, vm: int) -> bool:
        """Put a VM where it adds the fewest bytes, then where most is left; tell if it fits."""
        servers = np.flatnonzero(self.open(vm))
        if not servers.size:
            return False
        costs = self.costs(vm)[servers]
        cheapest = servers[(costs == costs.min()).astype(bool)]
        if len(cheapest) > 1:
            after = (self.left[cheapest] - self.demand[vm]) / self.room[cheapest]
            cheapest = cheapest[[int(after.astype(np.float64).min(axis=1).argmax())]]
        self.put(vm, int(cheapest[0]))
        return True

    def put(self, vm: int, server: int) -> None:
        """Rebuild a VM on a server."""
        rows = self.rows[vm]
        here = self.users[rows, server]
        self.bytes += int(self.standing.missing[rows, server][here == 0].sum())
        self.users[rows, server] = here + 1
        self.left[server] -= self.demand[vm]
        self.unplaced -= self.price[vm]
        self.server[vm] = server
        for group in self.standing.instance.groups[self.standing.lost[vm]]:
            self.members[group][server] += 1

    def take(self, vm: int) -> None:
        """Take a VM off its server."""
        server = self.server.pop(vm)
        rows = self.rows[vm]
        here = self.users[rows, server]
        self.bytes -= int(self.standing.missing[rows, server][here == 1].sum())
        self.users[rows, server] = here - 1
        self.left[server] += self.demand[vm]
        self.unplaced += self.price[vm]
        for group in self.standing.instance.groups[self.standing.lost[vm]]:
            self.members[group][server] -= 1


def _prices(standing: Standing) -> list[int]:
    """Price VMs by priority: one is more than all bytes and all VMs of lower priority."""
    priorities = [standing.cluster.vms[vm].priority for vm in standing.lost]
    price: dict[int, int] = {}
    one = int(standing.missing.astype(object).sum()) + 1
    for priority in sorted(set(priorities)):
        price[priority] = one
        one *= len(priorities) + 1
    return [price[priority] for priority in priorities]
