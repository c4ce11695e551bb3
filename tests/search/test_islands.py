"""Searches side by side: the best of them, the same with every executor, and no waiting."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from random import Random
from typing import Any

from spareplace.clock import Clock
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.placement import Placement
from spareplace.search.ground import Ground, ground
from spareplace.search.islands import search_side_by_side
from spareplace.search.mending import mend
from spareplace.search.position import Position, first_position
from spareplace.search.translating import Snapshot, decisions_of, state_of


class AtOnce(Executor):
    """Runs what it is given where and when it is given it."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give a future that is done."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Never(Executor):
    """Never ends what it is given."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        """Give a future that is under way for good."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        return future


def mended(disk_slack: float = 1.0) -> tuple[Ground, Position]:
    cluster = generate_cluster(servers=5, vms_per_server=3, disk_slack=disk_slack, seed=3)
    terrain = ground(number(cluster))
    state = state_of(terrain, decisions_of(terrain, Placement()))
    state = mend(state, Random(1), Clock())
    return terrain, first_position(state, warm=False)


def found_on(
    executor: Executor, count: int, iterations: int, disk_slack: float = 1.0
) -> list[Snapshot]:
    terrain, begun = mended(disk_slack)
    found: list[Snapshot] = []
    search_side_by_side(
        terrain,
        begun,
        Random(7),
        Clock(),
        iterations=iterations,
        count=count,
        executor=executor,
        found=found.append,
    )
    return found


def test_who_is_the_faster_one_does_not_matter() -> None:
    with ThreadPoolExecutor(3) as threads:
        side_by_side = found_on(threads, 3, 2)
    assert found_on(AtOnce(), 3, 2) == side_by_side


def test_without_a_batch_there_is_still_the_first_annealing() -> None:
    terrain, begun = mended(disk_slack=1.2)
    told = found_on(AtOnce(), 2, 0, disk_slack=1.2)
    assert state_of(terrain, told[-1]).value < begun.least


def test_each_plan_told_is_better_than_the_one_before() -> None:
    terrain, begun = mended(disk_slack=1.1)
    plans = found_on(AtOnce(), 2, 3, disk_slack=1.1)
    told = [state_of(terrain, decisions).value for decisions in plans]
    assert told[0] == begun.least
    assert told == sorted(told, reverse=True)
    assert len(told) > 1


def test_nobody_waits_for_what_is_under_way_when_asked_to_stop() -> None:
    terrain, begun = mended()
    clock = Clock(limit=60)
    threading.Timer(0.1, clock.stop.set).start()
    since = time.monotonic()
    search_side_by_side(
        terrain,
        begun,
        Random(7),
        clock,
        iterations=None,
        count=2,
        executor=Never(),
        found=lambda _: None,
    )
    assert time.monotonic() - since < 30
