"""What a search begins with is handed over at once, and quenched before anything is melted."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spareplace.search as searching
from spareplace.clock import Clock
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.search import beginning
from spareplace.search.beginning import DESCENT, begin, quench
from spareplace.search.ground import Ground, ground
from spareplace.search.position import Position, first_position
from spareplace.search.state import State
from spareplace.search.translating import state_of


def terrain(disk_slack: float, seed: int = 3) -> Ground:
    cluster = generate_cluster(servers=4, vms_per_server=3, disk_slack=disk_slack, seed=seed)
    return ground(number(cluster))


def begun(disk_slack: float, seed: int = 3) -> State:
    return begin(terrain(disk_slack, seed), [Placement()], Random(seed), Clock())


@settings(max_examples=20)
@given(st.integers(0, 50), st.sampled_from([1.0, 1.2]))
def test_to_quench_makes_nothing_worse(seed: int, disk_slack: float) -> None:
    state = begun(disk_slack, seed)
    before = state.value
    quenched, position = quench(state, Random(seed), Clock())
    assert quenched.value <= before
    assert position.least == quenched.value
    assert state_of(state.ground, position.best).value == quenched.value


def test_what_is_molten_begins_as_hot_as_it_would_have_before() -> None:
    state = begun(1.0, seed=4)
    hot = first_position(state, warm=False).hot
    quenched, position = quench(state, Random(0), Clock())
    assert position.hot == hot
    assert first_position(quenched, warm=False).hot < hot


@pytest.mark.parametrize(
    ("nearly", "limit", "descent"),
    [(-1.0, 60.0, None), (1.0, 60.0, DESCENT * 60), (1.0, None, None)],
)
def test_where_little_is_left_it_descends_before_it_melts_for_a_part_of_the_time(
    monkeypatch: pytest.MonkeyPatch, nearly: float, limit: float | None, descent: float | None
) -> None:
    monkeypatch.setattr(beginning, "NEARLY", nearly)
    _, position = quench(begun(1.2), Random(0), Clock(limit=limit))
    if descent is None:
        assert (position.cold, position.melted) == (0.0, 0.0)
    else:
        assert position.cold == 1.0
        assert position.melted == pytest.approx(descent, rel=0.1)


@pytest.mark.parametrize("warm", [False, True])
def test_what_comes_from_no_search_is_handed_over_before_it_is_quenched(
    monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    offered: list[Placement] = []
    seen: list[int] = []

    def quenched(state: State, _random: Random, _clock: Clock) -> tuple[State, Position]:
        seen.append(len(offered))
        return state, first_position(state, warm=False)

    monkeypatch.setattr(searching, "quench", quenched)
    monkeypatch.setattr(searching, "run", lambda *_: None)
    instance = terrain(1.2).instance
    searching.improve_by_search(
        instance, Clock(limit=60.0), Options(), [Placement()], offered.append, warm=warm
    )
    assert seen == ([] if warm else [1])
