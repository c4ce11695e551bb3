"""Plans that continue what is stored now: what they move, and what they come back with."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan
from spareplace.generate import generate_cluster
from spareplace.moving import moved_bytes
from spareplace.options import Method
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from spareplace.planning import plan
from spareplace.testing import clusters_with_placements, feasible_clusters
from tests.examples import paper

exact = partial(plan, method="milp", time_limit=20, workers=1)
few = partial(plan, method="search", time_limit=None, workers=1, iterations=4)
GB = 10**9


@pytest.mark.parametrize("method", ["auto", "greedy", "level", "milp", "search"])
def test_a_plan_that_its_own_method_made_comes_back_as_it_is(method: Method) -> None:
    made = plan(paper(), method=method, time_limit=10)
    assert plan(paper(), method=method, current=made) is made


def test_a_plan_of_many_servers_comes_back_as_it_is() -> None:
    cluster = generate_cluster(servers=10, vms_per_server=6, disk_slack=1.1, seed=3)
    made = plan(cluster, method="search", time_limit=None, iterations=2)
    assert plan(cluster, current=made) is made
    limited = plan(cluster, current=made, move_limit=0, method="search", iterations=2)
    assert moved_bytes(cluster, made, limited) == 0
    assert limited.expected_transfer_bytes <= made.expected_transfer_bytes


def test_greedys_plan_is_improved_and_what_is_moved_is_limited() -> None:
    # By hand: 20 GB more let b0 lie whole on Si or on Sj, which spares G or H, I, J its half.
    made = plan(paper(), method="greedy")
    free = plan(paper(), current=made)
    assert free.expected_transfer_bytes == 0
    for limit in (0, 20 * GB, 40 * GB):
        found = few(paper(), current=made, move_limit=limit)
        assert moved_bytes(paper(), made, found) <= limit
        assert found.expected_transfer_bytes <= made.expected_transfer_bytes


def test_nothing_is_moved_that_does_not_pay() -> None:
    made = plan(paper(), method="greedy")
    dear = few(paper(), current=made, move_cost=1.0)
    assert moved_bytes(paper(), made, dear) == 0


@settings(max_examples=25)
@given(clusters_with_placements(max_servers=3, max_vms=4, max_diffs=4))
def test_a_limit_of_nothing_can_be_kept_where_all_are_protected(
    made: tuple[Cluster, Placement],
) -> None:
    cluster, placement = made
    for way in (exact, few):
        found = way(cluster, current=placement, move_limit=0)
        assert moved_bytes(cluster, placement, found) == 0


@settings(max_examples=15)
@given(clusters_with_placements(max_servers=3, max_vms=4, max_diffs=4), st.data())
def test_more_may_be_moved_for_less_transfer_and_never_the_other_way_round(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = made
    free = exact(cluster, current=placement)
    least = exact(cluster)
    assume(free.status == least.status == "optimal")
    slack = 1e-9 * least.expected_transfer_bytes
    assert abs(free.expected_transfer_bytes - least.expected_transfer_bytes) <= slack
    most = moved_bytes(cluster, placement, free)
    limit = data.draw(st.integers(0, most))
    some = exact(cluster, current=placement, move_limit=limit)
    assert moved_bytes(cluster, placement, some) <= limit
    assert some.expected_transfer_bytes >= least.expected_transfer_bytes - slack
    enough = exact(cluster, current=placement, move_limit=most)
    if enough.status == "optimal":
        assert enough.expected_transfer_bytes <= free.expected_transfer_bytes + slack


@settings(max_examples=25)
@given(
    feasible_clusters(max_servers=3, max_vms=4, max_diffs=4),
    feasible_clusters(max_servers=3, max_vms=4, max_diffs=4),
    st.sampled_from([None, 0, 10**8]),
)
def test_a_plan_of_another_cluster_is_a_current_placement_like_any_other(
    cluster: Cluster, other: Cluster, limit: int | None
) -> None:
    before = few(other)
    try:
        found = few(cluster, current=before, move_limit=limit)
    except (NoPlan, Infeasible):
        assert limit is not None
        return
    assert limit is None or moved_bytes(cluster, before, found) <= limit


@settings(max_examples=15)
@given(clusters_with_placements(max_servers=3, max_vms=4, max_diffs=4))
def test_of_plans_alike_the_one_that_moves_least_is_given(
    made: tuple[Cluster, Placement],
) -> None:
    cluster, placement = made
    best = exact(cluster, current=placement)
    assume(best.status == "optimal")
    found = plan(cluster, current=placement, time_limit=20, workers=1)
    assert found.status == "optimal"
    assert moved_bytes(cluster, placement, found) <= moved_bytes(cluster, placement, best)


def test_a_limit_that_is_too_small_says_so() -> None:
    # Nothing is stored yet, so whatever protects a VM has to be moved.
    cluster = paper()
    with pytest.raises(Infeasible, match=r"move_limit is .* bytes too low"):
        plan(cluster, method="milp", current=Placement(), move_limit=GB, time_limit=20)
    with pytest.raises((NoPlan, Infeasible)):
        plan(cluster, method="greedy", current=Placement(), move_limit=GB)


def test_a_new_vm_moves_only_what_it_needs() -> None:
    made = plan(paper(), method="greedy")
    more = replace(paper(), vms=(*paper().vms, VM(name="new", server="Sk", diff="a0")))
    found = few(more, current=made, move_limit=0)
    assert moved_bytes(more, made, found) == 0
    assert "new" in {rebuild.vm for rebuild in found.recovery("Sk").rebuilds}


@pytest.mark.parametrize("option", [{"move_limit": 0}, {"move_cost": 0.5}])
def test_a_limit_without_a_current_placement_is_refused(option: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="none without a current placement"):
        plan(paper(), **option)  # type: ignore[arg-type]


@pytest.mark.parametrize(("limit", "cost"), [(0, 0.0), (None, 1.0)])
def test_what_is_cut_too_often_has_to_be_stored_otherwise(limit: int | None, cost: float) -> None:
    mib = 2**20
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=40 * mib) for name in "abc"),
        diffs=(Diff(name="x", size=30 * mib),),
        vms=(VM(name="v", server="c", diff="x"),),
    )
    parts = tuple(
        Extent(diff="x", server="ab"[at % 2], start=at * 5 * mib, stop=(at + 1) * 5 * mib)
        for at in range(6)
    )
    try:
        found = few(cluster, current=Placement(stored=parts), move_limit=limit, move_cost=cost)
    except (Infeasible, NoPlan):
        assert limit == 0
    else:
        assert found.stored_bytes == 30 * mib


def test_of_plans_alike_the_one_that_stores_less_is_given() -> None:
    """Laid out by hand: one copy of each diff of the other's VM is enough, so 30 + 30 bytes."""
    mib = 2**20
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=200 * mib) for name in "abc"),
        diffs=(Diff(name="x", size=30 * mib), Diff(name="y", size=30 * mib)),
        vms=(VM(name="v", server="a", diff="x"), VM(name="w", server="b", diff="y")),
    )
    found = plan(cluster, time_limit=20)
    assert (found.status, found.expected_transfer_bytes) == ("optimal", 0)
    assert found.stored_bytes == 60 * mib
