"""The bound by branching is never above the best plan, and rises where servers mix rooms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace import plan
from spareplace.bounds.boxes import everything, split
from spareplace.bounds.branching import by_branching
from spareplace.bounds.coarse import coarse
from spareplace.bounds.columns import columns_of
from spareplace.bounds.gains import gains, paid_sets, prepared
from spareplace.bounds.prices import Prices
from spareplace.bounds.raising import Part, Servers, raised
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.instance import number
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.testing import feasible_clusters
from spareplace.testing.feasible import clusters_with_placements
from spareplace.units import exact_weight
from tests.brute_force import best_by_enumeration


def _options(max_pieces: int, stored_cost: float = 0.0) -> Options:
    return Options(workers=1, max_pieces=max_pieces, stored_cost=stored_cost)


@settings(max_examples=60)
@given(made=clusters_with_placements(), knows=st.booleans())
def test_it_is_not_above_the_best_plan_of_whole_copies(
    made: tuple[Cluster, Placement], knows: bool
) -> None:
    cluster, _ = made
    best = best_by_enumeration(cluster)
    assert best is not None
    told: list[Fraction] = []
    found = by_branching(
        number(cluster),
        Clock(limit=5),
        _options(1),
        told.append,
        lambda: best[0] if knows else None,
    )
    assert 0 <= found <= best[0]
    assert told == sorted(set(told))
    assert found == (told[-1] if told else 0)


@settings(max_examples=25)
@given(
    cluster=feasible_clusters(max_servers=3, max_vms=4, max_diffs=4),
    price=st.sampled_from((0.0, 0.0, 0.01)),
)
def test_it_is_not_above_the_best_plan_with_pieces(cluster: Cluster, price: float) -> None:
    best = plan(cluster, method="milp", workers=1, max_pieces=2, stored_cost=price, time_limit=20)
    value = exact_weight(best.expected_transfer_bytes) + exact_weight(price) * best.stored_bytes
    found = by_branching(number(cluster), Clock(limit=5), _options(2, price))
    assert found <= value * (1 + Fraction(1, 10**12))


@settings(max_examples=40)
@given(made=clusters_with_placements(), data=st.data())
def test_no_server_of_a_plan_gains_more_than_is_said(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = made
    view = coarse(number(cluster), max_pieces=2, stored_cost=0.0)
    price = st.integers(0, 2**20)
    prices = Prices(
        pair=np.array([float(data.draw(price)) for _ in view.pairs]),
        row=np.array([float(data.draw(price)) for _ in view.row_least]),
    )
    disk = np.array([float(data.draw(price))])
    for server, column in columns_of(view, placement):
        of = prepared(view, server, 1000)
        worth = prices.worth(view, server)
        earned = paid_sets(of, prices.pair, np.zeros(len(view.pairs), dtype=bool))
        gain = column.gain(prices.pair, worth)
        assert gain <= gains(of, earned, worth, disk).max() + 1e-6


def test_dividing_all_plans_proves_more_than_prices_alone() -> None:
    """Servers mix room for no VM and for more; told apart, each half costs more than the mix."""
    cluster = generate_cluster(servers=4, vms_per_server=3, seed=1, disk_slack=1.0)
    view = coarse(number(cluster).cuttable(), max_pieces=4, stored_cost=0.0)
    of = Servers(view=view, servers=[prepared(view, at, 10_000) for at in range(4)], clock=Clock())
    whole = Part(box=everything(of.servers, len(view.pairs)))
    mix = raised(of, whole, None)
    parts = [whole.of(box) for box in split(whole.box, of.servers, mix)]
    assert len(parts) == 2
    for part in parts:
        raised(of, part, None)
    assert min(part.bound for part in parts) > whole.bound
