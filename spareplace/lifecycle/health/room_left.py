"""One failure alone, in numbers, and the room that rebuilds leave in it for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from spareplace.amounts import DISK, Amounts
from spareplace.heuristics.targets import Targets
from spareplace.instance import Instance

_MOST_COUNTED = 2**61
"""More stored bytes than this are as good as any number: no server has as much disk."""


def left_beside(instance: Instance, stored: Iterable[int]) -> Amounts:
    """Give what running VMs and stored bytes leave, (servers, resources); below 0 if too little."""
    left = instance.left.copy()
    counted = [min(size, _MOST_COUNTED) for size in stored]
    left[:, DISK] -= np.array(counted, dtype=np.int64)
    return left


def one_failure(instance: Instance, failure: int, left: Amounts) -> Instance:
    """Give an instance that has one failure, its number 0, in which nothing is rebuilt yet.

    Parameters
    ----------
    instance, failure
        Which one.
    left
        What rebuilds find, as `left_beside` gives it.
    """
    return replace(
        instance,
        lost=((),),
        weight=instance.weight[failure : failure + 1],
        down=instance.down[[failure]],
        left=left,
        free=np.maximum(left, 0),
    )


def with_rebuilt(instance: Instance, targets: Targets, others: Iterable[int]) -> Instance:
    """Give what is left for other VMs once some are rebuilt.

    Parameters
    ----------
    instance
        As `one_failure` gives it.
    targets
        The VMs that are rebuilt.
    others
        The VMs that are still to be: beside a VM of their group there is no place for them.
    """
    if not targets:
        return instance
    vms, servers = list(targets), list(targets.values())
    left = instance.left.copy()
    np.subtract.at(left, servers, instance.demand[vms])
    taken: dict[int, list[int]] = {}
    for vm, server in targets.items():
        for group in instance.groups[vm]:
            taken.setdefault(group, []).append(server)
    allowed = instance.allowed
    if taken:
        allowed = allowed.copy()
        for vm in others:
            for group in instance.groups[vm]:
                allowed[vm, taken.get(group, [])] = False
    return replace(instance, left=left, free=np.maximum(left, 0), allowed=allowed)


def all_fit(instance: Instance, targets: Mapping[int, int]) -> bool:
    """Tell whether VMs can all be rebuilt on these servers together."""
    if not targets:
        return True
    vms, servers = list(targets), list(targets.values())
    if not (instance.allowed[vms, servers] & ~instance.down[0, servers]).all():
        return False
    needed = np.zeros_like(instance.left)
    np.add.at(needed, servers, instance.demand[vms])
    if not ((needed == 0) | (needed <= instance.left)).all():
        return False
    places = [(server, group) for vm, server in targets.items() for group in instance.groups[vm]]
    return len(set(places)) == len(places)
