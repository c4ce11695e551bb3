"""Columns: what one server rebuilds and stores, and what it transfers for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spareplace.bounds.coarse import Coarse, Floats
from spareplace.placement import Placement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """What a server does.

    Parameters
    ----------
    rebuilt
        1 for each pair that it rebuilds, shape (pairs,).
    held
        How much of each atom it stores, shape (atoms,).
    cost
        Of what it transfers and of what it stores.
    """

    rebuilt: Floats
    held: Floats
    cost: float

    def gain(self, pair_price: Floats, worth: Floats) -> float:
        """Give what the server earns at these prices, less what it costs."""
        return float(self.rebuilt @ pair_price + self.held @ worth) - self.cost


def column(view: Coarse, server: int, rebuilt: Floats, held: Floats) -> Column:
    """Work out what a choice costs."""
    missing = np.where(view.resident[:, server], 0.0, np.maximum(view.size - held, 0.0))
    cost = view.price * held.sum()
    mine = np.flatnonzero(rebuilt)
    for failure in np.unique(view.failure[mine]):
        needed = view.needs[mine[view.failure[mine] == failure]].any(axis=0)
        cost += view.cost[failure] * missing[needed].sum()
    return Column(rebuilt=rebuilt, held=held, cost=float(cost))


def columns_of(view: Coarse, plan: Placement) -> Iterator[tuple[int, Column]]:
    """Give the column of each server in a plan."""
    cluster = view.instance.cluster
    servers = {server.name: at for at, server in enumerate(cluster.servers)}
    failures = {failure.name: at for at, failure in enumerate(cluster.failures)}
    vms = {vm.name: at for at, vm in enumerate(cluster.vms)}
    pairs = {pair: at for at, pair in enumerate(view.pairs)}
    rebuilt = np.zeros((len(servers), len(pairs)))
    for failure, made in plan.rebuilds.items():
        for each in made:
            pair = pairs.get((failures[failure], vms[each.vm]))
            if pair is not None:
                rebuilt[servers[each.server], pair] = 1.0
    held = _held(view, plan, servers)
    for server in range(len(servers)):
        yield server, column(view, server, rebuilt[server], held[server])


def _held(view: Coarse, plan: Placement, servers: dict[str, int]) -> Floats:
    """Give what a plan stores, shape (servers, atoms); of an atom the share of its bytes."""
    cluster = view.instance.cluster
    atoms = {cluster.diffs[diff].name: at for at, of in enumerate(view.diffs) for diff in of}
    whole = [sum(view.instance.size[diff] for diff in of) for of in view.diffs]
    held = np.zeros((len(servers), len(view.size)))
    for extent in plan.stored:
        atom = atoms.get(extent.diff)
        if atom is not None:
            share = extent.size / whole[atom]
            held[servers[extent.server], atom] += share * view.size[atom]
    return held
