from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.milp.build import build
from spareplace.milp.read import read, write
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Placement, Rebuild
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import clusters, clusters_with_placements, placements
from tests.examples import paper, three_servers, violations


def _objective(cluster: Cluster, placement: Placement) -> Fraction:
    return expected_transfer(recoveries(cluster, placement))


@settings(max_examples=150)
@given(cluster=clusters(), max_pieces=st.integers(1, 4))
def test_a_plan_that_keeps_the_rules_holds_in_the_model_at_its_own_cost(
    cluster: Cluster, max_pieces: int
) -> None:
    instance = number(cluster)
    try:
        placement = greedy(instance, Clock(), max_pieces=max_pieces)
    except NoPlan:
        assume(False)
    model = build(instance, Clock(), max_pieces=max_pieces)
    values = write(model, placement)
    transfer, stored = model.objectives
    assert model.milp.holds(values)
    assert int(transfer.coefficients @ values) * transfer.unit == _objective(cluster, placement)
    assert int(stored.coefficients @ values) * stored.unit == placement.stored_bytes
    back = read(model, values)
    assert violations(cluster, back, max_pieces) == ()
    assert _objective(cluster, back) == _objective(cluster, placement)


@settings(max_examples=150)
@given(pair=clusters_with_placements())
def test_every_plan_of_whole_copies_holds_in_the_model(pair: tuple[Cluster, Placement]) -> None:
    cluster, placement = pair
    assume(violations(cluster, placement, 1) == ())
    model = build(number(cluster), Clock(), max_pieces=1)
    assert model.milp.holds(write(model, placement))


@settings(max_examples=150)
@given(data=st.data(), cluster=clusters())
def test_values_that_hold_are_a_plan_that_keeps_the_rules(
    data: st.DataObject, cluster: Cluster
) -> None:
    """Whatever keeps the rows must keep the rules: the model allows nothing that is forbidden."""
    model = build(number(cluster), Clock(), max_pieces=1)
    seed = data.draw(st.integers(0, 2**32 - 1))
    values = np.random.default_rng(seed).integers(model.milp.lower, model.milp.upper + 1)
    values[: len(values)] = np.where(model.milp.choice, values, model.milp.lower)
    placement = read(model, values)
    rewritten = write(model, placement)
    if model.milp.holds(rewritten):
        assert violations(cluster, placement, 1) == ()


def test_rows_and_columns_say_what_they_are() -> None:
    model = build(number(three_servers()), Clock(), max_pieces=2)
    assert "rebuild[a,web,b]" in model.milp.columns
    assert "keep[base,1,c]" in model.milp.columns
    assert "survive[a,base,0]" in model.milp.rows


def test_the_papers_example_counts_in_steps_of_its_sizes() -> None:
    """Sizes are multiples of 5 GB and weights of 1/4: the objective moves by 1.25 GB."""
    model = build(number(paper()), Clock(), max_pieces=1)
    assert model.objectives[0].unit == Fraction(1_250_000_000)
    assert model.objectives[0].exact


@settings(max_examples=80)
@given(
    amounts=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=5),
    room=st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
def test_amounts_with_thirty_decimals_are_packed_exactly(
    amounts: list[tuple[int, int]], room: tuple[int, int]
) -> None:
    """A long row and its carries hold exactly when the plain sum fits."""
    crumb = Decimal("1e-30")
    exact = Context(prec=100)

    def amount(large: int, small: int) -> Decimal:
        return exact.add(Decimal(large * 10**12), exact.multiply(Decimal(small), crumb))

    cluster = Cluster(
        servers=(
            Server(name="a", disk=1, capacity={"cpu": 2**50}),
            Server(name="b", disk=1, capacity={"cpu": amount(*room)}),
        ),
        vms=tuple(
            VM(name=f"vm{at}", server="a", demand={"cpu": amount(*pair)})
            for at, pair in enumerate(amounts)
        ),
        failures=(Failure(name="a", servers=("a",), weight=1.0),),
    )
    needed = tuple(map(sum, zip(*amounts, strict=True)))
    fits = needed <= room  # crumbs never add up to a whole
    model = build(number(cluster), Clock(), max_pieces=1)
    on_b = Placement(rebuilds={"a": tuple(Rebuild(vm=vm.name, server="b") for vm in cluster.vms)})
    values = write(model, on_b)
    assert model.milp.holds(values) == fits
    assert (model.milp.activity(values) < 2**62).all()


def test_what_is_too_large_to_count_is_refused_with_the_way_out() -> None:
    cluster = three_servers()
    diffs = tuple(Diff(name=f"d{index}", size=2**53) for index in range(200))
    with pytest.raises(NoPlan, match="greedy"):
        build(number(replace(cluster, diffs=(*cluster.diffs, *diffs))), Clock())


def test_a_stopped_clock_ends_the_building() -> None:
    clock = Clock()
    clock.stop.set()
    with pytest.raises(NoPlan, match="stopped"):
        build(number(three_servers()), clock)


@settings(max_examples=50)
@given(data=st.data(), cluster=clusters())
def test_any_placement_of_the_clusters_servers_can_be_written(
    data: st.DataObject, cluster: Cluster
) -> None:
    """A start may break rules; it is a hint, and must not end the method."""
    placement = data.draw(placements(cluster))
    model = build(number(cluster), Clock(), max_pieces=4, allow_unprotected=True)
    assert write(model, placement).shape == model.milp.lower.shape
