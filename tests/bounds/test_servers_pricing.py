"""What one server gains: guesses are true columns, and proofs are not below them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.bounds.choices import TooMany, choices
from spareplace.bounds.coarse import Coarse, Floats, coarse
from spareplace.bounds.columns import Column
from spareplace.bounds.guessing import better_columns, good_columns
from spareplace.bounds.pricing import most_gain, pricing
from spareplace.bounds.trying import paid_for, prepared
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.testing import feasible_clusters
from tests.examples import paper


def _keeps_its_disk(view: Coarse, server: int, column: Column) -> bool:
    taken = [column.rebuilt @ np.where(view.failure == at, view.disk, 0) for at in view.failure]
    return bool(column.held.sum() + max(taken, default=0.0) <= view.free[server] + 1e-6)


def _prices(view: Coarse, seed: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    pair = random.uniform(0, 2, len(view.pairs)) * (view.needs @ view.size) * view.cost.max()
    worth = random.uniform(0, 1, len(view.size)) * view.cost.max()
    return np.floor(pair), np.floor(worth)


@settings(max_examples=40)
@given(cluster=feasible_clusters(), seed=st.integers(0, 99), max_pieces=st.sampled_from((1, 2)))
def test_no_guess_gains_more_than_is_proven(cluster: Cluster, seed: int, max_pieces: int) -> None:
    view = coarse(number(cluster), max_pieces=max_pieces, stored_cost=0.0)
    if not view.diffs:
        return
    pair, worth = _prices(view, seed)
    server = prepared(view, seed % len(view.free), 10_000)
    paid = paid_for(view, server, pair, worth)
    found, _ = good_columns(view, server, paid, 1.0, np.zeros((0, len(view.size))))
    found += better_columns(view, server, paid, found[0])
    best = max(found, key=lambda each: each.gain(pair, worth))
    model = pricing(view, server.number, Clock())
    most, column = most_gain(view, model, pair, worth, best, Clock(), gap=0.0, seed=0)
    assert all(_keeps_its_disk(view, server.number, each) for each in (*found, column))
    assert best.gain(pair, worth) <= most + 1
    assert column.gain(pair, worth) == pytest.approx(most, rel=1e-8, abs=1)


def test_the_sets_that_a_server_can_take_are_listed_by_every_resource() -> None:
    """On Sl of the paper's example: of A, B, C, lost with Si, any two fit, but not all three."""
    view = coarse(number(paper()), max_pieces=1, stored_cost=0.0)
    for each in choices(view, 3):
        used = each.sets @ view.disk[list(each.pairs)]
        assert (used == each.disk).all()
        assert (used <= view.free[3]).all()
        assert not each.sets[0].any()
        assert len(np.unique(each.sets, axis=0)) == len(each.sets)


def test_too_many_sets_are_refused() -> None:
    view = coarse(
        number(generate_cluster(servers=3, vms_per_server=6, disk_slack=9.0, load=0.2)),
        max_pieces=1,
        stored_cost=0.0,
    )
    with pytest.raises(TooMany, match="more than 50 sets"):
        choices(view, 0, 50)
