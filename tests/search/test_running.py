"""A search on an executor that is not ours, and what becomes of workers that are gone."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from spareplace.generate import generate_cluster
from spareplace.placement import Plan
from spareplace.planning import plan
from spareplace.search import running


class Leaving(Executor):
    """Does so many tasks at once; then its workers are gone, and it does not say so."""

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks
        self.asked: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give a future that is done, or one that never will be."""
        future: Future[Any] = Future()
        if len(self.asked) < self.tasks:
            future.set_result(fn(*args, **kwargs))
        self.asked.append(future)
        return future

    def is_gone(self) -> bool:
        """Tell whether somebody waits in vain."""
        return len(self.asked) > self.tasks


def planned(executor: Leaving, **options: Any) -> Plan | None:
    """Plan in a thread, and give ``None`` if it does not end."""
    cluster = generate_cluster(servers=5, vms_per_server=3, disk_slack=1.0, seed=3)
    made: list[Plan] = []

    def work() -> None:
        made.append(plan(cluster, method="search", executor=executor, **options))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(30)
    return made[0] if made else None


def test_workers_that_are_gone_without_a_word_are_not_waited_for_when_the_time_is_up() -> None:
    executor = Leaving(3)
    assert planned(executor, workers=1, time_limit=1.0) is not None
    assert all(future.cancelled() for future in executor.asked[3:])


@pytest.mark.parametrize("workers", [1, 2])
def test_nor_when_the_caller_wants_an_answer_and_what_came_back_is_taken(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LARGEST_APART", 0)  # so that neighbourhoods alone are sent
    executor = Leaving(workers - 1)
    found = planned(
        executor, workers=workers, time_limit=None, progress=lambda _: executor.is_gone()
    )
    assert found is not None
    assert [future.cancelled() for future in executor.asked] == [False] * (workers - 1) + [True]
