from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import clusters, feasible_clusters
from tests.examples import GB, paper, three_servers, violations


def test_the_papers_example_gives_the_layout_of_the_paper() -> None:
    """Worked by hand in the design: a0 to a14 on Sl, b0 in halves on Si and Sj."""
    cluster = paper()
    placement = greedy(number(cluster), Clock())
    recovered = recoveries(cluster, placement)
    assert [recovery.transfer_bytes // GB for recovery in recovered] == [0, 0, 40, 20]
    assert expected_transfer(recovered) == 15 * GB
    on_l = {extent.diff for extent in placement.stored if extent.server == "Sl"}
    assert on_l == {f"a{index}" for index in range(15)}
    assert [extent for extent in placement.stored if extent.diff == "b0"] == [
        Extent(diff="b0", server="Si", start=0, stop=20 * GB),
        Extent(diff="b0", server="Sj", start=20 * GB, stop=40 * GB),
    ]


@settings(max_examples=150)
@given(cluster=clusters(), max_pieces=st.integers(1, 4))
def test_what_it_finds_keeps_every_rule(cluster: Cluster, max_pieces: int) -> None:
    try:
        placement = greedy(number(cluster), Clock(), max_pieces=max_pieces)
    except NoPlan:
        return
    assert violations(cluster, placement, max_pieces) == ()


@settings(max_examples=100)
@given(cluster=clusters())
def test_with_vms_that_may_be_left_out_there_is_always_a_plan(cluster: Cluster) -> None:
    placement = greedy(number(cluster), Clock(), allow_unprotected=True)
    assert violations(cluster, placement) == ()


@settings(max_examples=50)
@given(cluster=feasible_clusters())
def test_the_same_cluster_gives_the_same_placement(cluster: Cluster) -> None:
    def run() -> object:
        try:
            return greedy(number(cluster), Clock())
        except NoPlan as none:
            return none.reason

    assert run() == run()


def test_two_copies_are_stored_when_every_server_runs_a_dependent() -> None:
    """No server is outside the failures that need the diff, so one copy never survives all."""
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abc"),
        diffs=(Diff(name="base", size=40),),
        vms=tuple(VM(name=f"vm {name}", server=name, diff="base", disk=10) for name in "abc"),
    )
    placement = greedy(number(cluster), Clock())
    assert [extent.server for extent in placement.stored] == ["a", "b"]
    assert expected_transfer(recoveries(cluster, placement)) == 0


def test_resident_copies_count_and_nothing_is_stored_beside_them() -> None:
    cluster = three_servers()
    servers = (cluster.servers[0], replace(cluster.servers[1], resident=("base", "top")))
    cluster = replace(cluster, servers=(*servers, cluster.servers[2]))
    placement = greedy(number(cluster), Clock())
    assert placement.stored == ()
    assert placement.rebuilds["a"][0].server == "b"


def test_a_copy_in_another_zone_survives_the_failure_of_a_zone() -> None:
    cluster = three_servers()
    zone = Failure(name="zone", servers=("a", "b"), weight=1.0)
    cluster = replace(cluster, failures=(zone,))
    placement = greedy(number(cluster), Clock())
    assert {extent.server for extent in placement.stored} == {"c"}


def test_the_only_server_for_a_diff_need_not_take_all_its_vms() -> None:
    """Only c runs none of the VMs. It has room for base and for one VM, so the other goes to a.

    Losing b, both VMs of b are lost; c takes one of them, and base is sent to a for the other.
    """
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100, capacity={"cpu": 4}) for name in "abc"),
        diffs=(Diff(name="base", size=40),),
        vms=(
            VM(name="one", server="b", diff="base", demand={"cpu": 2}),
            VM(name="two", server="b", diff="base", demand={"cpu": 2}),
            VM(name="idle", server="a", diff="base"),
            VM(name="busy", server="c", demand={"cpu": 2}, protect=False),
        ),
    )
    placement = greedy(number(cluster), Clock())
    assert [extent.server for extent in placement.stored] == ["c"]
    assert {rebuild.server for rebuild in placement.rebuilds["b"]} == {"a", "c"}


def test_a_stopped_clock_ends_it_with_the_reason() -> None:
    clock = Clock()
    clock.stop.set()
    with pytest.raises(NoPlan, match="stopped"):
        greedy(number(three_servers()), clock)


def test_the_reason_names_the_diff_that_finds_no_room() -> None:
    with pytest.raises(NoPlan, match="'base'"):
        greedy(number(three_servers(b=30, c=15)), Clock())
