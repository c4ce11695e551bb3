"""Search: fast changes with incremental evaluation first, exact neighbourhoods second."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from functools import partial
from random import Random

from spareplace.clock import Clock
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.search.annealing import mend
from spareplace.search.ground import ground
from spareplace.search.improving import search
from spareplace.search.neighbourhoods import Answer, Question, answer
from spareplace.search.translating import Snapshot, decisions_of, placement_of, state_of

__all__ = ["improve_by_search"]

log = logging.getLogger(__name__)

OFTEN = 0.5
"""Seconds between two plans that are handed over: writing one down takes time, too."""


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
        Where exact neighbourhoods are solved; ``None`` for threads in this process.
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
    begun = [state_of(terrain, decisions_of(terrain, start)) for start in starts]
    may = [state for state in begun if terrain.allows(state.stored, state.moved)]
    state = min(may or begun, key=lambda state: state.value)
    mend(state, Random(options.seed), clock)
    latest: list[Snapshot] = []
    handed = time.monotonic()

    def hand_over(decisions: Snapshot) -> None:
        found = placement_of(terrain, decisions)
        if options.allow_unprotected or not found.unprotected:
            offer(trimmed(instance, found))

    def found(decisions: Snapshot) -> None:
        nonlocal handed
        latest[:] = [decisions]
        if time.monotonic() - handed > OFTEN:
            hand_over(decisions)
            latest.clear()
            handed = time.monotonic()

    workers = options.workers if executor else min(options.workers, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as threads:
        near = partial(_solve, threads, partial(answer, stop=clock.stop))
        solve = near if executor is None else partial(_solve_afar, executor, near)
        search(
            state,
            Random(options.seed),
            clock,
            iterations=options.iterations,
            workers=workers,
            warm=warm,
            ask=solve,
            found=found,
        )
    for decisions in latest:
        hand_over(decisions)


def _tie(instance: Instance) -> float:
    """Price moves so low that they decide between plans of one value alone."""
    if instance.current is None:
        return 0.0
    return 1e-3 * float(min((weight for weight in instance.weight if weight), default=0))


def _solve(
    executor: Executor,
    task: Callable[[Question], Answer],
    questions: Sequence[Question],
) -> list[Answer]:
    return list(executor.map(task, questions))


def _solve_afar(
    executor: Executor,
    near: Callable[[Sequence[Question]], list[Answer]],
    questions: Sequence[Question],
) -> list[Answer]:
    """Solve where the caller said; where his workers died, in this process."""
    try:
        return _solve(executor, answer, questions)
    except BrokenExecutor as broken:
        log.warning("the executor broke, the search goes on without it: %s", broken)
        return near(questions)
