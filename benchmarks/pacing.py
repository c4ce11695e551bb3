"""Measure the changes of a search: many on each of several clusters, one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from benchmarks.growth import Pace
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.search.annealing import anneal
from spareplace.search.compiled import kernels_for
from spareplace.search.compiled.land import land_of
from spareplace.search.compiled.laying import board_of
from spareplace.search.compiled.population import cool
from spareplace.search.ground import ground
from spareplace.search.translating import decisions_of, state_of

CHANGES, FASTER = 2000, 50
"""How many are timed by Python, and how many times as many by kernels; as many before them are
not."""

SIZES = ((25, 3), (50, 3), (100, 3), (200, 3), (400, 3), (100, 6), (100, 12))
"""Servers, with 20 VMs each, and diffs in a chain."""


def paces() -> Iterator[Pace]:
    """Time changes by ruin and recreate on clusters of rising size and depth.

    By kernels as well, where they are compiled.
    """
    for servers, depth in SIZES:
        cluster = generate_cluster(
            servers=servers, vms_per_server=20, depth=depth, disk_slack=1.1, seed=1
        )
        yield from _paces_on(cluster, depth)


def _paces_on(cluster: Cluster, depth: int) -> Iterator[Pace]:
    instance = number(cluster)
    terrain = ground(instance)
    start = greedy(instance, Clock(), allow_unprotected=True)
    decisions = decisions_of(terrain, start)
    state = state_of(terrain, decisions)
    random, hot = Random(1), state.transfer / len(state.target)
    made = partial(Pace, servers=len(cluster.servers), vms=len(cluster.vms), chain=depth)
    yield made(
        by="Python",
        iterations=CHANGES,
        seconds=_second(lambda: anneal(state, random, Clock(), CHANGES, hot, lambda: None)),
    )
    if kernels_for(terrain) is not None:
        land = land_of(terrain)
        board = board_of(terrain, land, decisions, 1)
        many = CHANGES * FASTER
        yield made(
            by="kernels",
            iterations=many,
            seconds=_second(lambda: cool(land, board, many, hot, hot)),
        )


def _second(work: Callable[[], object]) -> float:
    """Do some work twice, and give the seconds of the second time."""
    work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
