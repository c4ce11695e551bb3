"""The bound by servers is never above the best plan, and meets what can be worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace import plan
from spareplace.bounds.coarse import coarse
from spareplace.bounds.columns import columns_of
from spareplace.bounds.servers import by_servers
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.options import Options
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Placement
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import feasible_clusters
from spareplace.testing.feasible import clusters_with_placements
from spareplace.units import exact_weight
from tests.brute_force import best_by_enumeration
from tests.examples import paper


def _options(max_pieces: int, stored_cost: float = 0.0) -> Options:
    return Options(workers=1, max_pieces=max_pieces, stored_cost=stored_cost)


@settings(max_examples=60)
@given(made=clusters_with_placements(), knows=st.booleans())
def test_it_is_not_above_the_best_plan_of_whole_copies(
    made: tuple[Cluster, Placement], knows: bool
) -> None:
    cluster, placement = made
    best = best_by_enumeration(cluster)
    assert best is not None
    plans = (placement,) if knows else ()
    told: list[Fraction] = []
    found = by_servers(number(cluster), Clock(limit=20), _options(1), plans, told.append)
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
    found = by_servers(number(cluster), Clock(limit=20), _options(2, price))
    assert found <= value * (1 + Fraction(1, 10**12))


def _no_room_for_both(disk: int = 50) -> Cluster:
    """One VM of 40 bytes on `a`, and two servers that cannot both keep its diff and rebuild it."""
    return Cluster(
        servers=(
            Server(name="a", disk=40),
            Server(name="b", disk=disk),
            Server(name="c", disk=disk),
        ),
        diffs=(Diff(name="image", size=40),),
        vms=(VM(name="web", server="a", diff="image", disk=40),),
        failures=(Failure(name="a", servers=("a",), weight=0.5),),
    )


@pytest.mark.parametrize(
    ("max_pieces", "expected"),
    [
        # Whoever rebuilds the VM has 10 bytes left: no whole copy, so 40 bytes are sent ...
        (1, 20),
        # ... or a piece of 10 bytes, so 30 are.
        (2, 15),
    ],
)
def test_where_nobody_can_keep_and_rebuild_it_knows_what_is_sent(
    max_pieces: int, expected: int
) -> None:
    found = by_servers(number(_no_room_for_both()), Clock(limit=20), _options(max_pieces))
    assert expected * 0.99 <= found <= expected


def test_where_one_server_has_room_for_both_nothing_is_sent() -> None:
    assert by_servers(number(_no_room_for_both(80)), Clock(limit=20), _options(2)) == 0


def test_on_the_papers_example_it_is_the_optimum_which_is_nothing() -> None:
    assert by_servers(number(paper()), Clock(limit=20), _options(4)) == 0


def test_without_anything_to_transfer_it_is_nothing() -> None:
    bare = Cluster(servers=(Server(name="a", disk=1),))
    assert by_servers(number(bare), Clock(), _options(1)) == 0


def test_where_vms_may_be_left_out_it_claims_nothing() -> None:
    options = Options(workers=1, max_pieces=1, allow_unprotected=True)
    assert by_servers(number(_no_room_for_both()), Clock(limit=20), options) == 0


def test_when_the_time_is_up_it_claims_nothing() -> None:
    assert by_servers(number(_no_room_for_both()), Clock(limit=0.0), _options(1)) == 0


@settings(max_examples=60)
@given(made=clusters_with_placements())
def test_the_columns_of_a_plan_cost_what_it_transfers(made: tuple[Cluster, Placement]) -> None:
    cluster, placement = made
    view = coarse(number(cluster), max_pieces=1, stored_cost=0.0)
    cost = sum(column.cost for _, column in columns_of(view, placement))
    value = expected_transfer(recoveries(cluster, placement))
    assert Fraction(cost) * view.bytes <= value * (1 + Fraction(1, 10**9))
    assert Fraction(cost) * view.bytes >= value * Fraction(999, 1000)


def test_the_columns_of_a_plan_cover_every_row() -> None:
    instance = number(paper())
    view = coarse(instance, max_pieces=4, stored_cost=0.0)
    columns = dict(columns_of(view, greedy(instance, Clock(), max_pieces=4)))
    assert np.array_equal(sum(each.rebuilt for each in columns.values()), np.ones(len(view.pairs)))
    copies = sum(
        view.row_weight[:, server] * each.held[view.row_atom] / view.size[view.row_atom]
        for server, each in columns.items()
    )
    assert (copies >= view.row_least - 1e-9).all()
