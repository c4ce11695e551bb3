from __future__ import annotations

from itertools import combinations
from math import prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.heuristics.targets import Targets, best_fit, cheaper
from spareplace.instance import Instance, number
from spareplace.parts import VM, Diff, Server
from spareplace.testing import clusters

NOTHING = np.zeros(3, dtype=np.int64)


def _two_vms() -> Cluster:
    """One and two run on a; b has room for one VM, c for another."""
    return Cluster(
        servers=(
            Server(name="a", disk=100, capacity={"cpu": 9}),
            Server(name="b", disk=100, capacity={"cpu": 3}),
            Server(name="c", disk=100, capacity={"cpu": 4}),
        ),
        diffs=(Diff(name="d", size=40), Diff(name="e", size=30)),
        vms=(
            VM(name="one", server="a", diff="d", demand={"cpu": 3}),
            VM(name="two", server="a", diff="e", demand={"cpu": 3}),
        ),
    )


def test_best_fit_fills_the_tightest_server_first() -> None:
    assert best_fit(number(_two_vms()), 0, NOTHING, [0, 1]) == {0: 1, 1: 2}


def test_two_vms_are_swapped_when_neither_can_move_alone() -> None:
    """d lies on c and e on b, where there is room for one VM each."""
    missing = np.array([[40, 40, 0], [30, 0, 30]])
    found = cheaper(number(_two_vms()), 0, NOTHING, missing, {0: 1, 1: 2}, Clock())
    assert found == {0: 2, 1: 1}


def test_a_clock_that_is_over_leaves_the_targets_as_they_are() -> None:
    clock = Clock()
    clock.stop.set()
    missing = np.array([[40, 40, 0], [30, 0, 30]])
    assert cheaper(number(_two_vms()), 0, NOTHING, missing, {0: 1, 1: 2}, clock) == {0: 1, 1: 2}


@settings(max_examples=100)
@given(cluster=clusters(min_servers=2, max_servers=5, min_diffs=1, min_vms=2), data=st.data())
def test_no_move_of_one_vm_and_no_swap_of_two_is_left_that_transfers_less(
    cluster: Cluster, data: st.DataObject
) -> None:
    instance = number(cluster)
    shape = (len(cluster.diffs), len(cluster.servers))
    held = data.draw(st.lists(st.booleans(), min_size=prod(shape), max_size=prod(shape)))
    missing = np.where(np.reshape(held, shape), 0, np.array(instance.size)[:, None])
    nothing = np.zeros(shape[1], dtype=np.int64)
    for failure, vms in enumerate(instance.lost):
        start = best_fit(instance, failure, nothing, vms)
        found = cheaper(instance, failure, nothing, missing, start, Clock())
        assert found.keys() == start.keys()
        least = transfer(instance, missing, found)
        assert least <= transfer(instance, missing, start)
        moved = [found | {vm: at} for vm in found for at in range(shape[1])]
        swapped = [
            found | {one: found[other], other: found[one]} for one, other in combinations(found, 2)
        ]
        for other in moved + swapped:
            if keeps_the_rules(instance, failure, other):
                assert transfer(instance, missing, other) >= least


def transfer(instance: Instance, missing: NDArray[np.int64], targets: Targets) -> int:
    """Add up what the targets lack, each diff once on each server."""
    needed = {(diff, server) for vm, server in targets.items() for diff in instance.chain[vm]}
    return sum(int(missing[diff, server]) for diff, server in needed)


def keeps_the_rules(instance: Instance, failure: int, targets: Targets) -> bool:
    """Judge targets VM by VM, where nothing is stored."""
    left = instance.free.copy()
    for vm, server in targets.items():
        left[server] -= instance.demand[vm]
        if instance.down[failure, server] or not instance.allowed[vm, server]:
            return False
    apart = [(server, group) for vm, server in targets.items() for group in instance.groups[vm]]
    return len(apart) == len(set(apart)) and bool((left >= 0).all())
