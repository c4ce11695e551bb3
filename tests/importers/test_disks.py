"""VMs with several disks: what each file builds on, where the cluster has one chain."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.disks import DiskChain, VMDisks
from spareplace.disks.chains import disks_in
from spareplace.errors import InvalidInput
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported
from spareplace.importers.known_files import NamedImage, read_images
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.proxmox.importing import import_proxmox
from spareplace.importers.qemu.importing import import_qemu
from spareplace.importers.sources import Source
from tests.importers.given import chain, image, text

ROOM = Host(name="any", disk=10**8)

BASE = image("/i/base.qcow2", actual=50)
DATA = image("/i/data.qcow2", actual=5)


def leaf(name: str, base: str = "base", actual: int = 100) -> dict[str, object]:
    return image(f"/i/{name}.qcow2", f"/i/{base}.qcow2", actual)


def imported(*sources: Source, images: str) -> Imported:
    said = read_images(text(images, path="images"))
    return import_qemu(sources, every_host=ROOM, images=said)


def disks(made: Imported) -> dict[str, list[list[str]]]:
    """Give the disks of each VM, once it is seen that they fit the cluster."""
    disks_in(made.cluster, made.disks)
    return {it.vm: [list(disk.chain) for disk in it.disks] for it in made.disks}


def parents(made: Imported) -> dict[str, str | None]:
    return {diff.name: diff.parent for diff in made.cluster.diffs}


def test_the_disks_of_a_vm_are_told_with_what_each_builds_on() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y"), BASE),
        chain(image("/i/z.qcow2")),
        chain(leaf("alone"), BASE),
        images="file,vm\n/i/x.qcow2,web\n/i/y.qcow2,web\n/i/z.qcow2,web\n",
    )
    assert parents(made) == {"base": None, "x": "base", "y": "x", "z": "y", "alone": "base"}
    assert disks(made) == {"web": [["base", "x"], ["base", "y"], ["z"]]}


def test_they_stand_in_the_order_of_the_images_file_whichever_comes_first_in_the_chain() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y", "data"), DATA),
        images="file,vm\n/i/y.qcow2,web\n/i/x.qcow2,web\n",
    )
    assert parents(made) == {"base": None, "x": "base", "data": "x", "y": "data"}
    assert disks(made) == {"web": [["data", "y"], ["base", "x"]]}


def test_a_disk_may_be_what_another_one_builds_on() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        images="file,vm\n/i/base.qcow2,web\n/i/x.qcow2,web\n",
    )
    assert disks(made) == {"web": [["base"], ["base", "x"]]}


def test_masters_that_further_disks_of_several_vms_build_on_are_a_diff_each() -> None:
    made = imported(
        *(chain(leaf(name), BASE) for name in ("x1", "x2")),
        *(chain(leaf(name, "data"), DATA) for name in ("y1", "y2", "z2")),
        images="file,vm\n"
        + "".join(f"/i/{it}.qcow2,vm{it[1]}\n" for it in ("x1", "y1", "x2", "y2", "z2")),
    )
    assert disks(made) == {
        "vm1": [["base", "x1"], ["data of vm1", "y1"]],
        "vm2": [["base", "x2"], ["data of vm2", "y2"], ["data of vm2", "z2"]],
    }


def test_equal_differences_on_different_masters_are_two_diffs_in_one_vm_too() -> None:
    made = imported(
        chain(image("/i/x.qcow2", "/i/mid.qcow2"), leaf("mid"), BASE),
        chain(image("/i/y.qcow2", "/j/mid.qcow2"), image("/j/mid.qcow2", "/i/data.qcow2"), DATA),
        images="file,vm\n/i/x.qcow2,web\n/i/y.qcow2,web\n",
    )
    assert disks(made) == {"web": [["base", "mid", "x"], ["data", "mid of web", "y"]]}


def test_what_the_user_calls_the_diffs_of_a_second_disk_they_are_called() -> None:
    made = imported(
        chain(leaf("x"), BASE),
        chain(leaf("y", "data"), DATA),
        images="file,vm,diff\n/i/x.qcow2,web,\n/i/y.qcow2,web,log\n/i/data.qcow2,,empty disk\n",
    )
    assert disks(made) == {"web": [["base", "x"], ["empty disk", "log"]]}


@pytest.mark.parametrize("alone", [True, False])
def test_a_name_for_diffs_of_several_vms_is_that_of_the_one_that_others_can_share(
    alone: bool,
) -> None:
    further = [chain(leaf("z", "data"), DATA)] if alone else []
    made = imported(
        *(chain(leaf(name), BASE) for name in ("x1", "x2")),
        *(chain(leaf(name, "data"), DATA) for name in ("y1", "y2")),
        *further,
        images="file,vm,diff\n/i/x1.qcow2,1,\n/i/y1.qcow2,1,\n/i/x2.qcow2,2,\n/i/y2.qcow2,2,\n"
        "/i/data.qcow2,,empty\n",
    )
    assert disks(made) == {
        "1": [["base", "x1"], ["empty of 1", "y1"]],
        "2": [["base", "x2"], ["empty of 2", "y2"]],
    }
    assert ("empty" in parents(made)) is alone
    about = [note.about for note in made.notes if "not as the images file" in note.assumed]
    assert about == ["diff 'empty of 1'", "diff 'empty of 2'"]


def test_one_name_for_differences_on_different_masters_is_refused_in_second_disks_too() -> None:
    with pytest.raises(InvalidInput, match=r"'/i/y.qcow2' on host 'a', said to be diff 'd'"):
        imported(
            chain(leaf("x"), BASE),
            chain(leaf("y", "data"), DATA),
            images="file,vm,diff\n/i/x.qcow2,web,d\n/i/y.qcow2,web,d\n",
        )


FILES = st.lists(
    st.tuples(
        st.integers(0, 9),  # which of the files before it, it builds on, if that many there are
        st.sampled_from("ab"),  # its name, and so what it holds
        st.sampled_from([None, None, None, "named"]),
        st.sampled_from(["one", "two", None]),
    ),
    min_size=2,
    max_size=8,
)


@given(st.lists(FILES, min_size=1, max_size=2))
@settings(max_examples=60)
def test_whatever_builds_on_what_each_disk_is_the_diffs_of_its_files(
    hosts: list[list[tuple[int, str, str | None, str | None]]],
) -> None:
    sources, chains = [], defaultdict[str, list[list[tuple[str, str]]]](list)
    images: dict[tuple[str | None, str], NamedImage] = {}
    for host, files in zip("ab", hosts, strict=False):
        lines: list[list[tuple[str, str]]] = []
        entries: list[dict[str, object]] = []
        for number, (below, name, diff, vm) in enumerate(files):
            path, base = f"/{number}/{name}", lines[below] if below < number else []
            lines.append([*base, (host, path)])
            entries.append(image(path, base[-1][1] if base else None))
            whose = vm and f"{vm} on {host}"
            images[host, path] = NamedImage(file=path, diff=diff and f"{diff} {name}", vm=whose)
            if whose:
                chains[whose].append(lines[-1])
        sources.append(text(json.dumps([[it] for it in entries]), f"{host}/x.json", host))
    try:
        made = import_qemu(sources, every_host=ROOM, images=images)
    except InvalidInput as error:
        if "to build on the same diff as" not in str(error):
            raise
        return
    called = {(it.host, it.path, it.diff) for it in made.files}
    found = disks(made)
    assert found.keys() == {vm for vm, its in chains.items() if len(its) > 1}
    for vm, its in found.items():
        for diffs, files_of_it in zip(its, chains[vm], strict=True):
            assert len(diffs) == len(files_of_it)
            assert {(*f, d) for f, d in zip(files_of_it, diffs, strict=True)} <= called


def test_libvirt_tells_them_in_the_order_of_the_definition() -> None:
    each = "".join(
        f"<disk><source file='/i/{it}'/><target dev='{it}'/></disk>" for it in ("y", "x")
    )
    definition = (
        "<domain id='1'><name>web</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>"
        f"<devices>{each}</devices></domain>"
    )
    told = [chain(image(f"/i/{it}", "/i/base.qcow2"), BASE, path=f"a/{it}.json") for it in "xy"]
    made = import_libvirt([text(definition, "a/web.xml"), *told], every_host=ROOM)
    assert disks(made) == {"web": [["base", "y"], ["base", "x"]]}


def test_proxmox_tells_them_in_the_order_of_the_configuration() -> None:
    gib = 2**30
    node = {"type": "node", "node": "n", "status": "online", "maxcpu": 8, "maxmem": 8 * gib}
    guest = {"type": "qemu", "vmid": 101, "node": "n", "name": "web", "status": "running"}
    local = {"type": "storage", "storage": "local", "node": "n", "status": "available", "shared": 0}
    local |= {"content": "images", "maxdisk": 100 * gib, "disk": gib}
    names = [f"local:101/vm-101-disk-{number}.qcow2" for number in range(2)]
    told = [{"volid": it, "size": gib, "used": gib, "content": "images"} for it in names]
    config = {"virtio1": names[1], "scsi0": names[0]}
    made = import_proxmox(
        [
            text(json.dumps([node, guest, local]), "resources.json", None),
            text(json.dumps(told), "n/content-local.json", "n"),
            text(json.dumps(config), "n/qemu-101.json", "n"),
        ]
    )
    assert made.disks == (
        VMDisks(
            vm="web",
            disks=(DiskChain(chain=("vm-101-disk-1",)), DiskChain(chain=("vm-101-disk-0",))),
        ),
    )
