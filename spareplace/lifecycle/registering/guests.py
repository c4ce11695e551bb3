"""VMs in numbers, counted exactly, in units that become finer when a VM needs it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import Amounts, amount_of
from spareplace.lifecycle.registering.site import Site
from spareplace.parts import VM

SAFE = 2**62
"""Sums up to this are counted in int64, others with Python's integers."""


@dataclass(slots=True, kw_only=True, eq=False)
class Guest:
    """One VM in numbers.

    Parameters
    ----------
    vm
        The VM.
    home
        The server that it runs on.
    demand
        What it takes where it runs and where it is rebuilt, shape (resources,).
    chain
        The rows of the diffs that it needs, the master first; diffs of no bytes left out.
    may
        Whether it allows a server that accepts rebuilds, shape (servers,).
    failures
        Those in which it has to be rebuilt.
    targets
        Where, by failure.
    """

    vm: VM
    home: int
    demand: Amounts
    chain: tuple[int, ...]
    may: Flags
    failures: tuple[int, ...]
    targets: dict[int, int]


def may_go(site: Site, vm: VM) -> Flags:
    """Tell which servers a VM allows that accept rebuilds, shape (servers,)."""
    if vm.allowed_servers is None:
        return site.takes
    allowed = np.zeros(len(site.servers), dtype=bool)
    allowed[[site.at_server[name] for name in vm.allowed_servers]] = True
    return allowed & site.takes


@dataclass(slots=True, kw_only=True, eq=False)
class Units:
    """The smallest decimal unit of each resource, and whether int64 still holds all sums.

    Parameters
    ----------
    places
        How many decimals each resource is counted with.
    total
        For each resource, no sum of amounts is larger.
    """

    places: list[int]
    total: list[int]

    def unit(self, resource: int) -> Decimal:
        """Give the amount that the integer 1 stands for."""
        return Decimal((0, (1,), -self.places[resource]))

    def amount(self, resource: int, count: int) -> Decimal:
        """Give the amount that a count of units is."""
        return amount_of(count, self.unit(resource))

    def places_for(self, site: Site, vm: VM) -> list[int]:
        """Give the decimals that each resource needs once a VM is counted, too."""
        needed = list(self.places)
        for name, amount in vm.demand.items():
            at = site.at_resource[name]
            needed[at] = max(needed[at], -int(Decimal(amount).as_tuple().exponent))
        return needed

    def count(self, site: Site, vm: VM) -> list[int]:
        """Count what a VM takes; the decimals must be enough."""
        counts = [0] * len(self.places)
        counts[0] = vm.disk
        for name, amount in vm.demand.items():
            at = site.at_resource[name]
            counts[at] = int(Fraction(amount) * 10 ** self.places[at])
        return counts


def tally(counts: dict[int, int], key: int, more: int) -> int:
    """Count something in or out; what is not there has no entry."""
    count = counts.get(key, 0) + more
    if count:
        counts[key] = count
    else:
        del counts[key]
    return count
