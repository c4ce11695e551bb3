"""Where a search runs: on an executor, side by side, or in this process."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor, wait
from functools import partial
from random import Random

from spareplace.clock import Clock
from spareplace.options import Options
from spareplace.search.alone import search_alone
from spareplace.search.ground import Ground
from spareplace.search.islands import HEARD, search_side_by_side
from spareplace.search.neighbourhoods import Answer, Question, answer
from spareplace.search.position import Position, first_position
from spareplace.search.processes import Processes
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, state_of

log = logging.getLogger(__name__)

LARGEST_APART = 20_000_000
"""Rows and diffs times servers up to which each process gets a state of its own: that takes about
twenty bytes for each."""


def run(
    state: State,
    begun: Position,
    random: Random,
    clock: Clock,
    options: Options,
    executor: Executor | None,
    found: Callable[[Snapshot], None],
) -> None:
    """Search from a state on, where the caller said; where his workers died, in this process.

    The parameters are those of `search_alone`; `options` have the number of workers, which our own
    processes know better.
    """
    own = isinstance(executor, Processes)
    count = executor.count if isinstance(executor, Processes) else options.workers
    if executor is None or count == 1 or not _fits_apart(state.ground):
        _search_here(state, begun, random, clock, options, None if own else executor, found)
        return
    best = [begun.best]

    def noted(decisions: Snapshot) -> None:
        best[:] = [decisions]
        found(decisions)

    try:
        search_side_by_side(
            state.ground,
            begun,
            random,
            clock,
            iterations=options.iterations,
            count=count,
            executor=executor,
            found=noted,
        )
    except BrokenExecutor as broken:
        log.warning("the executor broke, the search goes on without it: %s", broken)
        state = state_of(state.ground, best[0])
        if best[0] is not begun.best:
            begun = first_position(state, warm=True)
        _search_here(state, begun, random, clock, options, None, found)


def _fits_apart(terrain: Ground) -> bool:
    """Tell whether there is memory for a state in each of several processes."""
    rows = len(terrain.diff_of) + len(terrain.instance.size)
    return rows * terrain.servers <= LARGEST_APART


def _search_here(
    state: State,
    begun: Position,
    random: Random,
    clock: Clock,
    options: Options,
    executor: Executor | None,
    found: Callable[[Snapshot], None],
) -> None:
    """Search in this process, but for neighbourhoods, which may be solved elsewhere."""
    workers = options.workers if executor else min(options.workers, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as threads:
        near = partial(_solve, threads, partial(answer, stop=clock.stop))
        search_alone(
            state,
            begun,
            random,
            clock,
            iterations=options.iterations,
            workers=workers,
            ask=near if executor is None else partial(_solve_afar, executor, clock, near),
            found=found,
        )


def _solve(
    executor: Executor,
    task: Callable[[Question], Answer],
    questions: Sequence[Question],
) -> list[Answer]:
    return list(executor.map(task, questions))


def _solve_afar(
    executor: Executor,
    clock: Clock,
    near: Callable[[Sequence[Question]], list[Answer]],
    questions: Sequence[Question],
) -> list[Answer]:
    """Solve where the caller said. What has not come back when the clock is over is left alone.

    Workers may be gone without their executor ever saying so.
    """
    try:
        asked = [executor.submit(answer, question) for question in questions]
        while wait(asked, timeout=HEARD).not_done and not clock.over():
            pass
        late = {future for future in asked if future.cancel() or not future.done()}
        return [(None, False) if future in late else future.result() for future in asked]
    except BrokenExecutor as broken:
        log.warning("the executor broke, the search goes on without it: %s", broken)
        return near(questions)
