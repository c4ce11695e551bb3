from __future__ import annotations

import pytest
from hypothesis import given, settings

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.heuristics.level import level
from spareplace.instance import number
from spareplace.parts import VM, Diff, Server
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import clusters
from tests.examples import GB, paper, three_servers, violations


def test_the_papers_example_costs_what_the_paper_and_the_design_say() -> None:
    """15 GB for losing Si (a9, a11, a13) and 65 GB for Sk are published; the rest is by hand."""
    cluster = paper()
    recovered = recoveries(cluster, level(number(cluster), Clock()))
    assert [recovery.transfer_bytes // GB for recovery in recovered] == [15, 10, 65, 20]
    assert {transfer.diff for transfer in recovered[0].transfers} == {"a9", "a11", "a13"}
    assert expected_transfer(recovered) == 27.5 * GB


@settings(max_examples=150)
@given(cluster=clusters())
def test_what_it_finds_keeps_every_rule(cluster: Cluster) -> None:
    try:
        placement = level(number(cluster), Clock())
    except NoPlan:
        return
    assert violations(cluster, placement, max_pieces=1) == ()


@settings(max_examples=100)
@given(cluster=clusters())
def test_with_vms_that_may_be_left_out_there_is_always_a_plan(cluster: Cluster) -> None:
    assert violations(cluster, level(number(cluster), Clock(), allow_unprotected=True), 1) == ()


def test_diffs_go_where_most_disk_is_free() -> None:
    """b and c have 100 and 90 free: base goes to b, then top to c."""
    placement = level(number(three_servers(c=90)), Clock())
    assert [(extent.diff, extent.server) for extent in placement.stored] == [
        ("base", "b"),
        ("top", "c"),
    ]


def test_a_server_is_passed_over_if_a_failure_could_no_longer_be_recovered() -> None:
    """b has most disk, 60, and only b may take the VM of 50: then base does not fit beside it."""
    cluster = Cluster(
        servers=(
            Server(name="a", disk=60),
            Server(name="b", disk=60),
            Server(name="c", disk=45, accept_rebuilds=False),
        ),
        diffs=(Diff(name="base", size=40),),
        vms=(VM(name="web", server="a", diff="base", disk=50),),
    )
    placement = level(number(cluster), Clock())
    assert [extent.server for extent in placement.stored] == ["c"]


def test_a_stopped_clock_ends_it_with_the_reason() -> None:
    clock = Clock()
    clock.stop.set()
    with pytest.raises(NoPlan, match="stopped"):
        level(number(three_servers()), clock)
