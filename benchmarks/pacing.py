"""Measure the changes of a search: many on each of several clusters, one thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

from benchmarks.growth import Pace
from spareplace.clock import Clock
from spareplace.generate import generate_cluster
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.search.annealing import anneal
from spareplace.search.ground import ground
from spareplace.search.translating import decisions_of, state_of

CHANGES = 2000
"""How many are timed; as many before them are not."""

SIZES = ((25, 3), (50, 3), (100, 3), (200, 3), (400, 3), (100, 6), (100, 12))
"""Servers, with 20 VMs each, and diffs in a chain."""


def paces() -> Iterator[Pace]:
    """Time changes by ruin and recreate on clusters of rising size and depth."""
    for servers, depth in SIZES:
        cluster = generate_cluster(
            servers=servers, vms_per_server=20, depth=depth, disk_slack=1.1, seed=1
        )
        instance = number(cluster)
        terrain = ground(instance)
        start = greedy(instance, Clock(), allow_unprotected=True)
        state = state_of(terrain, decisions_of(terrain, start))
        random, hot = Random(1), state.transfer / len(state.target)
        anneal(state, random, Clock(), CHANGES, hot, lambda: None)
        began = time.perf_counter()
        anneal(state, random, Clock(), CHANGES, hot, lambda: None)
        yield Pace(
            servers=servers,
            vms=len(cluster.vms),
            chain=depth,
            iterations=CHANGES,
            seconds=time.perf_counter() - began,
        )
