"""The rule for guests that do not run is one for all tools that tell it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spareplace.cluster import Cluster
from spareplace.importers.ganeti import import_ganeti
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Imported, told
from spareplace.importers.libvirt.importing import import_libvirt
from spareplace.importers.proxmox import import_proxmox
from spareplace.importers.stopped import Stopped, when_stopped
from spareplace.parts import VM
from spareplace.planning import plan
from tests.importers.given import chain, image, text
from tests.importers.test_ganeti import lines
from tests.importers.test_libvirt import xml
from tests.importers.test_proxmox import CONFIG, CONTENT, dumped, guest, node, storage


def of_libvirt(stopped: Stopped) -> Imported:
    said = "<s:group>g</s:group>"
    sources = [
        xml("web", running=False, said=said),
        chain(image("/i/x.qcow2")),
        text("CPU(s): 8\nMemory size: 8388608 KiB\n", "b/nodeinfo.txt", "b"),
    ]
    host = Host(name="any", disk=10**12, capacity={"cpu": 8, "memory": 2**33})
    return import_libvirt(sources, every_host=host, stopped=stopped)


def of_proxmox(stopped: Stopped) -> Imported:
    entries = [node(), node("n2"), storage(), storage(at="n2")]
    entries.append(guest(name="web", status="stopped", tags="spareplace-group-g"))
    resources = dumped("resources.json", entries)
    return import_proxmox([resources, CONTENT, CONFIG], stopped=stopped)


def of_ganeti(stopped: Stopped) -> Imported:
    source = lines(
        instances="web|1024|10|1|ADMIN_down|Y|a||plain|g",
        tags="htools:iextags:g",
    )
    return import_ganeti(source, stopped=stopped)


TOOLS = [of_libvirt, of_proxmox, of_ganeti]


def rebuilds(cluster: Cluster) -> int:
    return sum(len(recovery.rebuilds) for recovery in plan(cluster, method="greedy").recoveries)


@pytest.mark.parametrize("tool", TOOLS)
def test_its_image_is_protected_and_it_demands_nothing(
    tool: Callable[[Stopped], Imported],
) -> None:
    made = tool("protect")
    (vm,) = made.cluster.vms
    assert (vm.demand, vm.groups, vm.protect) == ({}, ("g",), True)
    assert vm.diff is not None
    assert vm.disk > 0
    assert rebuilds(made.cluster) == 1
    assert "vm 'web': it does not run: its image is protected" in "\n".join(told(made.notes))


@pytest.mark.parametrize("tool", TOOLS)
def test_it_may_be_planned_for_as_if_it_ran(tool: Callable[[Stopped], Imported]) -> None:
    made = tool("run")
    (vm,) = made.cluster.vms
    assert set(vm.demand) >= {"cpu", "memory"}
    assert (vm.groups, vm.protect, rebuilds(made.cluster)) == (("g",), True, 1)
    assert "planned for as if it did" in "\n".join(told(made.notes))


@pytest.mark.parametrize("tool", TOOLS)
def test_it_may_be_left_unprotected_on_its_disk(tool: Callable[[Stopped], Imported]) -> None:
    made = tool("ignore")
    (vm,) = made.cluster.vms
    assert (vm.demand, vm.groups, vm.protect) == ({}, (), False)
    assert vm.disk == tool("protect").cluster.vms[0].disk
    assert rebuilds(made.cluster) == 0
    assert "takes its disk and is not protected" in "\n".join(told(made.notes))


@pytest.mark.parametrize("stopped", ["protect", "run", "ignore"])
def test_what_the_user_left_unprotected_stays_so(stopped: Stopped) -> None:
    vm, note = when_stopped(VM(name="web", server="a", protect=False), stopped)
    assert not vm.protect
    assert "is protected" not in note.assumed
