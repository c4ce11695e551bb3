"""Amounts of resources as exact integers, each resource in its own smallest decimal unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.units import EXACT

Amounts: TypeAlias = NDArray[Any]
"""Exact integers: int64, or Python integers in an object array where int64 is too small."""

DISK = 0
"""The column of the disk, in bytes, among the resources."""

_SAFE = 2**62
"""Sums up to this are counted in int64, others with Python's integers."""


def amount_of(count: int, unit: Decimal) -> Decimal:
    """Give the amount that a count of units is, whatever the caller's decimal context.

    Examples
    --------
    >>> amount_of(3, Decimal("0.1"))
    Decimal('0.3')
    """
    return EXACT.multiply(Decimal(count), unit)


def counted(
    cluster: Cluster, resources: tuple[str, ...]
) -> tuple[tuple[Decimal, ...], Amounts, Amounts]:
    """Give the unit of each resource, what servers have, and what VMs take, in those units.

    The disk, in bytes, comes first. Shapes (servers, resources) and (VMs, resources).
    """
    has = [[Decimal(server.disk)] for server in cluster.servers]
    takes = [[Decimal(vm.disk)] for vm in cluster.vms]
    units = [Decimal(1)]
    for resource in resources:
        row = [_decimal(server.capacity.get(resource, 0)) for server in cluster.servers]
        row += [_decimal(vm.demand.get(resource, 0)) for vm in cluster.vms]
        places = max((-int(amount.as_tuple().exponent) for amount in row), default=0)
        units.append(Decimal((0, (1,), -places)))
        for amounts, amount in zip(has + takes, row, strict=True):
            amounts.append(amount)
    scaled = [
        [int(Fraction(amount) / Fraction(unit)) for amount, unit in zip(row, units, strict=True)]
        for row in has + takes
    ]
    largest = max((sum(column) for column in zip(*scaled, strict=True)), default=0)
    kind = np.int64 if largest < _SAFE else object
    shape = (-1, len(units))
    servers = len(cluster.servers)
    return (
        tuple(units),
        np.array(scaled[:servers], dtype=kind).reshape(shape),
        np.array(scaled[servers:], dtype=kind).reshape(shape),
    )


def _decimal(amount: Amount) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(amount)
