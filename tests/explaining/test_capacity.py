from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.fitting import capacity
from spareplace.explaining.homes import Newcomers, all_homes
from spareplace.parts import VM, Diff, Server
from spareplace.planning import plan
from spareplace.verify import check


def is_feasible(cluster: Cluster) -> bool:
    try:
        plan(cluster, method="milp", gap=1.0, time_limit=None)
    except Infeasible:
        return False
    return True


@st.composite
def roomy_clusters(draw: DrawFn) -> Cluster:
    """Make two or three servers with a few VMs of one shape or another, and some room."""
    amounts = st.integers(1, 4)
    hosts = [f"s{number}" for number in range(draw(st.integers(2, 3)))]
    return Cluster(
        servers=tuple(
            Server(
                name=name, disk=10 * draw(st.integers(4, 12)), capacity={"cpu": 3 * draw(amounts)}
            )
            for name in hosts
        ),
        diffs=(
            Diff(name="base", size=10 * draw(amounts)),
            Diff(name="top", size=5 * draw(amounts), parent="base"),
        ),
        vms=tuple(
            VM(
                name=f"v{number}",
                server=draw(st.sampled_from(hosts)),
                diff=draw(st.sampled_from((None, "base", "top"))),
                disk=10 * draw(amounts),
                demand={"cpu": draw(amounts)},
            )
            for number in range(draw(st.integers(1, 2)))
        ),
    )


@settings(max_examples=40)
@given(cluster=roomy_clusters())
def test_the_enlarged_cluster_has_a_plan_and_one_more_vm_has_none_wherever_it_runs(
    cluster: Cluster,
) -> None:
    assume(is_feasible(cluster))
    like = cluster.vms[0]
    found = capacity(cluster, like, time_limit=None)
    assert len(found.cluster.vms) == len(cluster.vms) + found.vms
    assert check(found.cluster, found.plan) == ()
    assert found.plan.unprotected == ()
    assert is_feasible(found.cluster)
    assert found.one_more == "infeasible"
    new = Newcomers.of(cluster, like, 0, 10)
    for homes in all_homes(found.vms + 1, new.most):
        assert not is_feasible(new.added(homes))


def two_servers() -> Cluster:
    return Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
        diffs=(Diff(name="base", size=10),),
        vms=(VM(name="web", server="a", diff="base", disk=20),),
    )


def test_two_servers_hold_as_many_vms_as_one_of_them() -> None:
    """Each keeps base, 10, as soon as both run VMs: 90 hold 4 of 20, web is one of them."""
    found = capacity(two_servers(), "web")
    assert (found.vms, found.one_more) == (3, "infeasible")
    assert found.runs_out[0].resource == "disk"


def test_a_diff_of_their_own_takes_disk_too() -> None:
    """If all run on a, b keeps base and one own diff of 10 each: 20 + 10 + 30 n <= 100."""
    assert capacity(two_servers(), "web", own_diff=10).vms == 2


def test_a_server_more_or_less_changes_what_fits() -> None:
    """Of three servers each may be lost, whose VMs the two others take: 3 x 4 of 100 and more.

    Without b, nothing protects what runs on a: web is rebuilt on b, then a is gone.
    """
    more = ClusterChange(kind="add_server", server="c", like="a")
    assert capacity(two_servers(), "web", changes=[more]).vms > 3
    less = ClusterChange(kind="without_server", server="a")
    with pytest.raises(Infeasible):
        capacity(two_servers(), "web", changes=[less])


def test_a_drained_server_runs_none() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=100, accept_rebuilds=False)),
    )
    assert capacity(cluster, VM(name="x", server="b", disk=10)).vms == 0


def test_an_unknown_vm_is_refused() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'web'"):
        capacity(two_servers(), "wbe")


def test_all_ways_to_run_vms_are_listed_once() -> None:
    ways = list(all_homes(4, (2, 3, 1)))
    expected = [way for way in product(range(3), range(4), range(2)) if sum(way) == 4]
    assert sorted(ways) == expected
