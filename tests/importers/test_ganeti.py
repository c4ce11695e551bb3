from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, read_cluster
from spareplace.importers.ganeti.importing import Mirrors, import_ganeti
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported, told
from spareplace.importers.sources import Source, read_source
from spareplace.planning import plan
from spareplace.verify import check
from tests.importers.given import GANETI, text

MIB, GIB = 2**20, 2**30


def recorded(mirrors: Mirrors = "kept") -> Imported:
    return import_ganeti(read_source(GANETI), mirrors=mirrors, zone_kind="rack")


def notes_of(made: Imported) -> str:
    return "\n".join(told(made.notes))


def lines(
    nodes: str = "a|4096|0|3072|100|90|4|N|u\nb|4096|0|4096|100|100|4|N|u",
    instances: str = "web|1024|10|1|running|Y|a||plain|",
    tags: str = "",
    policy: str = "",
    groups: str = "default|u|preferred|",
) -> Source:
    parts = [groups, nodes, instances, tags, policy]
    return text("\n".join(f"{part}\n" if part else "" for part in parts), "ganeti.data", None)


def imported(source: Source) -> Cluster:
    return import_ganeti(source).cluster


def refused(source: Source) -> str:
    with pytest.raises(InvalidInput) as error:
        import_ganeti(source)
    return str(error.value)


def test_a_recorded_file_becomes_the_cluster_that_it_is() -> None:
    cluster = recorded().cluster
    servers = {server.name.split(".")[0]: server for server in cluster.servers}
    # Node 1 has 512000 MiB, of which 40960 are unaccounted for, and one mirrored disk of 40960.
    assert servers["node1"].disk == (512000 - 40960 - 40960) * MIB
    # Node 2 has another such disk, and node 3 the mirrors of both.
    assert [servers[name].disk for name in ("node2", "node3")] == [
        (512000 - 40960) * MIB,
        (512000 - 81920) * MIB,
    ]
    # 8 CPUs at 2.5 and at 4.0 virtual ones, less the one of the node itself.
    assert servers["node1"].capacity == {"cpu": 19, "memory": (32768 - 1024) * MIB}
    assert servers["node4"].capacity["cpu"] == 31
    assert [server.zone for server in cluster.servers] == ["1", "1", "1", "2", "2", None]
    assert not servers["node6"].accept_extents
    assert not servers["node6"].accept_rebuilds
    rack1 = tuple(f"node{number}.example.com" for number in (1, 2, 3))
    vms = {vm.name.split(".")[0]: vm for vm in cluster.vms}
    assert vms["web1"].allowed_servers == rack1[::2]
    assert (vms["web1"].diff, vms["web1"].disk) == (None, 0)
    assert vms["web1"].groups == vms["web2"].groups == ("service:web",)
    assert (vms["db1"].diff, vms["db1"].disk) == ("db1.example.com", 60 * GIB)
    assert (vms["db1"].priority, vms["db1"].allowed_servers) == (9, rack1)
    assert vms["db1"].demand == {"cpu": 4, "memory": 6 * GIB}
    assert (vms["old"].demand, vms["test"].protect) == ({}, False)
    assert (vms["tiny"].diff, vms["tiny"].disk) == (None, 0)
    assert {diff.name.split(".")[0]: diff.size for diff in cluster.diffs} == {
        "db1": 60 * GIB,
        "old": 20 * GIB,
        "test": 20 * GIB,
        "mail": 30 * GIB,
    }


def test_a_recorded_file_can_be_planned_for() -> None:
    for mirrors in ("kept", "planned"):
        cluster = recorded("kept" if mirrors == "kept" else "planned").cluster
        found = plan(cluster, method="greedy")
        assert not check(cluster, found)
        assert read_cluster(cluster_text(cluster)) == cluster


def test_mirrors_that_are_planned_are_images_of_their_own() -> None:
    cluster = recorded("planned").cluster
    web = next(vm for vm in cluster.vms if vm.name == "web1.example.com")
    assert (web.diff, web.disk) == ("web1.example.com", 40 * GIB)
    assert next(server.disk for server in cluster.servers) == (512000 - 40960) * MIB


def test_what_is_assumed_is_told() -> None:
    notes = notes_of(recorded())
    for word in ("node6.example.com': it is offline", "(42949672960 bytes of disk)",
                 "DRBD mirror is kept", "'old.example.com': it does not run",
                 "its auto_balance is N", "its disks are ext", "assigned to them"):  # fmt: skip
        assert word in notes
    assert "kinds of location" not in notes
    assert "2 kinds of location are named: 'power'" in notes_of(import_ganeti(read_source(GANETI)))


def test_columns_that_may_be_left_out_are_filled_in_as_htools_do() -> None:
    cluster = imported(lines())
    assert cluster.servers[0].capacity == {"cpu": 15, "memory": 4096 * MIB}
    assert "no policy" in notes_of(import_ganeti(lines()))


def test_what_is_neither_free_nor_an_instance_s_is_taken_off() -> None:
    cluster = imported(lines(nodes="a|4096|512|1024|100|60|4|N|u\nb|4096|0|9999|100|999|4|N|u"))
    assert [server.disk for server in cluster.servers] == [70 * MIB, 100 * MIB]
    assert [server.capacity["memory"] for server in cluster.servers] == [2048 * MIB, 4096 * MIB]


def test_spindles_count_where_somebody_set_them() -> None:
    nodes = "a|4096|0|3072|100|90|4|N|u|2\nb|4096|0|4096|100|100|4|N|u|1"
    policy = "default|1,1,1,1,1,1|1,1,1,1,1,1;1,1,1,1,1,1|plain|4.0|1.5"
    cluster = imported(lines(nodes, "web|1024|10|1|running|Y|a||plain||3", policy=policy))
    assert [server.capacity["spindles"] for server in cluster.servers] == [3, 1]
    assert cluster.vms[0].demand["spindles"] == 3


def test_a_forthcoming_instance_takes_its_room_and_is_not_protected() -> None:
    made = imported(lines(instances="web|1024|10|1|running|Y|a||plain||1|-|Y"))
    assert made.vms[0].demand["memory"] == 1024 * MIB
    assert not made.vms[0].protect


@pytest.mark.parametrize("status", ["ADMIN_down", "ADMIN_offline", "ERROR_down", "USER_down"])
def test_the_memory_of_an_instance_that_is_down_is_free(status: str) -> None:
    # hbal 3.0.2 lists such an instance with no memory, and misses what is then not free.
    source = lines(instances=f"web|1024|10|1|{status}|Y|a||plain|")
    cluster = imported(source)
    assert cluster.vms[0].demand == {}
    assert cluster.servers[0].capacity["memory"] == 3072 * MIB


def test_our_tags_say_what_ganeti_has_no_word_for() -> None:
    said = "spareplace:priority:-3,spareplace:copy:no,spareplace-group:x"
    source = lines(
        instances=f"web|1024|10|1|running|Y|a||plain|{said}",
        tags="htools:iextags:spareplace-group",
    )
    (vm,) = imported(source).vms
    assert (vm.priority, vm.diff, vm.disk, vm.groups) == (-3, None, 10 * MIB, ("x",))


def test_hosts_that_are_listed_count_more_but_no_node_comes_back_by_it() -> None:
    hosts = (Host(name="a", disk=5, zone="z"), Host(name="c", disk=7))
    source = lines(nodes="a|4096|0|3072|100|90|4|Y|u\nb|4096|0|4096|100|100|4|N|u")
    servers = import_ganeti(source, hosts=hosts).cluster.servers
    assert [(it.name, it.disk, it.zone) for it in servers[::2]] == [("a", 5, "z"), ("c", 7, None)]
    assert not servers[0].accept_rebuilds


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (text("", "g", None), "$: found 1 sections, expected 4 or more"),
        (text("a|b|c|d\n\nx|1\n\n\n", "g", None), "line 3: found 2 columns, expected at least 9"),
        (lines(nodes=""), "$: found no nodes"),
        (lines(nodes="a|4096|0|3072|100|90|4|N|v"), "group: found node group 'v'"),
        (lines(nodes="a|x|0|3072|100|90|4|N|u"), "line 3, t_mem: found 'x', expected a number"),
        (lines(nodes="a|1e15|0|3072|100|90|4|N|u"), "t_mem: found 1E+15 MiB"),
        (lines(nodes="a|1|0|1|1|1|1|N|u\na|1|0|1|1|1|1|N|u"), "line 4: found node 'a' again"),
        (lines(instances="w|1|1|1|running|Y|c||plain|"), "primary: found 'c', expected a node"),
        (lines(instances="w|1|1|1|up|Y|a||plain|"), "status: found 'up', expected one of ADMIN"),
        (lines(instances="w|1|1|1.5|running|Y|a||plain|"), "vCPUs: found 1.5, expected a whole"),
        (lines(instances="w|1|1|1|running|Y|a||raid|"), "disk template: found 'raid'"),
        (lines(instances="w|1|1|1|running|Y|a|a|drbd|"), "found the primary node again"),
        (lines(instances="w|1|1|1|running|Y|a||drbd|"), "secondary: found no other node"),
        (
            lines(instances="w|1|1|1|running|Y|a||plain|spareplace:priority:high"),
            "tags: found 'spareplace:priority:high'",
        ),
        (lines(policy="default|x"), "found 2 columns, expected at least 6"),
        (replace(lines(), content=b"\xff"), "found no UTF-8: 0xff"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told(source: Source, message: str) -> None:
    assert message in refused(source)


def test_a_kind_of_location_that_nobody_named_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match="no kind of location 'row', expected one of power, rack"
    ):
        import_ganeti(read_source(GANETI), zone_kind="row")


def test_a_ratio_of_many_digits_stays_exact() -> None:
    policy = f"default|1,1,1,1,1,1|1,1,1,1,1,1;1,1,1,1,1,1|plain|1.{'3' * 30}|32"
    assert imported(lines(policy=policy)).servers[0].capacity["cpu"] == Decimal(4)
