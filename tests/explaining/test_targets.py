from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster
from spareplace.explaining.asking import explain
from spareplace.explaining.explanation import PlanExplanation
from spareplace.explaining.targeting import Surroundings, target_of
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild
from spareplace.planning import plan
from spareplace.recovery import Needs, expected_transfer, recoveries
from spareplace.testing import clusters_with_placements
from tests.examples import GB, paper, violations


def plan_of(cluster: Cluster, placement: Placement) -> Plan:
    """Make a plan of a placement that keeps every rule, or nearly."""
    recovered = recoveries(cluster, placement)
    return Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="test",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=float(expected_transfer(recovered)),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
    )


def explained(cluster: Cluster, made: Plan, **asked: str) -> PlanExplanation:
    found = explain(cluster, made, **asked).plan  # type: ignore[arg-type]
    assert found is not None
    return found


@settings(max_examples=60)
@given(made=clusters_with_placements(max_servers=3, max_vms=4))
def test_a_server_is_blocked_exactly_if_the_plan_with_it_breaks_a_rule(
    made: tuple[Cluster, Placement],
) -> None:
    """And where it is open, the recovery transfers what it is said to: the judge says both."""
    cluster, placement = made
    around = Surroundings.of(cluster, plan_of(cluster, placement))
    vms = {vm.name: vm for vm in cluster.vms}
    for failure in cluster.failures:
        rebuilds = placement.rebuilds.get(failure.name, ())
        for rebuild in rebuilds:
            target = target_of(around, vms[rebuild.vm], failure)
            assert target.server == rebuild.server
            for candidate in target.candidates:
                other = Rebuild(vm=rebuild.vm, server=candidate.server)
                moved = tuple(other if it == rebuild else it for it in rebuilds)
                after = replace(placement, rebuilds={**placement.rebuilds, failure.name: moved})
                broken = violations(cluster, after)
                assert bool(candidate.blockers) == bool(broken)
                if not broken:
                    recovery = plan_of(cluster, after).recovery(failure.name)
                    assert candidate.transfer_bytes == recovery.transfer_bytes


@settings(max_examples=60)
@given(made=clusters_with_placements(max_servers=3, max_vms=4))
def test_a_copy_saves_what_the_objective_is_higher_by_without_it(
    made: tuple[Cluster, Placement],
) -> None:
    cluster, placement = made
    needs = Needs.of(cluster)
    before = needs.expected(placement)
    for copy in explained(cluster, plan_of(cluster, placement)).copies:
        left = tuple(
            it for it in placement.stored if (it.diff, it.server) != (copy.diff, copy.server)
        )
        without = replace(placement, stored=left)
        assert copy.saves_bytes == float(needs.expected(without) - before)
        lost = {
            it.failure
            for it in violations(cluster, without)
            if it.rule == "survival" and it.item == copy.diff
        }
        assert set(copy.needed_in) == lost


def test_every_rule_that_blocks_is_named_with_need_and_have() -> None:
    """b: 100 - 30 running - 20 stored - 0 = 50 of disk for 60; cpu 2 - 1 = 1 for 2."""
    cluster = Cluster(
        servers=(
            Server(name="a", disk=200, capacity={"cpu": 4}),
            Server(name="b", disk=100, capacity={"cpu": 2}, accept_rebuilds=False),
            Server(name="c", disk=200, capacity={"cpu": 4}),
        ),
        diffs=(Diff(name="base", size=20),),
        vms=(
            VM(
                name="web",
                server="a",
                diff="base",
                disk=60,
                demand={"cpu": 2},
                groups=("front",),
                allowed_servers=("c",),
            ),
            VM(name="db", server="b", disk=30, demand={"cpu": 1}, groups=("front",)),
        ),
    )
    placement = Placement(
        stored=(Extent(diff="base", server="b", start=0, stop=20),),
        rebuilds={
            "a": (Rebuild(vm="web", server="c"),),
            "b": (Rebuild(vm="db", server="c"),),
        },
    )
    (target,) = explained(cluster, plan_of(cluster, placement), vm="web", server="b").targets
    chosen, blocked = target.candidates
    assert (chosen.server, chosen.verdict, chosen.transfer_bytes) == ("c", "chosen", 20)
    assert (blocked.server, blocked.verdict, blocked.held_bytes) == ("b", "blocked", 20)
    assert [(it.rule, it.item, it.need, it.have, it.vms) for it in blocked.blockers] == [
        ("accept_rebuilds", "", 1, 0, ()),
        ("allowed_servers", "", 1, 0, ()),
        ("anti-affinity", "front", 1, 0, ("db",)),
        ("disk", "disk", 60, 50, ()),
        ("resources", "cpu", 2, 1, ()),
    ]
    disk = blocked.blockers[3]
    assert (disk.capacity, disk.running, disk.stored, disk.rebuilt) == (100, 30, 20, 0)


def test_the_paper_s_plan_is_explained() -> None:
    """By `greedy`, losing Sk transfers half of b0 twice, 40 GB, and losing Sl 20 GB."""
    cluster = paper()
    found = explained(cluster, plan(cluster, method="greedy"), vm="J")
    assert [(it.failure, it.transfer_bytes) for it in found.failures[:2]] == [
        ("Sk", 40 * GB),
        ("Sl", 20 * GB),
    ]
    assert [(it.server, it.verdict, it.transfer_bytes) for it in found.targets[0].candidates] == [
        ("Sj", "chosen", 20 * GB),
        ("Si", "dearer", 40 * GB),
        ("Sk", "dearer", 60 * GB),
        ("Sl", "blocked", None),
    ]
    tightest = found.bindings[0]
    assert (tightest.server, tightest.failure, tightest.left) == ("Sl", "Si", 0)
    assert {(it.diff, it.server, it.duplicate_bytes) for it in found.copies} == {
        ("b0", "Si", 0),
        ("b0", "Sj", 0),
    }


def test_what_cannot_be_asked_is_refused_with_a_hint() -> None:
    cluster = paper()
    made = plan(cluster, method="greedy")
    for asked, expected in (
        ({"vm": "Jj"}, "the name of a vm"),
        ({"vm": "J", "failure": "Si"}, "a failure that loses VM 'J'; it is lost in 'Sl'"),
        ({"server": "Si"}, "a vm or a failure beside it"),
    ):
        with pytest.raises(InvalidInput, match=expected):
            explained(cluster, made, **asked)
    with pytest.raises(InvalidInput, match="none without a plan"):
        explain(cluster, vm="J")
    with pytest.raises(OtherCluster):
        explain(replace(cluster, vms=cluster.vms[1:]), made)
