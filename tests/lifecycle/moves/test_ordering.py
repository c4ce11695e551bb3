from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, NoRoom
from spareplace.files import load_cluster
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.steps import Moves
from spareplace.moving import moved_bytes
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Unprotected
from spareplace.planning import plan
from spareplace.testing import clusters_with_placements, placements
from tests.examples import EXAMPLES
from tests.lifecycle.moves.replaying import (
    bytes_of,
    protecting,
    refuse_wrong_moves,
    surviving,
    used,
)
from tests.lifecycle.moves.small_worlds import an_order_exists, tight_world

MIB = 2**20

slow_to_draw = settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def storing(*places: tuple[str, str, int, int]) -> Placement:
    """Make a placement of (diff, server, start, stop)."""
    return Placement(
        stored=tuple(
            sorted(
                Extent(diff=diff, server=server, start=start, stop=stop)
                for diff, server, start, stop in places
            )
        )
    )


def told(moves: Moves) -> list[str]:
    """Write each step in a few words."""
    return [
        f"{step.action} {step.diff} {step.start}-{step.stop} "
        + (f"from {step.source} to {step.server}" if step.source else f"on {step.server}")
        for step in moves.steps
    ]


def swap(spare: int, third: int, *, size: int = 100) -> tuple[Cluster, Placement, Placement]:
    """Diffs x and y change places between a and b; h runs the VMs, and c may help.

    Each is asked for by the failure of h alone, and a and b have only `spare` bytes more than one
    of them takes.
    """
    disks = {"a": size + spare, "b": size + spare, "c": third, "h": 0}
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=disk) for name, disk in disks.items()),
        diffs=(Diff(name="x", size=size), Diff(name="y", size=size)),
        vms=tuple(VM(name=f"uses {diff}", server="h", diff=diff) for diff in "xy"),
    )
    before = storing(("x", "a", 0, size), ("y", "b", 0, size))
    after = storing(("y", "a", 0, size), ("x", "b", 0, size))
    return cluster, before, after


# By hand


def test_nothing_to_do_is_no_step() -> None:
    cluster, before, _ = swap(0, 0)
    assert moves_between(cluster, before, before) == Moves(copied_bytes=0, deleted_bytes=0)


def test_copies_come_before_deletions_where_there_is_room() -> None:
    cluster, before, after = swap(100, 0)
    moves = moves_between(cluster, before, after)
    assert [step.action for step in moves.steps] == ["copy", "copy", "delete", "delete"]
    assert (moves.copied_bytes, moves.deleted_bytes) == (200, 200)


def test_two_full_servers_exchange_their_diffs_over_a_third_with_room() -> None:
    # h could send x or y anew, but neither may be deleted before it is somewhere else. So one of
    # them waits on c: 100 bytes more are copied than the 200 that change places.
    cluster, before, after = swap(0, 100)
    moves = moves_between(cluster, before, after)
    assert told(moves) == [
        "copy x 0-100 from a to c",
        "delete x 0-100 on a",
        "copy y 0-100 from b to a",
        "delete y 0-100 on b",
        "copy x 0-100 from c to b",
        "delete x 0-100 on c",
    ]
    assert (moves.copied_bytes, moves.deleted_bytes) == (300, 300)
    refuse_wrong_moves(cluster, before, after, moves)


def test_without_a_third_server_with_room_the_step_that_lacks_it_is_named() -> None:
    cluster, before, after = swap(0, 0)
    with pytest.raises(NoRoom) as caught:
        moves_between(cluster, before, after)
    error = caught.value
    assert (error.diff, error.server, error.start, error.stop) == ("x", "b", 0, 100)
    assert error.missing == 100
    assert "to copy bytes 0 to 100 of diff 'x', server 'b' lacks 100 bytes" in str(error)


def test_what_is_said_to_be_missing_is_enough() -> None:
    cluster, before, after = swap(0, 0)
    with pytest.raises(NoRoom) as caught:
        moves_between(cluster, before, after)
    servers = tuple(
        replace(server, disk=server.disk + caught.value.missing)
        if server.name == caught.value.server
        else server
        for server in cluster.servers
    )
    roomy = replace(cluster, servers=servers)
    refuse_wrong_moves(roomy, before, after, moves_between(roomy, before, after))


def test_the_last_bytes_are_not_deleted_while_somebody_wants_them() -> None:
    # Nothing asks for x and y, but nobody could send them any more.
    cluster, before, after = swap(0, 100)
    cluster = replace(cluster, vms=())
    refuse_wrong_moves(cluster, before, after, moves_between(cluster, before, after))
    with pytest.raises(NoRoom):
        moves_between(replace(cluster, servers=cluster.servers[:2], failures=()), before, after)


def test_a_copy_that_is_lost_with_the_vm_may_be_deleted_at_once() -> None:
    # x lies beside the VM that needs it: it is of no use in the failure of a, which alone asks.
    cluster = Cluster(
        servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
        diffs=(Diff(name="x", size=100), Diff(name="y", size=100)),
        vms=(VM(name="v", server="a", diff="x"),),
    )
    before = storing(("x", "a", 0, 100), ("y", "b", 0, 100))
    after = storing(("y", "a", 0, 100), ("x", "b", 0, 100))
    assert told(moves_between(cluster, before, after)) == [
        "delete x 0-100 on a",
        "copy y 0-100 from b to a",
        "delete y 0-100 on b",
        "copy x 0-100 from a to b",
    ]


def test_servers_that_accept_no_extents_are_no_detour() -> None:
    cluster, before, after = swap(0, 100)
    servers = tuple(
        replace(server, accept_extents=server.name != "c") for server in cluster.servers
    )
    with pytest.raises(NoRoom):
        moves_between(replace(cluster, servers=servers), before, after)


def test_a_little_room_is_used_in_parts_and_nothing_is_copied_twice() -> None:
    # 25 bytes of y come to a, which then are free on b, so that 50 of x fit there, and so on.
    cluster, before, after = swap(25, 0)
    moves = moves_between(cluster, before, after)
    assert [(step.action, step.diff, step.size) for step in moves.steps] == [
        ("copy", "y", 25),
        ("delete", "y", 25),
        ("copy", "x", 50),
        ("delete", "x", 50),
        ("copy", "y", 50),
        ("delete", "y", 50),
        ("copy", "x", 50),
        ("delete", "x", 50),
        ("copy", "y", 25),
        ("delete", "y", 25),
    ]
    refuse_wrong_moves(cluster, before, after, moves)


def test_no_part_is_smaller_than_a_mebibyte() -> None:
    cluster, before, after = swap(MIB, 0, size=5 * MIB + 17)
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    assert min(step.size for step in moves.steps) >= MIB
    cluster, before, after = swap(MIB - 1, 0, size=5 * MIB + 17)
    with pytest.raises(NoRoom):
        moves_between(cluster, before, after)


def test_a_redundant_copy_makes_room_and_is_copied_back() -> None:
    # z is on a and on c: a may do without it for a while.
    cluster, before, after = swap(50, 50)
    z = Diff(name="z", size=50)
    keeper = VM(name="uses z", server="h", diff="z")
    cluster = replace(cluster, diffs=(*cluster.diffs, z), vms=(*cluster.vms, keeper))
    servers = tuple(
        replace(server, disk=100) if server.name == "b" else server for server in cluster.servers
    )
    cluster = replace(cluster, servers=servers)
    both = [("z", "a", 0, 50), ("z", "c", 0, 50)]
    before = storing(("x", "a", 0, 100), ("y", "b", 0, 100), *both)
    after = storing(("y", "a", 0, 100), ("x", "b", 0, 100), *both)
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    assert moves.copied_bytes == 250


def test_what_a_failure_would_lose_now_is_copied_first() -> None:
    servers = tuple(Server(name=name, disk=900) for name in "abcd")
    cluster = Cluster(
        servers=servers,
        diffs=(Diff(name="safe", size=10), Diff(name="bare", size=10)),
        vms=(VM(name="v", server="a", diff="safe"), VM(name="w", server="a", diff="bare")),
    )
    before = storing(("safe", "b", 0, 10))
    after = storing(("safe", "c", 0, 10), ("bare", "d", 0, 10))
    first = moves_between(cluster, before, after).steps[0]
    assert (first.diff, first.source, first.server) == ("bare", "a", "d")


def test_a_copy_beside_the_vm_is_a_local_save() -> None:
    cluster = Cluster(
        servers=(Server(name="b", disk=90), Server(name="a", disk=90)),
        diffs=(Diff(name="base", size=40),),
        vms=(VM(name="web", server="a", diff="base"),),
        failures=(Failure(name="b", servers=("b",)),),
    )
    (step,) = moves_between(
        cluster, storing(("base", "b", 0, 40)), storing(("base", "a", 0, 40), ("base", "b", 0, 40))
    ).steps
    assert (step.server, step.source) == ("a", "a")


def test_those_who_can_send_take_turns() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=900) for name in "abc"),
        diffs=tuple(Diff(name=f"d{number}", size=10) for number in range(10)),
    )
    names = [diff.name for diff in cluster.diffs]
    both = [(name, server, 0, 10) for name in names for server in "ab"]
    after = storing(*both, *((name, "c", 0, 10) for name in names))
    moves = moves_between(cluster, storing(*both), after)
    assert [step.source for step in moves.steps] == ["a", "b"] * 5


def test_a_range_of_which_each_part_is_elsewhere_is_copied_in_as_many_steps() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=900) for name in "abc"),
        diffs=(Diff(name="base", size=10),),
    )
    halves = [("base", "a", 0, 5), ("base", "b", 5, 10)]
    moves = moves_between(cluster, storing(*halves), storing(("base", "c", 0, 10)))
    assert told(moves) == [
        "copy base 0-5 from a to c",
        "copy base 5-10 from b to c",
        "delete base 0-5 on a",
        "delete base 5-10 on b",
    ]


def test_bytes_that_are_nowhere_are_named() -> None:
    cluster = Cluster(servers=(Server(name="a", disk=90),), diffs=(Diff(name="base", size=40),))
    half, whole = storing(("base", "a", 0, 20)), storing(("base", "a", 0, 40))
    with pytest.raises(InvalidInput, match="bytes 20 to 40 of diff 'base' nowhere"):
        moves_between(cluster, half, whole)


def test_a_placement_that_loses_a_vm_is_refused_unless_it_says_so() -> None:
    cluster, before, _ = swap(0, 0)
    less = storing(("x", "a", 0, 100), ("y", "b", 0, 99))
    with pytest.raises(InvalidInput) as caught:
        moves_between(cluster, before, less)
    assert "too little of diff 'y' for VM 'uses y' in failure 'h'" in str(caught.value)
    assert len(caught.value.problems) == 1
    pair = Unprotected(vm="uses y", failure="h", reason="no room")
    moves = moves_between(cluster, before, replace(less, unprotected=(pair,)))
    assert told(moves) == ["delete y 99-100 on b"]


@pytest.mark.parametrize("extent", [("y", "z", 0, 9), ("z", "a", 0, 9), ("y", "a", 0, 101)])
def test_an_end_that_the_cluster_does_not_have_is_refused(
    extent: tuple[str, str, int, int],
) -> None:
    cluster, before, after = swap(0, 100)
    with pytest.raises(InvalidInput, match=r"after\.stored\[\d\]: found bytes 0 to"):
        moves_between(
            cluster,
            before,
            storing(extent, *[(it.diff, it.server, it.start, it.stop) for it in after.stored]),
        )


def test_what_is_of_an_older_cluster_is_deleted_first_and_sends_nothing() -> None:
    # z is gone, w is smaller now, and so is the list of servers.
    cluster, before, after = swap(100, 0)
    cluster = replace(cluster, diffs=(*cluster.diffs, Diff(name="w", size=4)))
    old = storing(
        ("z", "a", 3, 9),
        ("w", "b", 0, 8),
        ("y", "gone", 0, 100),
        *((it.diff, it.server, it.start, it.stop) for it in before.stored),
    )
    moves = moves_between(cluster, old, after)
    assert told(moves)[:2] == ["delete w 0-8 on b", "delete z 3-9 on a"]
    assert not [step for step in moves.steps if "gone" in (step.server, step.source)]
    whole = storing(
        *((it.diff, it.server, it.start, it.stop) for it in after.stored), ("w", "a", 0, 4)
    )
    with pytest.raises(InvalidInput, match="bytes 0 to 4 of diff 'w' nowhere"):
        moves_between(cluster, old, whole)


def test_a_server_that_is_over_gets_nothing_until_it_is_under() -> None:
    # b runs 100 bytes on a disk of 150 and stores 100: 50 too many. What it stores goes first.
    cluster, _, _ = swap(0, 500)
    fat = VM(name="fat", server="b", disk=100)
    servers = tuple(replace(it, disk=150) if it.name == "b" else it for it in cluster.servers)
    cluster = replace(cluster, servers=servers, vms=(*cluster.vms, fat))
    before = storing(("y", "b", 0, 100), ("x", "a", 0, 100))
    after = storing(("y", "c", 0, 100), ("x", "a", 0, 100), ("x", "b", 0, 50))
    moves = moves_between(cluster, before, after)
    assert told(moves) == [
        "copy y 0-100 from b to c",
        "delete y 0-100 on b",
        "copy x 0-50 from a to b",
    ]
    refuse_wrong_moves(cluster, before, after, moves)
    over = storing(("y", "b", 0, 100), ("y", "c", 0, 1), ("x", "a", 0, 100), ("x", "b", 0, 1))
    with pytest.raises(NoRoom) as caught:
        moves_between(cluster, before, over)
    assert (caught.value.server, caught.value.missing) == ("b", 51)


# By brute force


def with_disks(cluster: Cluster, disks: Mapping[str, int]) -> Cluster:
    servers = tuple(replace(server, disk=disks[server.name]) for server in cluster.servers)
    return replace(cluster, servers=servers)


@slow_to_draw
@given(st.data())
def test_every_step_keeps_every_vm_and_every_disk(data: st.DataObject) -> None:
    cluster, one = data.draw(clusters_with_placements())
    before, after = data.draw(st.permutations((one, data.draw(protecting(cluster, one)))))
    needed = [used(cluster, bytes_of(placement.stored)) for placement in (before, after)]
    spare = data.draw(st.sampled_from((0, 0, 1, MIB, 10**9)))
    most = {name: max(need[name] for need in needed) + spare for name in needed[0]}
    cluster = with_disks(cluster, most)
    was, will = (surviving(cluster, bytes_of(it.stored)) for it in (before, after))
    if not was <= will:
        with pytest.raises(InvalidInput, match="too little of diff"):
            moves_between(cluster, before, after)
        return
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    assert moves.copied_bytes >= moved_bytes(cluster, before, after)


@slow_to_draw
@given(st.data())
def test_with_room_enough_any_placement_leads_to_a_right_one_and_nothing_is_copied_twice(
    data: st.DataObject,
) -> None:
    cluster, after = data.draw(clusters_with_placements())
    before = data.draw(placements(cluster))
    cluster = with_disks(cluster, {server.name: 2**50 for server in cluster.servers})
    # One server more holds everything, so that nothing is nowhere.
    sizes = {diff.name: diff.size for diff in cluster.diffs}
    store = Server(name="\x00store", disk=2**50, resident=tuple(sizes))
    cluster = replace(cluster, servers=(*cluster.servers, store))
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    resident = {(diff, server.name) for server in cluster.servers for diff in server.resident}
    if not any((extent.diff, extent.server) in resident for extent in after.stored):
        assert moves.copied_bytes == moved_bytes(cluster, before, after)


@pytest.mark.parametrize("seed", range(8))
def test_an_order_is_found_wherever_there_is_one(seed: int) -> None:
    # Without parts, whole bytes being the smallest that moves; disks hold what they must.
    chance = random.Random(seed)
    stuck = 0
    for _ in range(60):
        cluster, before, after = tight_world(chance)
        try:
            moves = moves_between(cluster, before, after)
        except NoRoom:
            stuck += 1
            assert not an_order_exists(cluster, before, after)
        else:
            refuse_wrong_moves(cluster, before, after, moves)
    assert stuck <= 6


def test_the_steps_do_not_depend_on_the_process() -> None:
    code = (
        "import sys; from spareplace import *\n"
        "cluster = load_cluster(sys.argv[1])\n"
        "first, second = (plan(cluster, method=it) for it in ('level', 'greedy'))\n"
        "print(moves_between(cluster, first, second))"
    )
    shown = [
        subprocess.run(
            [sys.executable, "-c", code, str(EXAMPLES / "paper.json")],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(__file__).parents[3]),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert shown[0] == shown[1]


def test_from_the_papers_comparison_to_its_own_plan_every_step_is_safe() -> None:
    cluster = load_cluster(EXAMPLES / "paper.json")
    before, after = (plan(cluster, method=method).placement for method in ("level", "greedy"))
    moves = moves_between(cluster, before, after)
    refuse_wrong_moves(cluster, before, after, moves)
    assert moves.copied_bytes == moved_bytes(cluster, before, after) == 75 * 10**9
