"""What becomes of what is under way when servers fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.generate import generate_cluster
from spareplace.lifecycle.living.deciding import decide
from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.observing import Observed, Run
from spareplace.lifecycle.living.tasks import deletion, next_task
from spareplace.parts import VM, Server
from spareplace.placement import Extent
from tests.examples import three_servers
from tests.lifecycle.living.lives import event, lived, step


@pytest.fixture
def planned() -> tuple[Life, Observed]:
    """Six servers with two VMs each; all are protected."""
    cluster = generate_cluster(servers=6, vms_per_server=2, disk_slack=2.0, load=0.4, seed=2)
    life, world, _ = lived(Life(cluster=cluster), Observed())
    return life, world


def told(life: Life, world: Observed, *lines: str) -> tuple[Life, tuple[str, ...]]:
    """Hear lines and decide what comes first."""
    life, _ = hear(life, lines)
    return decide(life, world, method="greedy", time_limit=None)


def homes(life: Life) -> dict[str, str]:
    return {vm.name: vm.server for vm in life.cluster.vms}


def test_the_vms_of_failed_servers_are_brought_up_by_priority_and_nothing_else_is_done(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    lost = [vm for vm, server in homes(life).items() if server == "s3"]
    life, remarks = told(life, world, event("tick"), event("failed", "s3"))
    assert remarks == ("failed: 's3'",)
    assert [it.kind for it in life.waiting] == ["tick"]
    tasks = []
    while (task := next_task(life, world)) is not None:
        assert isinstance(task, Run)
        tasks.append(task.vm)
        life, world, _ = step(life, world)
    assert life.recovery is not None
    assert tasks == [rebuild.vm for rebuild in life.recovery.rebuilds]
    assert sorted(tasks) == sorted(lost)


def test_a_second_failure_is_answered_from_where_the_recovery_stands(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    more = {replace(extent, server="s6") for extent in world.stored}  # so that no data is lost
    world = replace(world, stored=(*world.stored, *sorted(more)))
    life, _ = told(life, world, event("failed", "s3"))
    first = next_task(life, world)
    assert isinstance(first, Run)
    life, world, _ = step(life, world)  # one of the two is up, on a server that then fails
    life, remarks = told(life, world, event("failed", first.server))
    assert remarks == (f"failed: {first.server!r}",)
    assert life.recovery is not None
    assert set(life.recovery.failed) == {"s3", first.server}
    moved = {rebuild.vm for rebuild in life.recovery.rebuilds}
    down = {vm for vm, server in homes(life).items() if server in life.recovery.failed}
    assert first.vm in moved
    assert moved | {lost.vm for lost in life.recovery.lost} == down
    life, world, _ = lived(life, world)
    assert [it.server for it in life.away] == ["s3", first.server]
    assert homes(life).items() <= world.running.items()


def test_the_moves_that_are_left_are_dropped_and_made_up_for(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    diff = {"name": "n1", "size": "4GB", "parent": "m1"}
    vm = {"name": "new", "server": "s2", "diff": "n1", "disk": "9GB"}
    life, _ = told(life, world, event("register", diffs=[diff], vms=[vm]))
    assert life.moves
    life, _ = told(life, world, event("failed", "s5"))
    assert life.moves == ()
    life, world, _ = lived(life, world)
    assert life.plan is not None
    up = {server.name for server in life.cluster.servers}
    assert life.plan.stored == tuple(it for it in world.stored if it.server in up)


def test_a_drain_begins_anew_after_the_recovery_and_vms_count_where_they_run(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    life, _ = told(life, world, event("drain", "s1"))
    for _ in range(len(life.moves) + 1):  # all moves, and one of the VMs
        life, world, _ = step(life, world)
    gone = [vm for vm, server in homes(life).items() if world.running[vm] != server]
    assert len(gone) == 1
    life, _ = told(life, world, event("failed", "s4"))
    assert (life.goal, [it.kind for it in life.waiting]) == (None, ["drain"])
    assert homes(life)[gone[0]] == world.running[gone[0]] != "s1"
    life, world, _ = lived(life, world, allow_unprotected=True)
    assert [it.server for it in life.away] == ["s4", "s1"]


def test_of_the_servers_that_are_said_to_have_failed_those_that_are_not_up_are_named(
    planned: tuple[Life, Observed],
) -> None:
    life, world = planned
    life, remarks = told(life, world, event("failed", "s3", "s9"))
    assert remarks == (
        "refused: server 's9' failed: it is none of those that are up",
        "failed: 's3'",
    )
    before = life
    life, remarks = told(life, world, event("failed", "s3"))
    assert remarks == ("refused: server 's3' failed: it is none of those that are up",)
    assert replace(life, taken=before.taken) == before


def test_vms_that_are_not_rebuilt_are_told_of_once_the_others_are_up() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=9) for name in "ab"),
        vms=(
            VM(name="big", server="a", disk=9),
            VM(name="bigger", server="a", disk=10),
            VM(name="spare", server="a", protect=False),
        ),
    )
    _, _, remarks = lived(
        Life(cluster=cluster, waiting=()), Observed(), event("failed", "a"), allow_unprotected=True
    )
    assert remarks[:3] == (
        "failed: 'a'",
        "VM 'bigger' is lost: no server has room; the nearest, 'b', lacks 10 of disk",
        "VM 'spare' is gone: it was not to be protected",
    )


def test_who_was_repaired_and_failed_again_is_not_back() -> None:
    life, world, _ = lived(Life(cluster=three_servers()), Observed(), event("failed", "c"))
    later = [event("repaired", "c"), event("failed", "c"), event("tick")]
    life, remarks = told(life, world, *later)
    assert remarks == ("refused: server 'c' failed: it is none of those that are up",)
    assert [it.kind for it in life.waiting] == ["tick"]
    # said the other way round, it is back
    life, world, _ = lived(life, world, event("failed", "c"), event("repaired", "c"))
    assert life.away == ()


def test_of_several_repaired_servers_the_others_come_back() -> None:
    cluster = three_servers()
    cluster = replace(cluster, servers=(*cluster.servers, Server(name="d", disk=100)), failures=())
    life, world, _ = lived(Life(cluster=cluster), Observed(), event("failed", "c", "d"))
    life, _ = told(life, world, event("repaired", "c", "d"), event("failed", "d"))
    assert [it.servers for it in life.waiting] == [("c",)]
    life, world, _ = lived(life, world)
    assert [it.server for it in life.away] == ["d"]


def test_what_was_not_true_on_a_server_that_failed_again_is_not_true_when_it_is_back() -> None:
    life, world, _ = lived(Life(cluster=three_servers()), Observed(), event("failed", "c"))
    old = Extent(diff="base", server="c", start=0, stop=40)
    world = replace(world, stored=(*world.stored, old))
    was = replace(life.away[0].cluster, diffs=(), vms=())  # there was no base when c failed
    life = replace(life, away=(replace(life.away[0], cluster=was),))
    life, _ = told(life, world, event("repaired", "c"))
    assert life.untrue == (deletion(old),)
    life, _ = told(life, world, event("failed", "c"))
    assert next_task(life, world) is None  # it is down: nobody can delete anything there
    life, world, _ = lived(life, world)
    assert life.untrue == (deletion(old),)
    life, _ = told(life, world, event("repaired", "c"))
    assert next_task(life, world) == deletion(old)
    assert lived(life, world)[0].untrue == ()
