"""A search in this process: it ends when it is to, and is repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from spareplace.clock import Clock
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.placement import Placement
from spareplace.search.alone import search_alone
from spareplace.search.ground import ground
from spareplace.search.mending import mend
from spareplace.search.neighbourhoods import Answer, Question, answer
from spareplace.search.position import first_position
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, decisions_of, state_of


def mended() -> State:
    cluster = generate_cluster(servers=4, vms_per_server=3, disk_slack=1.0, seed=3)
    terrain = ground(number(cluster))
    state = state_of(terrain, decisions_of(terrain, Placement()))
    return mend(state, Random(1), Clock())


def found_within(clock: Clock, iterations: int | None) -> list[Snapshot]:
    found: list[Snapshot] = []

    def ask(questions: Sequence[Question]) -> list[Answer]:
        return [answer(question) for question in questions]

    state = mended()
    search_alone(
        state,
        first_position(state, warm=False),
        Random(2),
        clock,
        iterations=iterations,
        workers=1,
        ask=ask,
        found=found.append,
    )
    return found


def test_it_ends_with_the_clock_and_each_plan_is_better_than_the_one_before() -> None:
    clock = Clock(limit=1.0)
    found = found_within(clock, None)
    assert clock.over()
    values = [state_of(mended().ground, each).value for each in found]
    assert values == sorted(set(values), reverse=True)


def test_it_ends_with_the_iterations_and_is_repeatable() -> None:
    assert found_within(Clock(), 3) == found_within(Clock(), 3)
    assert len(found_within(Clock(), 0)) > 1


def test_it_ends_when_asked_to_stop() -> None:
    clock = Clock()
    clock.stop.set()
    assert len(found_within(clock, None)) == 1
