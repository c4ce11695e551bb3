"""The model in bytes: its bound is one, and its plan keeps the rules at the cost it says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible
from spareplace.exact import solve_in_bytes
from spareplace.instance import number
from spareplace.options import Options
from spareplace.planning import plan
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import feasible_clusters
from tests.examples import paper, violations
from tests.milp.equals import with_equals


@settings(max_examples=25)
@given(
    feasible_clusters(max_servers=4, max_vms=5, max_diffs=5) | with_equals(max_vms=5),
    st.sampled_from([1, 2, 4]),
)
def test_its_bound_is_below_the_least_and_its_plan_is_not(cluster: Cluster, pieces: int) -> None:
    options = Options(max_pieces=pieces, workers=1)
    found = solve_in_bytes(number(cluster), Clock(limit=20), options, lambda *_: None)
    try:
        least = plan(cluster, method="milp", max_pieces=pieces, time_limit=20)
    except Infeasible:  # equal VMs may be larger than those that there was room for
        assert found.placement is None
        return
    assert not found.infeasible
    slack = 1e-9 * least.expected_transfer_bytes
    assert float(found.bound) <= least.expected_transfer_bytes + slack
    if found.placement is not None:
        assert not violations(cluster, found.placement)
        cost = float(expected_transfer(recoveries(cluster, found.placement)))
        assert cost >= float(found.bound) - 1e-9 * cost


def test_the_paper_example_is_proven_by_it() -> None:
    options = Options(workers=1)
    found = solve_in_bytes(number(paper()), Clock(limit=30), options, lambda *_: None)
    assert found.placement is not None
    assert expected_transfer(recoveries(paper(), found.placement)) == 0
