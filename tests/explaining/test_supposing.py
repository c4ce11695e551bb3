from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, OtherCluster
from spareplace.explaining.altering import changed
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.supposing import what_if
from spareplace.failures import failures_of
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.planning import plan
from spareplace.verify import check
from tests.examples import GB, paper


def test_without_a_server_its_vms_run_where_they_are_rebuilt() -> None:
    cluster = paper()
    today = plan(cluster, method="greedy")
    gone = ClusterChange(kind="without_server", server="Sl")
    found = what_if(cluster, today, [gone], method="milp", max_pieces=1, gap=1.0)
    assert found.plan is not None
    assert found.after is not None
    assert (found.after.servers, found.after.vms) == (3, 10)
    assert next(vm.server for vm in found.cluster.vms if vm.name == "J") == "Sj"
    assert check(found.cluster, found.plan) == ()
    assert found.moved_bytes > 0
    assert found.gone_vms == ()


def test_more_disk_and_rates_change_transfer_and_seconds() -> None:
    """With rates, `greedy` sends 20 GB to each of two servers when Sk is lost: 2 x 20 GB."""
    cluster = paper()
    servers = tuple(replace(server, net_in=GB) for server in cluster.servers)
    cluster = replace(cluster, servers=servers)
    today = plan(cluster, method="greedy")
    faster = [ClusterChange(kind="rates", server=server.name, amount=2 * GB) for server in servers]
    found = what_if(cluster, today, faster, method="greedy")
    assert (found.before.slowest_failure, found.before.slowest_seconds) == ("Sk", 20.0)
    assert found.after is not None
    assert found.after.slowest_seconds == 10.0
    assert found.moved_bytes == 0


def test_where_there_would_be_no_plan_it_says_what_is_short() -> None:
    cluster = paper()
    today = plan(cluster, method="greedy")
    less = [
        ClusterChange(kind="capacity", server=name, resource="disk", amount=-150 * GB)
        for name in ("Si", "Sj", "Sk", "Sl")
    ]
    found = what_if(cluster, today, less)
    assert (found.after, found.plan, found.moved_bytes) == (None, None, 0)
    assert found.lacks[0].resource == "disk"


def test_what_is_not_there_is_refused() -> None:
    cluster = paper()
    today = plan(cluster, method="greedy")
    for kind in ("without_server", "rates"):
        with pytest.raises(InvalidInput, match="found 'Sx', expected the name of a server"):
            what_if(cluster, today, [ClusterChange(kind=kind, server="Sx", amount=1)])
    with pytest.raises(OtherCluster):
        what_if(replace(cluster, vms=()), today, [])


def racks() -> Cluster:
    servers = tuple(
        Server(name=name, disk=100, zone=zone, resident=("base",))
        for name, zone in (("a", "r1"), ("b", "r1"), ("c", "r2"))
    )
    return Cluster(
        servers=servers,
        diffs=(Diff(name="base", size=5),),
        vms=(VM(name="web", server="a", groups=("g",)), VM(name="db", server="b", groups=("g",))),
        failures=failures_of(servers, ["single", "zones"], {"single": 0.1, "zones": 0.01}),
    )


def test_a_new_server_is_empty_and_fails_alone_and_with_its_zone() -> None:
    after = changed(racks(), [ClusterChange(kind="add_server", server="d", like="a")])
    assert after.servers[-1] == Server(name="d", disk=100, zone="r1")
    assert Failure(name="d", servers=("d",), weight=0.1) in after.failures
    assert Failure(name="zone r1", servers=("a", "b", "d"), weight=0.01) in after.failures


def test_failures_that_are_each_server_alone_stay_so() -> None:
    cluster = paper()
    after = changed(cluster, [ClusterChange(kind="add_server", server="Sm", like="Sl")])
    assert after.failures == Cluster(servers=after.servers).failures


def test_every_kind_of_change_does_what_it_says() -> None:
    cluster = replace(racks(), vms=(*racks().vms, VM(name="x", server="c", allowed_servers=("a",))))
    after = changed(
        cluster,
        [
            ClusterChange(kind="capacity", server="a", resource="disk", amount=-40),
            ClusterChange(kind="capacity", server="a", resource="cpu", amount=0.5),
            ClusterChange(kind="move", vm="db", server="c"),
            ClusterChange(kind="allow", vm="x", server="b"),
            ClusterChange(kind="leave_group", vm="web", group="g"),
            ClusterChange(kind="unprotect", vm="web"),
            ClusterChange(kind="drop_failure", failure="b"),
        ],
    )
    vms = {vm.name: vm for vm in after.vms}
    assert after.servers[0].disk == 60
    assert float(after.servers[0].capacity["cpu"]) == 0.5
    assert vms["db"].server == "c"
    assert vms["x"].allowed_servers == ("a", "b")
    assert (vms["web"].groups, vms["web"].protect) == ((), False)
    assert "b" not in {failure.name for failure in after.failures}
    with pytest.raises(InvalidInput, match="found -40"):
        changed(cluster, [ClusterChange(kind="capacity", server="a", amount=-140)])
    with pytest.raises(InvalidInput, match="a change that needs no plan"):
        changed(cluster, [ClusterChange(kind="without_server", server="a")])
