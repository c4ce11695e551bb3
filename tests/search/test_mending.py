"""What is skipped is put where it fits."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.instance import Instance, number
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Placement
from spareplace.search import mending
from spareplace.search.freezing import UNKNOWN, Freezing
from spareplace.search.ground import Ground, ground
from spareplace.search.mending import IDLE, ROUND, mend
from spareplace.search.state import State
from spareplace.search.translating import Snapshot, decisions_of, state_of


def instance(disk_slack: float = 1.0, seed: int = 3) -> Instance:
    return number(generate_cluster(servers=4, vms_per_server=3, disk_slack=disk_slack, seed=seed))


def nothing_placed(terrain: Ground) -> State:
    return state_of(terrain, decisions_of(terrain, Placement()))


@settings(max_examples=20)
@given(st.integers(0, 50), st.sampled_from([1.0, 1.2, 2.0]))
def test_it_never_leaves_out_more(seed: int, disk_slack: float) -> None:
    state = nothing_placed(ground(instance(disk_slack, seed)))
    before = len(state.skipped)
    assert len(mend(state, Random(seed), Clock()).skipped) <= before


def test_a_vm_that_fits_is_placed() -> None:
    one = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abc"),
        diffs=(Diff(name="base", size=40),),
        vms=(VM(name="web", server="a", diff="base", disk=40),),
    )
    begun = nothing_placed(ground(number(one)))
    assert begun.skipped
    assert not mend(begun, Random(0), Clock()).skipped


def test_it_goes_on_with_the_state_that_annealing_gives_until_that_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terrain = ground(instance())
    asked: list[State] = []

    def temper(
        state: State, _random: Random, _clock: Clock, iterations: int, hot: float, _note: object
    ) -> tuple[State, float, tuple[Snapshot, ...], Freezing]:
        assert (iterations, hot) == (ROUND, 0.0)
        asked.append(state)
        return nothing_placed(terrain), 1.0, (), UNKNOWN

    monkeypatch.setattr(mending, "temper", temper)
    monkeypatch.setattr(mending, "_insert_skipped", lambda *_: None)
    begun = nothing_placed(terrain)
    ended = mend(begun, Random(0), Clock())
    assert len(asked) == IDLE
    assert asked[0] is begun
    assert ended not in asked
