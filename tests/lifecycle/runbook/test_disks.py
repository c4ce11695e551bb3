from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace import (
    VM,
    Cluster,
    Diff,
    Extent,
    InvalidInput,
    Placement,
    Rebuild,
    Recovery,
    Server,
    moves_between,
)
from spareplace.disks.chains import disks_in
from spareplace.lifecycle.runbook import (
    DiskChain,
    VMDisks,
    runbook_script,
    side_room,
)

MIB = 2**20

CLUSTER = Cluster(
    servers=tuple(Server(name=name, disk=100 * MIB) for name in "ab"),
    diffs=(
        Diff(name="debian", size=8 * MIB),
        Diff(name="db", size=2 * MIB, parent="debian"),
        Diff(name="log", size=MIB, parent="db"),
        Diff(name="data", size=4 * MIB, parent="log"),
    ),
    vms=(
        VM(name="db", server="a", diff="data", disk=15 * MIB),
        VM(name="web", server="a", diff="db", disk=10 * MIB),
        VM(name="bare", server="a"),
    ),
)
WORK = Recovery(
    failure="a",
    weight=1.0,
    transfer_bytes=0,
    rebuilds=(Rebuild(vm="db", server="b"), Rebuild(vm="web", server="b")),
)


def told(vm: str, *chains: str) -> VMDisks:
    return VMDisks(vm=vm, disks=tuple(DiskChain(chain=tuple(it.split())) for it in chains))


THREE = told("db", "debian db", "debian log", "data")


def test_each_diff_is_put_on_what_its_file_builds_on() -> None:
    script = runbook_script(CLUSTER, WORK, [THREE])
    begun = script[script.index("vm_1() {") : script.index("target_1()")]
    lines = [it.strip() for it in begun.splitlines() if "finish" in it or "image" in it]
    assert lines == [
        "finish b debian -",
        "finish b db debian",
        "finish b log debian",
        "finish b data -",
        "image b db db log data",
        "image b web db",
    ]
    assert "on b vacant db 3\n" in script
    assert "on b vacant web 1\n" in script


def test_a_vm_that_is_not_listed_has_one_disk_or_none() -> None:
    disks = disks_in(CLUSTER)
    assert disks.chains["db"] == (("debian", "db", "log", "data"),)
    assert disks.chains["bare"] == ()
    assert disks.parents["log"] == "db"


def test_the_room_of_an_image_is_counted_for_each_disk() -> None:
    alone = replace(WORK, rebuilds=WORK.rebuilds[:1])
    assert side_room(CLUSTER, alone) == {"b": MIB}
    assert side_room(CLUSTER, alone, [THREE]) == {"b": 3 * MIB}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([told("dbx", "debian")], r"vms\[0\]\.vm: found 'dbx'"),
        ([THREE, THREE], r"vms\[1\]\.vm: found 'db' again"),
        ([told("db", "debian db log")], "expected those of the chain of 'db': 'debian', 'db', 'lo"),
        ([told("db", "debian db log data", "other")], "found the diffs .* 'other'"),
        ([told("db")], "found the diffs none"),
        ([told("bare", "debian")], "the chain of 'bare': none"),
        ([told("db", "debian db log data", "")], r"disks\[1\]\.chain: found none"),
        ([told("db", "debian db log data data")], r"disks\[0\]\.chain"),
        ([told("db", "debian db log", "log data", "data")], "a file builds on one"),
        ([told("db", "debian db log data"), told("web", "debian", "db")], "diff 'db' on None in"),
    ],
)
def test_disks_that_cannot_be_are_refused(given: list[VMDisks], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        runbook_script(CLUSTER, WORK, given)


def test_moves_are_the_same_whatever_disks_there_are() -> None:
    stored = Placement(stored=(Extent(diff="data", server="b", start=0, stop=MIB),))
    moves = moves_between(CLUSTER, Placement(), stored)
    assert runbook_script(CLUSTER, moves, [THREE]) == runbook_script(CLUSTER, moves)
