from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.lifecycle.simulating.events import (
    Arrives,
    Drains,
    Event,
    Leaves,
    MonthEnds,
    Renews,
    Returns,
)
from spareplace.lifecycle.simulating.playing import play
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.script import draw_script
from spareplace.lifecycle.simulating.simulation import SimulatedEvent
from spareplace.lifecycle.simulating.tally import tally
from spareplace.lifecycle.simulating.world import World
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.testing import clusters
from spareplace.verify import check
from tests.lifecycle.simulating.worlds import one_vm, outage, played, taker


@pytest.mark.parametrize("policy", ["greedy", "level", "search", "search+replan"])
def test_one_failure_and_one_repair_by_hand(policy: str) -> None:
    """Base is stored once, on the server where web is rebuilt: 0 bytes, at once.

    Web runs there then, so that base has to be on another server: 40 bytes, 40 seconds at 1 byte
    a second. When a is back, everything is protected already, and nothing moves.
    """
    events, worlds = played(one_vm(), outage("a", 10, 20), 30, policy)
    start, failure, back = events
    assert start.stored_bytes == 40
    assert (failure.recovery_bytes, failure.moved_bytes, failure.vms_down) == (0, 40, 1)
    assert (failure.vms_lost, failure.vm_hours_down, failure.uncovered) == (0, 0.0, False)
    assert failure.vm_hours_unprotected == pytest.approx(40 / 3600)
    assert (back.moved_bytes, back.vm_hours_down, back.vm_hours_unprotected) == (0, 0.0, 0.0)
    assert sorted(worlds[1].up) == ["b", "c"]
    assert sorted(worlds[2].up) == ["a", "b", "c"]
    row = tally(policy, events, 30)
    assert (row.protection_bytes, row.failure_bytes, row.return_bytes) == (40, 40, 0)
    assert (row.vms_down, row.vms_lost, row.events_skipped) == (1, 0, 0)


def test_a_vm_without_data_is_down_until_its_server_is_back() -> None:
    """Only the failure of b was planned for, so that nothing is stored when a fails."""
    cluster = one_vm(failures=(Failure(name="b", servers=("b",), weight=1.0),))
    events, worlds = played(cluster, outage("a", 10, 25), 30)
    assert (events[1].vms_down, events[1].vms_lost, events[1].vms_without_place) == (1, 1, 0)
    assert events[1].vm_hours_down == pytest.approx(15.0)
    assert not worlds[1].cluster.vms
    assert [vm.name for vm in worlds[1].waiting] == ["web"]
    assert [(vm.name, vm.server) for vm in worlds[2].cluster.vms] == [("web", "a")]
    assert tally("search", events, 30).vm_hours_down == pytest.approx(15.0)


def test_a_vm_that_is_never_rebuilt_has_no_place_and_waits() -> None:
    cluster = one_vm(vm=VM(name="web", server="a", diff="base", disk=40, protect=False))
    events, _ = played(cluster, outage("a", 10), 30)
    assert (events[1].vms_down, events[1].vms_lost, events[1].vms_without_place) == (1, 0, 1)
    assert events[1].vm_hours_down == pytest.approx(20.0)


def test_what_cannot_be_protected_is_counted_until_it_can() -> None:
    """Web may run on a and b alone: without b it is protected nowhere, from hour 4 to hour 10."""
    vm = VM(name="web", server="a", diff="base", disk=40, allowed_servers=("a", "b"))
    events, worlds = played(one_vm(vm=vm), outage("b", 4, 10), 30)
    assert events[1].uncovered
    assert events[1].vm_hours_unprotected == pytest.approx(6.0)
    assert worlds[1].cluster.vms[0].allowed_servers == ("a",)
    assert events[2].unprotected_vms == 0
    assert worlds[2].cluster.vms[0].allowed_servers == ("a", "b")
    assert tally("search", events, 30).failures_uncovered == 1


def test_what_no_longer_applies_is_skipped_with_its_reason() -> None:
    script = [
        *outage("a", 1, number=0),
        *outage("a", 2, number=2),
        Drains(hours=3, outage=1, server="a"),
        Leaves(hours=4, vm="nobody"),
        Renews(hours=5, vm="nobody", diff="new", size=1),
        *outage("b", 6, number=4),
        *outage("c", 7, number=6),
        Drains(hours=8, outage=3, server="c"),
        Returns(hours=9, outage=3, name="c"),
    ]
    events, worlds = played(one_vm(), script, 30)
    assert [(it.outcome, it.reason) for it in events[2:6]] == [
        ("skipped", "none of its servers is up"),
        ("skipped", "it is not up"),
        ("skipped", "it is not there"),
        ("skipped", "it does not run"),
    ]
    assert [(it.outcome, it.reason) for it in events[7:]] == [
        ("skipped", "no server would be left"),
        ("skipped", "no server would be left"),
        ("skipped", "they did not go"),
    ]
    assert worlds[-1].up == ("c",)
    assert tally("search", events, 30).events_skipped == 7


def test_servers_that_failed_one_after_the_other_return_to_their_common_failure() -> None:
    zone = Failure(name="zone", servers=("a", "b"), weight=1.0)
    cluster = one_vm(failures=(zone,))
    script = [
        *outage("a", 1, number=0),
        *outage("b", 2, number=2),
        Returns(hours=3, outage=0, name="a"),
        Returns(hours=4, outage=2, name="b"),
    ]
    _, worlds = played(cluster, script, 30)
    assert set(worlds[-1].cluster.failures[0].servers) == {"a", "b"}


def test_a_new_vm_runs_on_the_first_server_asked_that_has_room() -> None:
    """A has 60 bytes beside web, c has 100: one VM fits nowhere, the other on c."""
    script = [
        Arrives(
            hours=1,
            vm=VM(name="large", server="a", diff="d1", disk=101),
            diff=Diff(name="d1", size=5, parent="base"),
            servers=("a", "b", "c"),
        ),
        Arrives(
            hours=2,
            vm=VM(name="small", server="a", diff="d2", disk=61, protect=False),
            diff=Diff(name="d2", size=5, parent="base"),
            servers=("a", "c", "b"),
        ),
    ]
    events, worlds = played(one_vm(), script, 30)
    assert (events[1].outcome, events[1].reason) == (
        "refused",
        "no server that is up has room for it to run",
    )
    assert tally("search", events, 30).registrations_refused == 1
    assert {vm.name: vm.server for vm in worlds[2].cluster.vms} == {"web": "a", "small": "c"}
    assert (events[2].outcome, events[2].moved_bytes) == ("done", 0)


def test_a_generation_replaces_a_diff_of_its_own_and_stands_on_a_shared_one() -> None:
    """Base is a master, and stays; g1 is web's own, and goes when g2 comes."""
    script: list[Event] = [
        Renews(hours=1, vm="web", diff="g1", size=7),
        Renews(hours=2, vm="web", diff="g2", size=5),
        Leaves(hours=3, vm="web"),
    ]
    events, worlds = played(one_vm(), script, 30)
    shown = [[(diff.name, diff.parent) for diff in world.cluster.diffs] for world in worlds]
    assert shown[1:] == [
        [("base", None), ("g1", "base")],
        [("base", None), ("g2", "base")],
        [("base", None)],
    ]
    assert [it.moved_bytes for it in events] == [0, 7, 5, 0]
    assert events[1].vm_hours_unprotected == pytest.approx(7 / 3600)
    assert not worlds[3].cluster.vms
    assert not worlds[3].plan.stored


def test_a_vm_may_leave_while_it_waits() -> None:
    cluster = one_vm(failures=())
    script = [*outage("a", 1), Leaves(hours=2, vm="web"), Returns(hours=3, outage=0, name="a")]
    events, worlds = played(cluster, script, 30)
    assert [it.outcome for it in events] == ["done"] * 4
    assert tally("search", events, 30).vm_hours_down == pytest.approx(1.0)
    assert not worlds[-1].cluster.vms


def test_a_drained_server_goes_without_loss_and_returns_empty() -> None:
    script: list[Event] = [
        Drains(hours=1, outage=1, server="a"),
        Returns(hours=2, outage=1, name="a"),
    ]
    events, worlds = played(one_vm(), script, 30)
    assert [it.outcome for it in events] == ["done"] * 3
    assert (events[1].moved_bytes, events[1].vms_down) == (40, 0)
    assert (worlds[1].up, worlds[1].unprotected) == (("b", "c"), frozenset())
    assert sorted(worlds[2].up) == ["a", "b", "c"]


def test_a_drain_that_would_leave_vms_unprotected_is_refused() -> None:
    vm = VM(name="web", server="a", diff="base", disk=40, allowed_servers=("a", "b"))
    events, worlds = played(one_vm(vm=vm), [Drains(hours=1, outage=1, server="b")], 30)
    assert events[1].outcome == "refused"
    assert "1 more unprotected, such as 'web'" in events[1].reason
    assert worlds[1] == worlds[0]
    assert tally("search", events, 30).drains_refused == 1


def test_only_a_policy_that_replans_sees_the_end_of_a_month() -> None:
    script = [MonthEnds(hours=730, month=1)]
    assert len(played(one_vm(), script, 800, "search")[0]) == 1
    events, _ = played(one_vm(), script, 800, "search+replan")
    assert [it.kind for it in events] == ["start", "month"]


MANY = Rates(
    months=1, failures_per_month=4, repair_hours=200, registrations_per_day=0.2,
    generations_per_day=0.2, departures_per_day=0.1, drains_per_month=3, drain_hours=50,
)  # fmt: skip


def rated(cluster: Cluster, rate: int | None) -> Cluster:
    servers: tuple[Server, ...] = tuple(
        replace(server, net_in=rate, net_out=rate) for server in cluster.servers
    )
    return replace(cluster, servers=servers)


@settings(max_examples=60, deadline=None)
@given(
    cluster=clusters(),
    seed=st.integers(0, 1000),
    policy=st.sampled_from(["greedy", "search", "level+replan"]),
    rate=st.sampled_from([None, 1, 10**9]),
)
def test_nothing_is_lost_on_the_way_and_every_state_keeps_the_rules(
    cluster: Cluster, seed: int, policy: str, rate: int | None
) -> None:
    script = draw_script(cluster, MANY, seed)
    start = {vm.name for vm in cluster.vms}
    known = {it.vm.name for it in script if isinstance(it, Arrives)} | start
    left: set[str] = set()

    def told(world: World, event: SimulatedEvent) -> None:
        assert check(world.cluster, world.plan) == ()
        running = [vm.name for vm in world.cluster.vms]
        waiting = [vm.name for vm in world.waiting]
        names = running + waiting
        assert len(set(names)) == len(names)
        away = [name for gone in world.outages.values() for name in gone.servers]
        assert sorted([*world.up, *away]) == sorted(server.name for server in cluster.servers)
        if event.kind == "departure" and event.outcome == "done":
            left.add(event.name)
        assert start - left <= set(names) <= known - left
        assert event.vms_down >= event.vms_lost + event.vms_without_place
        seen.append(world)

    seen: list[World] = []
    events = play(rated(cluster, rate), script, taker(policy, seed=seed), MANY.hours, told)
    row = tally(policy, events, MANY.hours)
    assert row.protection_bytes == sum(event.moved_bytes for event in events)
    assert row.vm_hours_down == pytest.approx(sum(event.vm_hours_down for event in events))
    if not seen[-1].outages:
        now = seen[-1].cluster
        assert {(it.name, frozenset(it.servers), it.weight) for it in now.failures} == {
            (it.name, frozenset(it.servers), it.weight) for it in cluster.failures
        }
