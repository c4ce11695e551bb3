from __future__ import annotations

import numpy as np

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.heuristics.targets import best_fit, cheaper
from spareplace.instance import number
from spareplace.parts import VM, Diff, Server

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
