"""What events lead to, and what becomes of those that cannot be followed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.living.deciding import decide
from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.observing import Observed
from spareplace.lifecycle.living.tasks import next_task
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Plan
from spareplace.verify import check
from tests.examples import paper, three_servers
from tests.lifecycle.living.lives import event, lived


@pytest.fixture
def planned() -> tuple[Life, Observed]:
    life, world, remarks = lived(Life(cluster=three_servers()), Observed())
    assert remarks == ()
    return life, world


def plan_of(life: Life) -> Plan:
    assert life.plan is not None
    return life.plan


def refuse_unsound(life: Life, world: Observed) -> None:
    """Refuse a life that is over with its work, but where things are not as it says."""
    up = {server.name for server in life.cluster.servers}
    assert tuple(it for it in world.stored if it.server in up) == plan_of(life).stored
    assert {vm.name: vm.server for vm in life.cluster.vms}.items() <= world.running.items()
    assert not check(life.cluster, plan_of(life))
    assert protection_status(life.cluster, plan_of(life)).holds


def test_a_life_begins_with_a_plan_and_what_leads_to_it(planned: tuple[Life, Observed]) -> None:
    refuse_unsound(*planned)


def test_vms_and_diffs_come_change_and_leave(planned: tuple[Life, Observed]) -> None:
    newer = [{"name": "newer", "size": 7, "parent": "top"}]
    vms = [
        {"name": "web", "server": "a", "diff": "newer", "disk": 10},
        {"name": "more", "server": "b", "diff": "top"},
    ]
    life, world, remarks = lived(*planned, event("register", diffs=newer, vms=vms))
    assert (remarks, world.running) == ((), {"web": "a", "more": "b"})
    refuse_unsound(life, world)
    gone = event("register", leaving_vms=["web"], leaving_diffs=["newer"])
    life, world, remarks = lived(life, world, gone)
    assert (remarks, [vm.name for vm in life.cluster.vms]) == ((), ["more"])
    assert {it.diff for it in world.stored} == {"base", "top"}
    refuse_unsound(life, world)


def test_where_nothing_has_room_unless_something_moves_all_is_planned_anew() -> None:
    # base and top, 45, lie on c; the 50 of huge fit nowhere else, and not beside them, uncut
    cluster = three_servers(b=49, c=90)
    life, world, _ = lived(Life(cluster=cluster), Observed(), max_pieces=1)
    assert {it.server for it in world.stored} == {"c"}
    news = event(
        "register",
        diffs=[{"name": "huge", "size": 50}],
        vms=[{"name": "new", "server": "a", "diff": "huge", "disk": 20}],
    )
    life, world, remarks = lived(
        life, world, news, method="search", iterations=9, workers=1, max_pieces=1
    )
    assert remarks == ()
    places = {extent.diff: extent.server for extent in world.stored}
    assert (places["base"], places["huge"]) == ("b", "c")
    refuse_unsound(life, world)


def test_servers_fail_are_repaired_and_drained_and_all_stays_protected() -> None:
    cluster = generate_cluster(servers=6, vms_per_server=2, disk_slack=2.0, load=0.4, seed=2)
    life, world, remarks = lived(
        Life(cluster=cluster), Observed(), event("failed", "s3"), event("drain", "s1")
    )
    assert remarks == ("failed: 's3'",)
    assert [it.server for it in life.away] == ["s3", "s1"]
    refuse_unsound(life, world)
    life, world, remarks = lived(life, world, event("repaired", "s1", "s3"), event("replan"))
    assert (remarks, life.away) == ((), ())
    assert {vm.name for vm in life.cluster.vms} == {vm.name for vm in cluster.vms}
    refuse_unsound(life, world)


def test_a_drained_server_is_in_the_cluster_until_nothing_runs_there_any_more(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    life, _ = hear(life, [event("drain", "a")])
    life, _ = decide(life, world, method="greedy", time_limit=None)
    assert life.goal is not None
    assert "a" in {server.name for server in life.cluster.servers}
    life, world, _ = lived(life, world)
    assert [server.name for server in life.cluster.servers] == ["b", "c"]
    assert world.running["web"] != "a"
    refuse_unsound(life, world)


def test_where_no_order_of_steps_is_found_after_a_recovery_that_is_said_and_life_goes_on() -> None:
    # x lies on a, y on b, and both are full. Of h's VMs, p needs x and goes to a, q needs y and
    # goes to b, where their data is. For them x and y would have to change places, and r and s
    # on c allow neither to be gone meanwhile. Once h is back, there is room for that.
    vms = (("p", "h", "x"), ("q", "h", "y"), ("r", "c", "x"), ("s", "c", "y"))
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=0 if name == "c" else 100) for name in "habc"),
        diffs=(Diff(name="x", size=100), Diff(name="y", size=100)),
        vms=tuple(VM(name=name, server=server, diff=diff) for name, server, diff in vms),
    )
    life, world, remarks = lived(
        Life(cluster=cluster), Observed(), event("failed", "h"), max_pieces=1
    )
    assert remarks[0] == "failed: 'h'"
    assert remarks[1].startswith('refused: {"event": "tick"}: no order of moves found: to copy')
    assert world.running == {"p": "a", "q": "b", "r": "c", "s": "c"}
    again = lived(life, world, event("tick"), max_pieces=1)
    assert (again[0], again[2]) == (replace(life, taken=2), remarks[1:])
    life, world, remarks = lived(life, world, event("repaired", "h"), max_pieces=1)
    assert remarks == ()
    refuse_unsound(life, world)


def test_events_that_leave_a_vm_unprotected_are_refused_unless_that_is_allowed(
    planned: tuple[Life, Observed],
) -> None:
    huge = event(
        "register",
        diffs=[{"name": "huge", "size": 500}],
        vms=[{"name": "new", "server": "b", "diff": "huge"}],
    )
    life, world, remarks = lived(*planned, huge)
    assert (replace(life, taken=0), world) == planned
    assert remarks[0].startswith(f"refused: {huge}: no plan ")
    life, world, remarks = lived(*planned, huge, allow_unprotected=True)
    assert remarks[0].startswith("VM 'new' is not protected in failure 'b': ")
    assert world.running["new"] == "b"
    # what is not protected is tried again at every tick, and told of
    assert lived(life, world, event("tick"), allow_unprotected=True)[2] == remarks


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (event("drain", "d"), "expected the name of a server"),
        (event("repaired", "b"), "it is there"),
        (event("repaired", "d"), "expected a server that was there before"),
        (event("failed", "d"), "server 'd' failed: it is none of those that are up"),
        (event("failed", "a", "b", "c"), "no server is left"),
        (event("register", leaving_vms=["wed"]), "did you mean 'web'?"),
        (event("register", vms=[{"name": "v", "server": "d"}]), "expected the name of a server"),
        (event("register", leaving_diffs=["base"]), "base"),
    ],
)
def test_an_event_that_cannot_be_is_refused_and_changes_nothing(
    planned: tuple[Life, Observed], line: str, reason: str
) -> None:
    life, world, remarks = lived(*planned, line)
    assert (replace(life, taken=0), world) == planned
    assert len(remarks) == 1
    assert remarks[0].startswith("refused: ")
    assert reason in remarks[0]


def test_what_cannot_be_decided_is_refused_as_a_wrong_option_is(
    planned: tuple[Life, Observed],
) -> None:
    _, _, remarks = lived(*planned, event("replan"), seed=-1)
    assert remarks[0].startswith('refused: {"event": "replan"}: seed: found -1')


def test_planning_that_is_stopped_leaves_the_life_as_it_was() -> None:
    first = Life(cluster=paper())
    assert decide(first, Observed(), method="search", progress=lambda _: True) == (first, ())


def test_when_nothing_waits_nothing_is_decided(planned: tuple[Life, Observed]) -> None:
    life, world = planned
    assert decide(life, world) == (life, ())


def test_a_tick_finds_what_was_lost_and_stores_it_again(planned: tuple[Life, Observed]) -> None:
    life, world = planned
    assert lived(life, world, event("tick"))[0] == replace(life, taken=1)
    life, world, _ = lived(life, replace(world, stored=()), event("tick"))
    assert {it.diff for it in world.stored} == {"base", "top"}
    refuse_unsound(life, world)


def test_what_a_server_still_holds_of_a_diff_that_is_another_now_goes_before_all_else(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    (keeper,) = {it.server for it in world.stored}
    life, world, _ = lived(
        life,
        world,
        event("failed", keeper),
        event("register", leaving_vms=["web"], leaving_diffs=["top", "base"]),
        event(
            "register",
            diffs=[{"name": "base", "size": 30}],
            vms=[{"name": "web", "server": "a", "diff": "base"}],
        ),
    )
    old = {(it.diff, it.server) for it in world.stored} & {("base", keeper), ("top", keeper)}
    assert old == {("base", keeper), ("top", keeper)}
    life, _ = hear(life, [event("repaired", keeper)])
    life, _ = decide(life, world)
    assert keeper in {server.name for server in life.cluster.servers}
    assert {(it.action, it.diff, it.server) for it in life.untrue} == {
        ("delete", *one) for one in old
    }
    # nobody believes in it, even if servers fail before it is deleted, and it goes first
    life, _ = hear(life, [event("failed", "a")])
    life, _ = decide(life, world, time_limit=None)
    assert life.recovery is not None
    assert [(lost.vm, lost.reason) for lost in life.recovery.lost] == []
    assert next_task(life, world) == life.untrue[0]
    life, world, _ = lived(life, world)
    assert life.untrue == ()
    refuse_unsound(life, world)


def test_the_lines_of_the_example_are_followed() -> None:
    path = "examples/controller/events.jsonl"
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert {json.loads(line)["event"] for line in lines} == {
        "register", "failed", "repaired", "drain", "replan", "tick",
    }  # fmt: skip
    life, world, remarks = lived(Life(cluster=paper()), Observed(), *lines)
    assert remarks[0] == "failed: 'Sk'"  # greedy finds no plan after that, until Sk is back
    assert [remark[:26] for remark in remarks[1:]] == ['refused: {"event": "tick"}']
    refuse_unsound(life, world)
