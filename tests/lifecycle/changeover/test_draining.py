"""Draining a server: where everything goes, and that nothing is unprotected on the way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan, NoRoom
from spareplace.lifecycle.changeover import drain
from spareplace.lifecycle.moves.steps import replayed
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.planning import plan
from spareplace.testing import clusters_with_placements
from spareplace.verify import check
from tests.examples import paper

quick = partial(drain, method="search", time_limit=None, workers=1, iterations=2)


@settings(max_examples=20)
@given(clusters_with_placements(min_servers=3, max_servers=4, max_vms=4, max_diffs=4), st.data())
def test_everything_leaves_and_room_is_left_for_the_migrations(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = made
    server = data.draw(st.sampled_from([server.name for server in cluster.servers]))
    try:
        way = quick(cluster, placement, server)
    except (Infeasible, NoPlan, NoRoom, InvalidInput):
        return
    assert not check(way.cluster, way.plan)
    moving = {vm.name for vm in cluster.vms if vm.server == server}
    assert {migration.vm for migration in way.migrations} == moving
    *_, last = (placement.stored, *replayed(placement, way.moves))
    assert way.left == tuple(it for it in last if it.server == server)
    kept = tuple(it for it in last if it.server != server)
    *_, end = (kept, *replayed(Placement(stored=kept), way.deletions))
    assert end == way.plan.stored
    bytes_on: dict[str, int] = defaultdict(int)
    for extent in last:
        bytes_on[extent.server] += extent.size
    for other in way.cluster.servers:
        running = sum(vm.disk for vm in way.cluster.vms if vm.server == other.name)
        before = sum(vm.disk for vm in cluster.vms if vm.server == other.name)
        if bytes_on[other.name] or running > before:
            assert running + bytes_on[other.name] <= other.disk


def test_vms_go_where_the_plan_would_rebuild_them() -> None:
    made = plan(paper(), method="level")
    way = quick(paper(), made, "Sl")
    planned = {rebuild.vm: rebuild.server for rebuild in made.recovery("Sl").rebuilds}
    assert {it.vm: it.target for it in way.migrations} == planned


def test_a_failure_of_several_servers_is_no_hindrance() -> None:
    # v goes to c, where its diff lies now; so a copy has to be made elsewhere, which may be b.
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abcd"),
        diffs=(Diff(name="x", size=10),),
        vms=(VM(name="v", server="a", diff="x", disk=10),),
        failures=(
            Failure(name="a", servers=("a",)),
            Failure(name="z", servers=("a", "b")),
            Failure(name="c", servers=("c",)),
            Failure(name="d", servers=("d",)),
        ),
    )
    there = Placement(stored=(Extent(diff="x", server="c", start=0, stop=10),))
    way = quick(cluster, plan(cluster, current=there, method="search", iterations=0), "a")
    assert not check(way.cluster, way.plan)
    assert {step.action for step in way.moves.steps} <= {"copy"}


def test_a_vm_that_has_nowhere_to_go_is_named() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=20)),
        vms=(VM(name="web", server="a", disk=50, protect=False),),
    )
    with pytest.raises(NoPlan, match=r"VM 'web' cannot leave server 'a'.*30 of disk"):
        quick(cluster, Placement(), "a")


@pytest.mark.parametrize(("name", "why"), [("Sx", "the name of a server"), ("Si", "several")])
def test_an_unknown_server_and_the_only_one_are_refused(name: str, why: str) -> None:
    cluster = paper() if name == "Sx" else Cluster(servers=(Server(name="Si", disk=1),))
    with pytest.raises(InvalidInput, match=why):
        quick(cluster, Placement(), name)


def test_a_planned_target_that_no_longer_works_is_not_taken() -> None:
    roomy = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abcd"),
        vms=(VM(name="v", server="a", disk=15),),
    )
    made = plan(roomy, current=Placement(rebuilds={"a": (Rebuild(vm="v", server="c"),)}))
    assert made.recovery("a").rebuilds == (Rebuild(vm="v", server="c"),)
    full = replace(
        roomy,
        servers=tuple(
            replace(server, disk=12) if server.name == "c" else server for server in roomy.servers
        ),
    )
    assert [it.target for it in quick(full, made, "a").migrations] in (["b"], ["d"])
    gone = replace(
        roomy,
        servers=tuple(server for server in roomy.servers if server.name != "c"),
        failures=tuple(failure for failure in roomy.failures if failure.name != "c"),
    )
    assert [it.target for it in quick(gone, made, "a").migrations] in (["b"], ["d"])
