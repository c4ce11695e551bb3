"""Every step keeps all sums right, and can be taken back."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.amounts import DISK
from spareplace.cluster import Cluster
from spareplace.instance import number
from spareplace.placement import Placement
from spareplace.recovery import expected_transfer, recoveries
from spareplace.search.annealing import change
from spareplace.search.ground import NOWHERE, ground, servers_in
from spareplace.search.state import State
from spareplace.search.translating import (
    Snapshot,
    decisions_of,
    placement_of,
    snapshot,
    state_of,
)
from spareplace.testing import clusters, clusters_with_placements


def counted_anew(state: State) -> dict[str, object]:
    """Work out from the decisions alone what the state keeps up to date."""
    fresh = state_of(state.ground, snapshot(state))
    return sums(fresh)


def sums(state: State) -> dict[str, object]:
    return {
        "users": state.users.tolist(),
        "worth": state.worth.tolist(),
        "missing": state.missing.tolist(),
        "left": state.left.tolist(),
        "load": state.load.tolist(),
        "peak": state.peak.tolist(),
        "slack": state.slack.tolist(),
        "stored": state.stored,
        "members": {key: here for key, here in state.members.items() if here},
        "here": [sorted(here) for here in state.here],
        "wanted": state.wanted,
        "held": [set(held) for held in state.held],
        "asked": state.survival.asked,
        "skipped": state.skipped,
        "transfer": pytest.approx(state.transfer, rel=1e-9, abs=1e-3),
    }


@settings(max_examples=60)
@given(clusters_with_placements(max_servers=5, max_vms=7), st.integers(0, 2**16))
def test_changes_keep_all_sums_and_can_be_taken_back(
    case: tuple[Cluster, Placement], seed: int
) -> None:
    cluster, placement = case
    terrain = ground(number(cluster))
    if not terrain.pairs:
        return
    state = state_of(terrain, decisions_of(terrain, placement))
    random = Random(seed)
    for _ in range(20):
        before, mark = snapshot(state), state.mark()
        done = change(state, random)
        if done:
            assert sums(state) == counted_anew(state)
        if not done or random.random() < 0.5:
            state.undo(mark)
            assert snapshot(state) == before
            assert sums(state) == counted_anew(state)


@settings(max_examples=60)
@given(clusters_with_placements(max_servers=5, max_vms=7))
def test_a_placement_survives_the_way_there_and_back(case: tuple[Cluster, Placement]) -> None:
    cluster, placement = case
    terrain = ground(number(cluster))
    back = placement_of(terrain, decisions_of(terrain, placement))
    assert expected_transfer(recoveries(cluster, back)) == expected_transfer(
        recoveries(cluster, placement)
    )


@settings(max_examples=60)
@given(clusters_with_placements(max_servers=5, max_vms=7))
def test_the_transfer_of_a_state_is_that_of_its_placement(case: tuple[Cluster, Placement]) -> None:
    cluster, placement = case
    terrain = ground(number(cluster))
    state = state_of(terrain, decisions_of(terrain, placement))
    unit = sum(terrain.weight) / max(float(sum(number(cluster).weight)), 1e-300)
    found = placement_of(terrain, snapshot(state))
    exact = float(expected_transfer(recoveries(cluster, found)))
    assert state.transfer == pytest.approx(exact * unit, rel=1e-6, abs=1e-3)


@settings(max_examples=40)
@given(clusters(max_servers=5, max_vms=6), st.integers(0, 2**16))
def test_changes_from_nothing_keep_every_rule_of_disk_and_resources(
    cluster: Cluster, seed: int
) -> None:
    instance = number(cluster)
    terrain = ground(instance)
    if not terrain.pairs:
        return
    nothing = decisions_of(terrain, Placement())
    state, random = state_of(terrain, nothing), Random(seed)
    for _ in range(20):
        mark = state.mark()
        if not change(state, random):
            state.undo(mark)
    assert (state.slack >= 0).all()
    assert (state.left >= 0).all()
    stored = np.zeros(terrain.servers, dtype=np.int64)
    for sizes, holders in zip(state.pieces, state.holders, strict=True):
        for size, servers in zip(sizes, holders, strict=True):
            stored[list(servers_in(servers))] += size
    peak = state.load.max(axis=0, initial=0)
    assert (state.slack == instance.free[:, DISK] - stored - peak).all()
    for diff, holders in enumerate(state.holders):
        assert all(state.survival.outlives(diff, servers) for servers in holders)


def test_nothing_is_a_state_in_which_everybody_is_skipped() -> None:
    decisions = Snapshot(target=(NOWHERE,), pieces=((5,),), holders=((0,),))
    assert list(servers_in(0b1010)) == [1, 3]
    assert decisions.target == (NOWHERE,)
