"""Kernels keep every rule and every sum, with the search in Python as the oracle."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.amounts import DISK
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.parts import VM, Server
from spareplace.placement import Placement
from spareplace.search import population
from spareplace.search.annealing import Span
from spareplace.search.compiled import cooling, kernels_for
from spareplace.search.compiled.board import (
    LACKING,
    LOG,
    MOVED,
    PEAK,
    PENALTY,
    PRICE,
    SLACK,
    SPARE,
    STORED,
    SUM,
    TRANSFER,
    Board,
)
from spareplace.search.compiled.cooling import FASTER, LONGER, anneal
from spareplace.search.compiled.land import land_of
from spareplace.search.compiled.laying import board_of, decisions_on
from spareplace.search.compiled.population import cool, worth
from spareplace.search.compiled.readiness import mark, ready
from spareplace.search.freezing import SOON, UNKNOWN
from spareplace.search.ground import Ground, ground
from spareplace.search.mending import mend
from spareplace.search.state import State
from spareplace.search.translating import (
    Snapshot,
    decisions_of,
    snapshot,
    state_of,
)
from spareplace.testing import clusters_with_placements


def assert_alike(board: Board, state: State) -> None:
    assert board.sums[TRANSFER] == pytest.approx(state.transfer, rel=1e-9, abs=1e-3)
    assert board.sums[PENALTY] == pytest.approx(state.penalty, rel=1e-9)
    assert (board.counts[STORED], board.counts[MOVED]) == (state.stored, state.moved)
    for ours, theirs in (
        (board.server[SLACK], state.slack),
        (board.server[PEAK], state.peak),
        (board.missing, state.missing),
        (board.worth, state.worth),
        (board.left[:, DISK + 1 :], state.left),
        (board.load.T, state.load),
    ):
        assert np.array_equal(ours, theirs)
    lacked = (board.worth > 0) & (board.missing > 0)
    for server, count in enumerate(board.server[LACKING].tolist()):
        listed = sorted(board.lacked[server, :count].tolist())
        assert listed == np.flatnonzero(lacked[:, server]).tolist()
    assert np.array_equal(board.piece[SUM], board.holds @ np.arange(board.holds.shape[2]))


def begun(terrain: Ground) -> Snapshot:
    """Give decisions that keep every rule."""
    state = state_of(terrain, decisions_of(terrain, Placement()))
    state = mend(state, Random(0), Clock())
    return snapshot(state)


@settings(max_examples=40)
@given(
    clusters_with_placements(max_servers=5, max_vms=7),
    st.integers(0, 2**16),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([0.0, 1e3, 1e12]),
)
def test_after_any_changes_the_sums_are_those_of_the_state_in_python(
    case: tuple[Cluster, Placement], seed: int, pieces: int, hot: float
) -> None:
    terrain = ground(number(case[0]), max_pieces=pieces)
    if not terrain.pairs:
        return
    land = land_of(terrain)
    board = board_of(terrain, land, begun(terrain), seed)
    for _ in range(5):
        cool(land, board, 10, hot, hot)
        state = state_of(terrain, decisions_on(board))
        assert_alike(board, state)
        assert worth(land, board) == pytest.approx(state.value, rel=1e-9, abs=1e-3)


@settings(max_examples=40)
@given(clusters_with_placements(max_servers=5, max_vms=7), st.integers(0, 2**16))
def test_a_board_begins_with_the_prices_of_the_state(
    case: tuple[Cluster, Placement], seed: int
) -> None:
    terrain = ground(number(case[0]))
    decisions = begun(terrain)
    board, state = (
        board_of(terrain, land_of(terrain), decisions, seed),
        state_of(terrain, decisions),
    )
    assert_alike(board, state)
    assert np.array_equal(board.price[PRICE], state.price)
    assert np.array_equal(board.server[SPARE], state.spare)


@settings(max_examples=30)
@given(clusters_with_placements(max_servers=5, max_vms=7), st.integers(0, 2**16))
def test_what_comes_out_keeps_every_rule_and_is_no_worse_when_cold(
    case: tuple[Cluster, Placement], seed: int
) -> None:
    terrain = ground(number(case[0]))
    if not terrain.pairs:
        return
    decisions = begun(terrain)
    (after, *_), cold, _ = anneal(terrain, [decisions], seed, Clock(), 2, 0.0)
    assert 0 <= cold <= 1
    assert state_of(terrain, after).value <= state_of(terrain, decisions).value * (1 + 1e-9)
    state = state_of(terrain, after)
    assert (state.slack >= 0).all()
    assert (state.left >= 0).all()
    for diff, holders in enumerate(state.holders):
        assert all(state.survival.outlives(diff, servers) for servers in holders)


def test_limits_and_moves_are_kept() -> None:
    cluster = generate_cluster(servers=4, vms_per_server=3, disk_slack=1.3)
    free = ground(number(cluster))
    stored = state_of(free, begun(free)).stored
    limited = ground(number(cluster), stored_limit=stored, stored_cost=0.01)
    land = land_of(limited)
    board = board_of(limited, land, begun(limited), 0)
    cool(land, board, 500, 1e12, 0.0)
    assert board.counts[STORED] <= stored
    assert_alike(board, state_of(limited, decisions_on(board)))


def test_the_same_seed_gives_the_same_decisions() -> None:
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=3, disk_slack=1.1)))
    decisions = begun(terrain)
    first, second, other = (
        anneal(terrain, [decisions], seed, Clock(), 10, 1e12)[0] for seed in (1, 1, 2)
    )
    assert first == second != other


def test_a_state_that_need_not_last_becomes_a_population_where_there_is_time_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(population, "ENOUGH", 30)
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=2, disk_slack=1.0)))
    pairs, decisions = len(terrain.pairs), begun(terrain)
    many, cold, _ = anneal(terrain, [decisions], 1, Clock(), 2 * pairs, 1e9, Span(melt=True))
    assert (len(many), cold) == (2 * FASTER * LONGER // (30 * terrain.servers), 1.0)
    states = [state_of(terrain, each) for each in many]
    values = [state.value for state in states]
    assert values == sorted(values)
    assert all((state.left >= 0).all() and (state.slack >= 0).all() for state in states)
    lasting, *_ = anneal(terrain, [decisions], 1, Clock(), 2 * pairs, 1e9)
    monkeypatch.setattr(population, "ENOUGH", 10)  # enough for three, when it is cold already
    over, *_ = anneal(terrain, [decisions], 1, Clock(), 2, 1e9, Span(melt=True))
    assert len(lasting) == len(over) == 1


def test_copies_go_ways_of_their_own_and_a_seed_gives_the_same_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(population, "ENOUGH", 60)
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=2, disk_slack=1.0)))
    iterations, most = 4 * len(terrain.pairs), Span(until=0.6, melt=True)
    first, second = (
        anneal(terrain, [begun(terrain)], 1, Clock(), iterations, 1e15, most)[0] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) > 1


def test_what_has_no_diffs_can_be_annealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "ENOUGH", 1)
    servers = tuple(Server(name=name, disk=10) for name in "ab")
    vms = tuple(VM(name=f"vm{number}", server="a", disk=6) for number in range(2))
    terrain = ground(number(Cluster(servers=servers, vms=vms)))
    _, cold, _ = anneal(terrain, [begun(terrain)], 1, Clock(), 10, 1.0, Span(melt=True))
    assert cold == 1


def test_a_population_goes_on_from_leg_to_leg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooling, "STEPS", 30)
    monkeypatch.setattr(population, "ENOUGH", 30)
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=2, disk_slack=1.0)))
    states, cold, freezing = [begun(terrain)], 0.0, UNKNOWN
    for until in (0.1, 0.3, 0.6, 1.0):
        span = Span(begun=cold, until=until, melt=True, freezing=freezing)
        states, cold, freezing = anneal(
            terrain, states, 1, Clock(), 2 * len(terrain.pairs), 1e9, span
        )
        assert cold == until
        assert (len(states) > 1) == (freezing.point > 0)
    assert len(states) > 1


def test_it_is_learned_where_a_state_freezes_and_kept_from_leg_to_leg(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cooling, "STEPS", 30)
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=2, disk_slack=1.0)))
    iterations, hot = 4 * len(terrain.pairs), 1e9
    span = Span(until=SOON + 0.05, melt=True)
    states, cold, freezing = anneal(terrain, [begun(terrain)], 1, Clock(), iterations, hot, span)
    assert 0 < freezing.stayed < 1
    assert freezing.point > 0
    again = Span(begun=cold, until=1.0, melt=True, freezing=freezing)
    assert anneal(terrain, states, 1, Clock(), iterations, hot, again)[2] == freezing
    assert anneal(terrain, states, 1, Clock(), iterations, hot)[2] == UNKNOWN


def test_kernels_are_used_only_where_they_were_compiled() -> None:
    terrain = ground(number(generate_cluster(servers=3, vms_per_server=1)))
    assert (kernels_for(terrain) is not None) == ready()
    if ready():
        assert mark() is not None


def test_a_change_that_could_not_be_taken_back_is_not_made() -> None:
    terrain = ground(number(generate_cluster(servers=4, vms_per_server=3, disk_slack=1.1)))
    decisions = begun(terrain)
    land = land_of(terrain)
    board = board_of(terrain, land, decisions, 0)
    short = board._replace(log=np.zeros((LOG // 2 + 10, 4), dtype=np.int64))
    before = decisions_on(short)
    cool(land, short, 100, 1e12, 1e12)
    assert decisions_on(short) == before
    cool(land, board, 100, 1e12, 1e12)
    assert decisions_on(board) != before


def test_more_pieces_than_kernels_have_room_for_are_left_to_python() -> None:
    terrain = ground(number(generate_cluster(servers=3, vms_per_server=1)), max_pieces=100)
    assert kernels_for(terrain) is None
