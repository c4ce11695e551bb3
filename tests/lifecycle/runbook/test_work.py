from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace import (
    VM,
    Cluster,
    Diff,
    Extent,
    InvalidInput,
    OtherCluster,
    Placement,
    Rebuild,
    Recovery,
    Server,
    Transfer,
    plan,
    recover,
)
from spareplace.lifecycle.runbook import runbook_script, side_room
from spareplace.lifecycle.runbook.work import remakings

MIB = 2**20

CLUSTER = Cluster(
    servers=tuple(Server(name=name, disk=100 * MIB) for name in "abc"),
    diffs=(Diff(name="base", size=8 * MIB), Diff(name="web", size=2 * MIB, parent="base")),
    vms=(
        VM(name="shop", server="a", diff="web", disk=10 * MIB),
        VM(name="wiki", server="a", diff="base", disk=8 * MIB),
        VM(name="bare", server="a", disk=MIB),
    ),
)
STORED = Placement(
    stored=(
        Extent(diff="base", server="b", start=0, stop=8 * MIB),
        Extent(diff="web", server="b", start=0, stop=2 * MIB),
    )
)
WORK = Recovery(
    failure="a",
    weight=1.0,
    transfer_bytes=0,
    rebuilds=(Rebuild(vm="shop", server="b"), Rebuild(vm="wiki", server="b")),
)


def sending(start: int, stop: int, diff: str = "base", source: str = "c") -> Transfer:
    return Transfer(diff=diff, source=source, target="b", start=start, stop=stop)


def test_a_diff_that_several_vms_of_a_server_need_is_put_together_once() -> None:
    shop, wiki = remakings(CLUSTER, WORK)
    assert [part.diff for part in shop.assemblies] == ["base", "web"]
    assert wiki.assemblies == ()


def test_what_is_not_sent_is_kept() -> None:
    work = replace(WORK, transfers=(sending(MIB, 2 * MIB), sending(4 * MIB, 8 * MIB)))
    base = remakings(CLUSTER, work)[0].assemblies[0]
    assert base.kept == ((0, MIB), (2 * MIB, 4 * MIB))
    assert [(it.start, it.stop) for it in base.sent] == [(MIB, 2 * MIB), (4 * MIB, 8 * MIB)]


def test_room_on_the_side_is_what_the_disks_of_the_vms_do_not_count() -> None:
    # Written: 8 + 2 MiB of diffs, and 1 MiB for each image on top; counted: 10 + 8.
    assert side_room(CLUSTER, WORK) == {"b": 0}
    alone = replace(WORK, rebuilds=WORK.rebuilds[:1])
    assert side_room(CLUSTER, alone) == {"b": MIB}
    small = replace(CLUSTER, vms=tuple(replace(vm, disk=3 * MIB) for vm in CLUSTER.vms))
    assert side_room(small, WORK) == {"b": (12 - 6) * MIB}


def test_room_on_the_side_is_told_in_the_script() -> None:
    small = replace(CLUSTER, vms=tuple(replace(vm, disk=3 * MIB) for vm in CLUSTER.vms))
    told = f"b: writes at most {12 * MIB} bytes, {6 * MIB} more than the plan counts"
    assert told in runbook_script(small, WORK)


def test_a_vm_without_a_diff_is_only_started() -> None:
    script = runbook_script(CLUSTER, replace(WORK, rebuilds=(Rebuild(vm="bare", server="b"),)))
    assert "vm_1() {\n    image b bare -\n}" in script


def test_a_failure_of_a_plan_gives_a_script_like_a_schedule() -> None:
    made = plan(CLUSTER, method="greedy")
    recovery = next(it for it in made.recoveries if it.failure == "a")
    assert runbook_script(CLUSTER, recovery).count("rebuild vm_") == 3


def test_lost_vms_are_told() -> None:
    schedule = recover(CLUSTER, Placement(), ["a"])
    assert "NOT REBUILT: shop (data lost)" in runbook_script(CLUSTER, schedule)


def test_a_schedule_of_another_cluster_is_refused() -> None:
    schedule = recover(CLUSTER, STORED, ["a"])
    with pytest.raises(OtherCluster):
        runbook_script(replace(CLUSTER, vms=()), schedule)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"transfers": (sending(0, 9 * MIB),)}, "bytes 0 to 9437184 of diff 'base'"),
        ({"transfers": (sending(0, 5), sending(4, 9))}, "each sent once"),
        ({"transfers": (sending(5, 5),)}, "bytes 5 to 5"),
        ({"transfers": (sending(0, 5, diff="other"),)}, "diff 'other'"),
        ({"transfers": (sending(0, 5, source="z"),)}, "server 'z'"),
        ({"transfers": (replace(sending(0, 5), target="c"),)}, "a transfer of diff 'base' to 'c'"),
        ({"rebuilds": (Rebuild(vm="x", server="b"),)}, "VM 'x'"),
        ({"rebuilds": (Rebuild(vm="shop", server="x"),)}, "server 'x'"),
    ],
)
def test_a_recovery_that_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        runbook_script(CLUSTER, replace(WORK, **changes))  # type: ignore[arg-type]


def test_a_diff_without_bytes_is_no_image() -> None:
    empty = replace(CLUSTER, diffs=(Diff(name="base", size=0), *CLUSTER.diffs[1:]))
    with pytest.raises(InvalidInput, match="diff 'base' of 0 bytes"):
        runbook_script(empty, WORK)


def test_the_same_work_gives_the_same_script_and_other_work_another_run() -> None:
    first, again = (runbook_script(CLUSTER, WORK) for _ in range(2))
    assert first == again
    other = runbook_script(CLUSTER, replace(WORK, transfers=(sending(0, MIB),)))
    run = next(line for line in first.splitlines() if line.startswith("run="))
    assert run not in other.splitlines()


def test_names_stand_in_no_line_of_the_script_as_they_are() -> None:
    hostile = "x\nreboot\n#'\"$(reboot)"
    cluster = Cluster(
        servers=(Server(name="a", disk=MIB), Server(name=hostile, disk=MIB)),
        diffs=(Diff(name=hostile, size=9),),
        vms=(VM(name=hostile, server="a", diff=hostile, disk=9),),
    )
    stored = Placement(stored=(Extent(diff=hostile, server=hostile, start=0, stop=9),))
    script = runbook_script(cluster, recover(cluster, stored, ["a"]))
    assert "reboot\n" not in script
    assert "$(reboot)" not in script
