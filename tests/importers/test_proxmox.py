from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, read_cluster
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported, told
from spareplace.importers.known_files import NamedImage
from spareplace.importers.proxmox.dump import read_dump
from spareplace.importers.proxmox.importing import import_proxmox
from spareplace.importers.sources import Source
from spareplace.planning import plan
from spareplace.verify import check
from tests.importers.given import documented, text

GIB = 2**30


def node(name: str = "n1", **more: object) -> dict[str, object]:
    entry = {"type": "node", "node": name, "status": "online", "maxcpu": 8, "maxmem": 8 * GIB}
    return entry | more


def guest(vmid: int | str = 101, kind: str = "qemu", **more: object) -> dict[str, object]:
    entry = {"type": kind, "vmid": vmid, "node": "n1", "name": f"vm{vmid}", "status": "running"}
    return entry | {"maxcpu": 2, "maxmem": GIB} | more


def storage(name: str = "local", at: str = "n1", **more: object) -> dict[str, object]:
    entry = {"type": "storage", "storage": name, "node": at, "status": "available", "shared": 0}
    return entry | {"content": "images,iso", "maxdisk": 100 * GIB, "disk": 10 * GIB} | more


def volume(volid: str, **more: object) -> dict[str, object]:
    return {"volid": volid, "size": 10 * GIB, "used": GIB, "content": "images"} | more


def dumped(path: str, document: object) -> Source:
    folder, _, _ = path.rpartition("/")
    return text(json.dumps(document), path, folder or None)


RESOURCES = dumped("resources.json", [node(), node("n2"), storage(), storage(at="n2"), guest()])
CONTENT = dumped("n1/content-local.json", [volume("local:101/vm-101-disk-0.qcow2")])
CONFIG = dumped("n1/qemu-101.json", {"scsi0": "local:101/vm-101-disk-0.qcow2,size=10G"})


def imported(*sources: Source) -> Imported:
    """Import these, and those of one guest that they do not replace."""
    paths = {source.path for source in sources}
    usual = [it for it in (RESOURCES, CONTENT, CONFIG) if it.path not in paths]
    return import_proxmox([*usual, *sources])


def notes_of(made: Imported) -> str:
    return "\n".join(told(made.notes))


def refused(*sources: Source) -> str:
    with pytest.raises(InvalidInput) as error:
        imported(*sources)
    return str(error.value)


def test_three_documented_nodes_become_the_cluster_that_they_are() -> None:
    cluster = import_proxmox(documented()).cluster
    assert {diff.name: (diff.size, diff.parent) for diff in cluster.diffs} == {
        "base-100-disk-0": (2_147_549_184, None),
        "vm-101-disk-0": (5_368_774_656, "base-100-disk-0"),
        "vm-102-disk-0": (3_221_291_008, "base-100-disk-0"),
        "local-lvm:vm-103-disk-0": (16 * GIB, None),
        "base-200-disk-0": (2_147_549_184, None),
        "vm-201-disk-0": (4 * GIB, "base-200-disk-0"),
        "vm-202-disk-0": (GIB, None),
        "vm-302-disk-0": (7 * GIB, None),
    }
    servers = {server.name: server for server in cluster.servers}
    assert all(it.capacity == {"cpu": 16, "memory": 64 * GIB} for it in cluster.servers)
    assert [it.resident for it in cluster.servers] == [
        ("base-100-disk-0",),
        ("base-200-disk-0",),
        (),
    ]
    # pve3 has 500 GiB of which 30 are used, 7 of them by the one disk that is known.
    assert servers["pve3"].disk == 477 * GIB
    # pve1: 500 - 60 of local, 400 - 12 of local-lvm, and what its volumes take.
    volumes = 2_147_549_184 + 5_368_774_656 + 3_221_291_008 + 16 * GIB
    assert servers["pve1"].disk == (440 + 388) * GIB + volumes
    vms = {vm.name: vm for vm in cluster.vms}
    assert vms["web1"].disk == 2_147_549_184 + 5_368_774_656
    assert vms["web1"].demand == {"cpu": 2, "memory": 4 * GIB}
    assert (vms["web1"].priority, vms["web1"].groups) == (5, ("web-apart",))
    assert vms["web3"].groups == ("web-apart",)
    assert vms["web2"].allowed_servers == ("pve1", "pve3")
    assert vms["dns"].diff == "vm-202-disk-0"
    assert (vms["old"].protect, vms["old"].demand, vms["old"].diff) == (False, {}, None)
    assert (vms["files"].groups, vms["files"].diff) == (("files",), "vm-302-disk-0")
    assert "debian-12" not in vms


def test_three_documented_nodes_can_be_planned_for() -> None:
    cluster = import_proxmox(documented()).cluster
    found = plan(cluster, method="greedy")
    assert not check(cluster, found)
    assert read_cluster(cluster_text(cluster)) == cluster


def test_what_is_assumed_is_told() -> None:
    notes = notes_of(import_proxmox(documented()))
    for word in ("storage 'local-lvm' on 'pve1': it does not tell", "'web2-here': it prefers some",
                 "'dns-likes': it is not strict", "scsi0 builds on a volume that no list has",
                 "'old': it does not run", "scsi1 is on shared storage", "taken as one disk",
                 "what is assigned to them", "all its memory"):  # fmt: skip
        assert word in notes


def test_the_http_interface_and_numbers_as_text_are_read_as_well() -> None:
    entries = [node(maxmem=str(8 * GIB)), storage(shared="0"), guest(template="0", vmid="101")]
    made = imported(dumped("resources.json", {"data": entries}))
    assert made.cluster.servers[0].capacity["memory"] == 8 * GIB


def test_a_container_may_be_limited_to_a_part_of_a_cpu() -> None:
    entries = [node(maxcpu="8"), storage(), guest(102, kind="lxc", maxcpu=1.5), guest()]
    made = imported(dumped("resources.json", entries))
    assert made.cluster.vms[0].demand["cpu"] == Decimal("1.5")
    entries[0] = node(maxcpu="1e400")
    assert "maxcpu: found '1e400', expected a number" in refused(dumped("resources.json", entries))


def test_templates_with_equal_checksums_on_two_nodes_are_one_diff() -> None:
    sources = [
        dumped("n1/content-local.json", [volume("local:100/base-100-disk-0.qcow2"),
               volume("local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2")]),
        dumped("n2/content-local.json", [volume("local:200/base-200-disk-0.qcow2", used=2 * GIB)]),
        text(f"{'a' * 64}  /var/lib/vz/images/100/base-100-disk-0.qcow2\n", "n1/sha256sums", "n1"),
        text(f"{'a' * 64}  /var/lib/vz/images/200/base-200-disk-0.qcow2\n", "n2/sha256sums", "n2"),
    ]  # fmt: skip
    cluster = imported(*sources).cluster
    assert [diff.size for diff in cluster.diffs] == [2 * GIB, GIB]
    assert [it.resident for it in cluster.servers] == [("base-100-disk-0",)] * 2


def test_a_volume_is_named_in_an_images_file_as_pvesh_names_it() -> None:
    words: dict[tuple[str | None, str], NamedImage] = {
        (None, "local:101/vm-101-disk-0.qcow2"): NamedImage(file="x", diff="mine")
    }
    made = import_proxmox([RESOURCES, CONTENT, CONFIG], images=words)
    assert [diff.name for diff in made.cluster.diffs] == ["mine"]


def test_zfs_clones_are_told_by_their_names() -> None:
    content = [
        volume("zfs:base-100-disk-0", used=None),
        volume("zfs:base-100-disk-0/vm-101-disk-1", used=None, parent="base-100-disk-0@__base__"),
    ]
    made = imported(
        dumped("resources.json", [node(), storage("zfs"), guest()]),
        dumped("n1/content-zfs.json", content),
        dumped("n1/qemu-101.json", {"virtio0": "zfs:base-100-disk-0/vm-101-disk-1,size=10G"}),
    )
    assert [(it.size, it.parent) for it in made.cluster.diffs] == [
        (10 * GIB, None),
        (10 * GIB, "zfs:base-100-disk-0"),
    ]


def test_only_what_belongs_to_a_guest_or_a_template_is_a_diff() -> None:
    content = [
        volume("local:101/vm-101-disk-0.qcow2"),
        volume("local:101/vm-101-disk-7.qcow2"),  # not attached
        volume("local:iso/a.iso", content="iso"),
        volume("local:101/vm-101-cloudinit.qcow2"),
    ]
    config = {
        "scsi0": "file=local:101/vm-101-disk-0.qcow2,size=10G",
        "ide0": "local:101/vm-101-cloudinit.qcow2,media=cdrom",
        "ide2": "local:iso/a.iso,media=cdrom",
        "ide3": "none,media=cdrom",
        "unused0": "local:101/vm-101-disk-7.qcow2",
    }
    made = imported(dumped("n1/content-local.json", content), dumped("n1/qemu-101.json", config))
    assert [diff.name for diff in made.cluster.diffs] == ["vm-101-disk-0"]
    # 90 GiB are free, and one of the 10 used is a guest's.
    assert made.cluster.servers[0].disk == 91 * GIB


@pytest.mark.parametrize(
    ("config", "protect", "note"),
    [
        ({"scsi0": "/dev/disk/by-id/x"}, False, "is no volume of a storage"),
        ({"scsi0": "local:101/vm-101-disk-9.qcow2"}, False, "is in no list"),
        ({"scsi0": "nfs:101/vm-101-disk-9.qcow2"}, True, "is on shared storage"),
        ({"hostpci0": "0000:01:00.0"}, True, "it uses devices of its node"),
        ({}, True, "it has no image file here"),
    ],
)
def test_disks_of_which_no_copy_can_be_kept_are_told(
    config: dict[str, str], protect: bool, note: str
) -> None:
    resources = [node(), storage(), storage("nfs", shared=1), guest()]
    made = imported(dumped("resources.json", resources), dumped("n1/qemu-101.json", config))
    assert made.cluster.vms[0].protect is protect
    assert note in notes_of(made)


def test_a_guest_without_configuration_is_not_protected() -> None:
    made = import_proxmox([RESOURCES, CONTENT])
    assert not made.cluster.vms[0].protect
    assert "no configuration tells its disks" in notes_of(made)


def test_guests_of_one_name_are_told_apart() -> None:
    entries = [
        node(),
        storage(),
        guest(),
        guest(102, name="vm101"),
        guest(103, name="", kind="lxc"),
    ]
    made = imported(dumped("resources.json", entries))
    assert [vm.name for vm in made.cluster.vms] == ["vm101 (101)", "vm101 (102)", "ct (103)"]


def test_a_node_that_is_down_or_in_maintenance_takes_nothing() -> None:
    down = {"type": "node", "node": "n2", "status": "offline"}
    entries = [node(hastate="maintenance"), down, storage(), guest()]
    servers = imported(dumped("resources.json", entries)).cluster.servers
    assert [(it.accept_extents, it.accept_rebuilds) for it in servers] == [(False, False)] * 2
    assert [server.disk for server in servers] == [91 * GIB, 0]
    listed = import_proxmox(
        [dumped("resources.json", entries), CONTENT, CONFIG], hosts=(Host(name="n2", disk=7),)
    ).cluster.servers[1]
    assert (listed.disk, listed.accept_rebuilds) == (7, False)


def test_a_guest_whose_node_does_not_tell_how_it_is_may_run() -> None:
    # What /cluster/resources has of a guest of which pvestatd sent nothing for a while.
    entry = {"type": "qemu", "vmid": 101, "node": "n1", "status": "unknown"}
    made = imported(dumped("resources.json", [node(), storage(), entry]))
    (vm,) = made.cluster.vms
    assert (vm.name, vm.protect, vm.demand) == ("vm (101)", True, {})
    notes = notes_of(made)
    assert "its status is 'unknown': taken to run" in notes
    assert "what is assigned to it is not told: it demands no cpu or memory" in notes
    made = imported(dumped("resources.json", [node(), storage(), guest(status="unknown")]))
    assert made.cluster.vms[0].demand == {"cpu": 2, "memory": GIB}


def test_tags_of_ours_say_what_proxmox_has_no_word_for() -> None:
    tags = "other;spareplace-group-a;spareplace-priority--2;spareplace-unprotected;spareplace-x"
    made = imported(dumped("resources.json", [node(), storage(), guest(tags=tags)]))
    (vm,) = made.cluster.vms
    assert (vm.groups, vm.priority, vm.protect) == (("a",), -2, False)
    assert "its tag 'spareplace-x' is none of ours" in notes_of(made)


def rule(name: str = "r", **more: object) -> dict[str, object]:
    return {"rule": name, "type": "node-affinity", "resources": "vm:101", "strict": 1} | more


def test_rules_that_are_no_rules_here_are_told() -> None:
    rules = [
        rule("off", nodes="n1", disable=1),
        rule("bad", nodes="n1", errors={"nodes": ["x"]}),
        rule("soft", nodes="n1", strict=0),
        rule("together", type="resource-affinity", affinity="positive"),
        rule("new", type="something"),
        rule("apart", type="resource-affinity", affinity="negative", resources="vm:101,ct:9"),
    ]
    made = imported(dumped("ha-rules.json", rules))
    notes = notes_of(made)
    for word in ("'off', HA rule 'bad': it is disabled", "'soft': it is not strict",
                 "'together': it keeps guests together", "'new': its type is not known",
                 "'apart': it names 'ct:9'"):  # fmt: skip
        assert word in notes
    assert made.cluster.vms[0].groups == ("apart",)


def test_strict_rules_of_one_guest_hold_together() -> None:
    resources = dumped("resources.json", [node(), node("n2"), node("n3"), guest(), storage(),
                       storage(at="n2"), storage(at="n3")])  # fmt: skip
    rules = dumped("ha-rules.json", [rule("a", nodes="n1,n2:3"), rule("b", nodes="n2,n3,gone")])
    assert imported(resources, rules).cluster.vms[0].allowed_servers == ("n2",)
    message = refused(resources, dumped("ha-rules.json", [rule(nodes="gone")]))
    assert "nodes: found 'gone', expected a node that there is and that vm:101 may be on" in message


def test_the_groups_of_proxmox_8_are_read_like_the_rules_that_replaced_them() -> None:
    groups = [{"group": "g", "nodes": "n2:1", "restricted": 1}, {"group": "h", "nodes": "n1"}]
    made = imported(
        dumped("ha-groups.json", groups),
        dumped("ha-resources.json", [{"sid": "vm:101", "group": "g", "type": "vm"}]),
    )
    assert made.cluster.vms[0].allowed_servers == ("n2",)
    assert "HA group 'h': it is not strict" in notes_of(made)


def test_storages_that_count_twice_and_those_that_are_away_are_told() -> None:
    entries = [node(), guest(), storage(), storage("same"), storage("away", status="unknown"),
               storage("isos", content="iso")]  # fmt: skip
    made = imported(dumped("resources.json", entries))
    assert made.cluster.servers[0].disk == 91 * GIB
    assert "storage 'away' on 'n1': it is not available" in notes_of(made)
    assert "taken to be one" in notes_of(made)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (dumped("resources.json", {}), "$: found an object, expected a list of objects"),
        (dumped("resources.json", []), "$: found no node, expected what pvesh get"),
        (dumped("resources.json", [1]), "$[0]: found 1, expected an object"),
        (dumped("resources.json", [{}]), "$[0].type: found no such key"),
        (dumped("resources.json", [node(), node()]), "$[1]: found a node again"),
        (dumped("resources.json", [node(), guest(node="x")]), "$[1].node: found 'x'"),
        (dumped("resources.json", [node(maxmem=-1)]), "$[0].maxmem: found -1, expected a whole"),
        (dumped("resources.json", [node(), storage(shared=2)]), "shared: found 2, expected 1 or 0"),
        (dumped("resources.json", [node()]), "n1/qemu-101.json: $: found the configuration of vm"),
        (dumped("resources.json", [node(), guest()]), "how large its disk is"),
        (dumped("n9/content-local.json", []), "found a folder 'n9', expected the name of a node"),
        (dumped("n1/content-local.json", [{}]), "$[0].volid: found no such key"),
        (
            dumped("n1/content-local.json", [volume("local:1/x.raw", size=None)]),
            "$[0].size: found null",
        ),
        (dumped("n1/qemu-x.json", {}), "found the name 'qemu-x.json'"),
        (dumped("n1/lxc-101.json", {}), "found the configuration of ct:101"),
        (dumped("n1/qemu-101.json", {"scsi0": 1.5}), "$.scsi0: found 1.5, expected text"),
        (
            dumped("n1/qemu-101.json", {"scsi0": "local:\ud800"}),
            "$.scsi0: found 'local:\\ud800', expected text",
        ),
        (
            dumped("resources.json", [node(), storage(), guest(tags="spareplace-priority-high")]),
            "$[2].tags: found 'spareplace-priority-high'",
        ),
        (text('[{"type": "node"', "resources.json", None), "resources.json: $"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told(source: Source, message: str) -> None:
    assert message in refused(source)


def test_volumes_that_build_on_each_other_are_refused() -> None:
    loop = [volume("local:100/base-100-disk-0.qcow2/101/base-101-disk-0.qcow2"),
            volume("local:101/base-101-disk-0.qcow2/100/base-100-disk-0.qcow2")]  # fmt: skip
    config = {"scsi0": "local:101/base-101-disk-0.qcow2"}
    message = refused(dumped("n1/content-local.json", loop), dumped("n1/qemu-101.json", config))
    assert "a chain that comes back to" in message


def test_a_folder_is_read_with_the_folders_in_it(tmp_path: Path) -> None:
    (tmp_path / "n1").mkdir()
    (tmp_path / "resources.json").write_text("[]")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "n1" / "qemu-1.json").write_text("{}")
    found = read_dump([str(tmp_path), str(tmp_path / "resources.json")])
    assert [(source.name, source.host) for source in found] == [
        ("resources.json", None),
        ("qemu-1.json", "n1"),
    ]
    with pytest.raises(InvalidInput, match="no such file"):
        read_dump([str(tmp_path / "none")])


def test_a_file_that_no_name_explains_is_passed_over_and_told() -> None:
    assert "file 'n1/x.txt': its name is none" in notes_of(imported(text("", "n1/x.txt", "n1")))
