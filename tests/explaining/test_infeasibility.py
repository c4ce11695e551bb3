from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.explaining.altering import changed
from spareplace.explaining.asking import explain
from spareplace.explaining.causes import Cause, all_causes, relaxed
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.deciding import Judge
from spareplace.explaining.filtering import conflict_in
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.planning import plan
from spareplace.testing import clusters
from tests.brute_force import best_by_enumeration
from tests.examples import paper
from tests.explaining.planted import Planted, planted

PLANTED = list(planted())


def test_there_are_twenty_planted_clusters_of_eight_kinds() -> None:
    assert len(PLANTED) == 20
    assert len({one.name.split(",")[0] for one in PLANTED}) == 8


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: one.name)
def test_the_planted_cause_is_named_and_its_remedy_makes_the_cluster_feasible(
    one: Planted,
) -> None:
    found = explain(one.cluster)
    assert found.subject == "infeasible"
    why = found.infeasibility
    assert why is not None
    assert why.irreducible
    assert one.cause in why.causes
    mending = [it for it in why.remedies if any(_concerns(c, one) for c in it.changes)]
    assert mending
    after = changed(one.cluster, mending[0].changes)
    assert plan(after, method="milp", gap=1.0, time_limit=10).unprotected == ()


def _concerns(change: ClusterChange, one: Planted) -> bool:
    names = (change.server, change.vm, change.group, change.failure)
    return change.kind == one.remedy and one.cause.name in names


@settings(max_examples=40)
@given(cluster=clusters(max_servers=3, max_vms=3, max_diffs=3))
def test_the_causes_are_infeasible_together_and_feasible_without_any_one(
    cluster: Cluster,
) -> None:
    """By enumeration: it tries every plan of whole copies, and shares no code with ours."""
    assume(best_by_enumeration(cluster) is None)
    conflict = conflict_in(cluster, Judge(clock=Clock(), max_pieces=1))
    assert conflict.irreducible
    everything = [cause for kind in all_causes(cluster).values() for cause in kind]
    others = [cause for cause in everything if cause not in conflict.causes]
    assert best_by_enumeration(relaxed(cluster, others)) is None
    for cause in conflict.causes:
        assert best_by_enumeration(relaxed(cluster, [*others, cause])) is not None


@settings(max_examples=40)
@given(cluster=clusters(max_servers=3, max_vms=3, max_diffs=3))
def test_the_judge_agrees_with_trying_every_plan(cluster: Cluster) -> None:
    judge = Judge(clock=Clock(), max_pieces=1)
    assert judge.is_feasible(cluster) == (best_by_enumeration(cluster) is not None)


def test_no_remedy_is_out_of_proportion() -> None:
    """The VM takes 2^50, and no server has more than 64: nobody is told to buy that."""
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100, capacity={"cpu": 64}) for name in "abc"),
        vms=(VM(name="huge", server="a", demand={"cpu": 2**50}),),
    )
    why = explain(cluster).infeasibility
    assert why is not None
    assert [str(remedy) for remedy in why.remedies] == [
        "be ready for failure 'a' no more",
        "leave VM 'huge' unprotected",
    ]


def test_the_least_that_must_be_added_is_found_to_the_byte() -> None:
    """b runs 10, keeps base (20 of a's chain) and rebuilds web (40): 70, and it has 60."""
    cluster = Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=60)),
        diffs=(Diff(name="base", size=20),),
        vms=(
            VM(name="web", server="a", diff="base", disk=40),
            VM(name="db", server="b", disk=10),
        ),
        failures=(Failure(name="a", servers=("a",)),),
    )
    why = explain(cluster).infeasibility
    assert why is not None
    assert [it.amount for remedy in why.remedies for it in remedy.changes if it.amount] == [10]
    assert set(why.causes) == {
        Cause(kind="failure", name="a"),
        Cause(kind="VM", name="web"),
        Cause(kind="capacity", name="b", resource="disk"),
    }
    assert (why.lacks[0].need, why.lacks[0].have) == (60, 50)


def test_decimals_are_raised_by_enough() -> None:
    """0.3 - (0.1 + 0.1) leaves 0.1 of the 0.4 that web takes: 0.3 more, exactly."""
    cluster = Cluster(
        servers=(
            Server(name="a", disk=9, capacity={"cpu": 1}),
            Server(name="b", disk=9, capacity={"cpu": 0.3}),
        ),
        vms=(
            VM(name="web", server="a", demand={"cpu": 0.4}),
            VM(name="x", server="b", demand={"cpu": 0.1}, protect=False),
            VM(name="y", server="b", demand={"cpu": 0.1}, protect=False),
        ),
    )
    why = explain(cluster).infeasibility
    assert why is not None
    amounts = [it.amount for remedy in why.remedies for it in remedy.changes if it.amount]
    assert amounts == [0.3]


def test_a_cluster_with_a_plan_is_said_to_be_feasible() -> None:
    found = explain(paper())
    assert (found.subject, found.infeasibility, found.plan) == ("feasible", None, None)


def test_without_time_nothing_is_claimed() -> None:
    assert explain(paper(), time_limit=0.0).subject == "unknown"


def test_two_causes_that_no_single_change_mends_get_a_remedy_of_several() -> None:
    """Each server lacks 10 for the other's VM."""
    cluster = Cluster(
        servers=(Server(name="a", disk=70), Server(name="b", disk=70)),
        vms=(VM(name="x", server="a", disk=40), VM(name="y", server="b", disk=40)),
    )
    why = explain(cluster).infeasibility
    assert why is not None
    texts = list(map(str, why.remedies))
    assert "give server 'a' 10 B more disk, and give server 'b' 10 B more disk" in texts
