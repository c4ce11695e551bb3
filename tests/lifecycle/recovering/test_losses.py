from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from spareplace import VM, Cluster, Diff, Extent, LostVM, Placement, Server, recover
from tests.lifecycle.recovering.situations import Situation, situations

BASE_ON_B = Placement(stored=(Extent(diff="base", server="b", start=0, stop=40),))


def _lost(cluster: Cluster, placement: Placement = BASE_ON_B) -> LostVM:
    (found,) = recover(cluster, placement, ["a"]).lost
    assert found.vm == "web"
    return found


def _cluster(*others: VM, server: dict[str, Any] | None = None, **web: Any) -> Cluster:
    """Web runs on a; b and c, of 100 bytes and 2 cpu, are changed as `server` says."""
    return Cluster(
        servers=(
            Server(name="a", disk=100, capacity={"cpu": 9}),
            *(
                Server(name=name, **{"disk": 100, "capacity": {"cpu": 2}, **(server or {})})
                for name in "bc"
            ),
        ),
        diffs=(Diff(name="base", size=40), Diff(name="top", size=7, parent="base")),
        vms=(VM(name="web", server="a", **{"diff": "base", **web}), *others),
    )


def test_data_that_no_survivor_holds_is_named_with_its_bytes() -> None:
    part = Placement(stored=(Extent(diff="base", server="c", start=5, stop=30),))
    found = _lost(_cluster(), part)
    assert (found.reason, found.diff, found.missing) == ("data lost", "base", 15)
    assert str(found) == "15 bytes of diff 'base' are on no surviving server"
    assert _lost(_cluster(diff="top")).diff == "top"


def test_the_server_that_comes_nearest_to_having_room_is_named() -> None:
    # b stores base: 60 bytes are left beside it. c has 100.
    found = _lost(_cluster(disk=101))
    assert (found.reason, found.server, found.resource) == ("room", "c", "disk")
    assert found.missing == 1
    short = _lost(_cluster(demand={"cpu": 2.5}))
    assert (short.reason, short.server, short.resource) == ("room", "b", "cpu")
    assert short.missing == 0.5
    assert str(short) == "no server has room; the nearest, 'b', lacks 0.5 of cpu"


def test_room_is_what_is_left_beside_the_vms_that_are_rebuilt() -> None:
    first = VM(name="first", server="a", demand={"cpu": 2}, priority=1)
    second = replace(first, name="second")
    found = _lost(_cluster(first, second, demand={"cpu": 1}))
    assert (found.resource, found.missing) == ("cpu", 1)


def test_a_server_that_is_overfull_lacks_that_too() -> None:
    heavy = VM(name="heavy", server="b", disk=130)
    other = VM(name="other", server="c", disk=190)
    # 100 - 130 - 40 stored = -70 on b, and 100 - 190 = -90 on c.
    found = _lost(_cluster(heavy, other, disk=10))
    assert (found.server, found.missing) == ("b", 80)


def test_where_no_server_may_take_it_the_rule_is_named() -> None:
    assert _lost(_cluster(allowed_servers=("a",))).reason == "allowed servers"
    drained = _lost(_cluster(server={"accept_rebuilds": False}))
    assert drained.reason == "servers that accept rebuilds"
    assert str(drained) == "no surviving server accepts rebuilds"


@pytest.mark.parametrize("priority", [0, 1])
def test_a_group_in_the_way_is_named(priority: int) -> None:
    running = VM(name="r", server="b", groups=("g",))
    rebuilt = VM(name="other", server="a", groups=("g", "h"), priority=1)
    found = _lost(_cluster(running, rebuilt, groups=("h", "g")))
    assert (found.reason, found.group) == ("anti-affinity", "g")
    both = [running, VM(name="s", server="c", groups=("g",))]
    assert _lost(_cluster(*both, groups=("g",), priority=priority)).group == "g"


def test_a_rate_of_0_is_named() -> None:
    # b holds base and takes no rebuild. It cannot send to c, or c cannot receive.
    a, b, c = _cluster().servers
    drained = replace(b, accept_rebuilds=False)
    silent = replace(_cluster(), servers=(a, replace(drained, net_out=0), c))
    found = _lost(silent)
    assert (found.reason, found.server, found.diff) == ("data out of reach", "b", "base")
    assert found.missing == 40
    deaf = replace(_cluster(), servers=(a, drained, replace(c, net_in=0)))
    assert _lost(deaf) == replace(found, server="c")
    assert str(found) == "40 bytes of diff 'base' cannot be sent: a rate of server 'b' is 0"


def test_a_rate_of_0_is_no_matter_where_nothing_is_sent() -> None:
    cluster = _cluster(server={"net_in": 0, "net_out": 0})
    (rebuilt,) = recover(cluster, BASE_ON_B, ["a"]).rebuilds
    assert (rebuilt.server, rebuilt.seconds) == ("b", 0.0)


@settings(max_examples=50)
@given(situation=situations())
def test_what_is_said_to_be_missing_is_missing(situation: Situation) -> None:
    cluster = situation.cluster
    for lost in recover(*situation, time_limit=0).lost:
        names = {
            "diff": {diff.name for diff in cluster.diffs},
            "server": {it.name for it in cluster.servers} - ({*situation.failed}),
            "group": {group for vm in cluster.vms for group in vm.groups},
            "resource": {"disk", *(key for it in cluster.servers for key in it.capacity)},
        }
        told = {key for key in names if getattr(lost, key) is not None}
        assert told == {
            "data lost": {"diff"},
            "data out of reach": {"diff", "server"},
            "room": {"server", "resource"},
            "anti-affinity": {"group"},
        }.get(lost.reason, set())
        assert all(getattr(lost, key) in names[key] for key in told)
        assert (lost.missing > 0) == (lost.reason in ("data lost", "data out of reach", "room"))
        assert str(lost)
