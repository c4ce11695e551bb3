"""Search: fast changes with incremental evaluation first, exact neighbourhoods second."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from random import Random

from spareplace.clock import Clock
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.search.beginning import begin, quench
from spareplace.search.ground import ground
from spareplace.search.position import first_position
from spareplace.search.reweighting import first_weights, next_weights
from spareplace.search.running import run
from spareplace.search.translating import Snapshot, placement_of

__all__ = ["improve_by_search", "improve_for_goal"]

OFTEN = 0.5
"""Seconds between two plans that are handed over: writing one down takes time, too."""

SOME = 20
"""The same as a number of plans, where no clock cuts the search: then it is to decide nothing."""

FIRST_RUN, RUNS = 0.5, 10
"""Where another goal than the transfer is asked for: the share of the time, or the iterations,
that the first run may take unless it is warm, and how many runs with other weights share the
rest: they lead the better, the better the plan is that they begin with."""


def improve_by_search(
    instance: Instance,
    clock: Clock,
    options: Options,
    starts: Sequence[Placement],
    offer: Callable[[Placement], None],
    executor: Executor | None = None,
    *,
    warm: bool = False,
) -> None:
    """Search for better plans until the time or the iterations end, or nothing is transferred.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Looked at between steps.
    options
        Pieces, limits, seed, iterations, and how many neighbourhoods are solved side by side.
    starts
        Placements that keep every rule, but may leave VMs out; the best of them is improved.
    offer
        Told plans, each better than all before. They leave VMs out only if that is allowed.
    executor
        Where several searches run side by side, `workers` of the options; ``None`` for one, in
        this process, with threads for its neighbourhoods.
    warm
        Whether a start comes from a search, so that shaking it would lose more than it finds.
    """
    terrain = ground(
        instance,
        max_pieces=options.max_pieces,
        stored_limit=options.stored_limit,
        stored_cost=options.stored_cost,
        move_limit=options.move_limit,
        move_cost=options.move_cost or _tie(instance),
    )
    if not terrain.pairs:
        return
    state = begin(terrain, starts, Random(options.seed), clock)
    latest: list[Snapshot] = []
    handed, since = -math.inf, SOME  # the first one is handed over at once

    def hand_over(decisions: Snapshot) -> None:
        found = placement_of(terrain, decisions)
        if options.allow_unprotected or not found.unprotected:
            offer(trimmed(instance, found))

    def found(decisions: Snapshot) -> None:
        nonlocal handed, since
        latest[:] = [decisions]
        since += 1
        timed = clock.limit is not None
        if time.monotonic() - handed > OFTEN if timed else since >= SOME:
            hand_over(decisions)
            latest.clear()
            handed, since = time.monotonic(), 0

    begun = first_position(state, warm=warm)
    if not warm:
        found(begun.best)
        state, begun = quench(state, Random(options.seed), clock)
    run(state, begun, Random(options.seed), clock, options, executor, found)
    for decisions in latest:
        hand_over(decisions)


def improve_for_goal(
    instance: Instance,
    clock: Clock,
    options: Options,
    starts: Sequence[Placement],
    offer: Callable[[Placement], None],
    executor: Executor | None = None,
    *,
    warm: bool = False,
    best: Callable[[], Placement | None],
) -> None:
    """Search for another goal than the transfer: run after run, with weights that lead there.

    The parameters are those of `improve_by_search`, and `best`, which gives the best placement of
    all that were offered: the next run goes on from there.
    """
    weights, left = first_weights(options.objective, instance.weight), options.iterations
    latest: list[Placement] = []

    def heard(placement: Placement) -> None:
        latest[:] = [placement]
        offer(placement)

    for turn in range(RUNS + 1):
        share = 1 / (RUNS + 1 - turn) if turn or warm else FIRST_RUN
        batches = None if left is None else math.ceil(left * share)
        improve_by_search(
            replace(instance, weight=weights),
            clock.part(share),
            replace(options, seed=(options.seed + turn) % 2**31, iterations=batches),
            starts,
            heard,
            executor,
            warm=warm or bool(turn and latest),
        )
        left = None if left is None or batches is None else left - batches
        if clock.over() or left == 0:
            return
        so_far = best()
        if latest and so_far is not None:
            starts = [so_far]
            cluster, asked = instance.cluster, instance.weight
            weights = next_weights(options.objective, cluster, latest[0], weights, asked)


def _tie(instance: Instance) -> float:
    """Price moves so low that they decide between plans of one value alone."""
    if instance.current is None:
        return 0.0
    return 1e-3 * float(min((weight for weight in instance.weight if weight), default=0))
