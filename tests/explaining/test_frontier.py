from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.explaining.trading import frontier
from spareplace.parts import VM, Diff, Server
from spareplace.planning import plan
from spareplace.testing import feasible_clusters
from spareplace.verify import check


@settings(max_examples=12)
@given(cluster=feasible_clusters(max_servers=3, max_vms=3, max_diffs=3))
def test_points_are_checked_plans_and_more_stored_bytes_transfer_less(cluster: Cluster) -> None:
    found = frontier(cluster, points=3, method="milp", max_pieces=1, time_limit=None).points
    for point in found:
        assert check(cluster, point.plan, stored_limit=point.stored_limit) == ()
        assert point.stored_bytes == point.plan.stored_bytes <= point.stored_limit
        assert point.expected_transfer_bytes == point.plan.expected_transfer_bytes
    for less, more in pairwise(found):
        assert less.stored_bytes < more.stored_bytes
        assert less.expected_transfer_bytes > more.expected_transfer_bytes
    best = plan(cluster, method="milp", max_pieces=1, time_limit=None)
    assert found[-1].expected_transfer_bytes == best.expected_transfer_bytes


def test_one_copy_outside_or_one_on_each() -> None:
    """Either c alone holds base, and a and b fetch it for each other's VM; c cannot take them.

    With base on all of a and b: nothing is transferred, and 20 are stored. 10 on c: each of the
    two failures, of weight 1/3, transfers 10.
    """
    cluster = Cluster(
        servers=(
            Server(name="a", disk=100),
            Server(name="b", disk=100),
            Server(name="c", disk=100, accept_rebuilds=False),
        ),
        diffs=(Diff(name="base", size=10),),
        vms=(VM(name="x", server="a", diff="base"), VM(name="y", server="b", diff="base")),
    )
    found = frontier(cluster, points=2, method="milp", max_pieces=1)
    stored = [(it.stored_bytes, round(it.expected_transfer_bytes, 3)) for it in found.points]
    assert stored == [(10, 6.667), (20, 0.0)]


def test_too_few_points_are_refused() -> None:
    with pytest.raises(InvalidInput, match="an integer from 2 to 1000"):
        frontier(Cluster(servers=(Server(name="a", disk=1),)), points=1)
