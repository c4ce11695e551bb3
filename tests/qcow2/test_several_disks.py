"""VMs with several disks: rebuilt from real images, each disk compared with the lost one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import TypeAlias

import pytest

from examples.qcow2_cluster.proof import is_identical
from examples.qcow2_cluster.servers import Servers
from spareplace import (
    Cluster,
    Extent,
    Placement,
    RecoverySchedule,
    difference_forest,
    moves_between,
    recover,
    save_differences,
)
from spareplace.filenames import file_name
from spareplace.importers import Host, Source, import_qemu, read_images
from spareplace.lifecycle.runbook import (
    DiskChain,
    VMDisks,
    read_disks,
    runbook_script,
    side_room,
)
from tests.cli.commands import run
from tests.qcow2.needs import needs_qemu_img
from tests.qcow2.room import NOTES, taken
from tests.saving.strategies import write_raw

pytestmark = needs_qemu_img

RAW = {
    "debian": "aaaaaa",
    "shop": "aaabaa..b",
    "shop-data": "cdef",
    "db": "aacaaa",
    "db-log": "aaaaad...d",
    "wiki": "aeaaaa",
}
DISKS = {"my shop": ("a", ["shop", "shop-data"]), "db": ("b", ["db", "db-log"]),
         "wiki": ("c", ["wiki"])}  # fmt: skip
"""By VM, where it runs and what its disks are called."""

TOLD = (
    VMDisks(
        vm="my shop", disks=(DiskChain(chain=("shop-data",)), DiskChain(chain=("debian", "shop")))
    ),
    VMDisks(
        vm="db", disks=(DiskChain(chain=("debian", "db")), DiskChain(chain=("debian", "db-log")))
    ),
)
"""The second disk of my shop is its first, and both disks of db build on one file."""


World: TypeAlias = tuple[Servers, Cluster, Placement]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three servers with the images of three VMs, as a hypervisor would have them, and with each
    diff in thirds on two servers each, stored by a script."""
    folder = tmp_path_factory.mktemp("disks")
    (folder / "forest").mkdir()
    raw = {name: write_raw(folder / f"{file_name(name)}.raw", text) for name, text in RAW.items()}
    forest = save_differences(difference_forest(raw), folder / "forest")
    assert {it.name: it.parent for it in forest.diffs}["shop-data"] is None
    servers = Servers(folder=folder / "servers")
    for server, disks in DISKS.values():
        for disk in disks:
            servers.save(server, forest, disk)
    cluster = imported(servers)
    thirds = Placement(
        stored=tuple(
            Extent(
                diff=diff.name, server=server, start=diff.size * at // 3, stop=diff.size * -~at // 3
            )
            for diff in cluster.diffs
            for at, names in enumerate(("ab", "bc", "ca"))
            for server in names
        )
    )
    servers.run(cluster, moves_between(cluster, Placement(), thirds), "store")
    return servers, cluster, thirds


def told_by_qemu_img(servers: Servers) -> list[Source]:
    sources = []
    for server, disks in DISKS.values():
        for disk in disks:
            file = f"saved/{file_name(disk)}.qcow2"
            command = ["qemu-img", "info", "-U", "--backing-chain", "--output=json", file]
            done = subprocess.run(command, cwd=servers.of(server), capture_output=True, check=True)
            path = f"{server}/{file_name(disk)}.json"
            sources.append(Source(path=path, content=done.stdout, host=server))
    return sources


IMAGES = """file,diff,vm
saved/debian.qcow2,debian,
saved/shop-data.qcow2,shop-data,my shop
saved/shop.qcow2,shop,my shop
saved/db.qcow2,db,db
saved/db-log.qcow2,db-log,db
saved/wiki.qcow2,wiki,wiki
"""
"""What the user says of them."""


def imported(servers: Servers) -> Cluster:
    images = read_images(Source(path="images.csv", content=IMAGES.encode()))
    hosts = [Host(name=name, disk=10**8) for name in "abc"]
    return import_qemu(told_by_qemu_img(servers), hosts=hosts, images=images).cluster


@pytest.fixture
def stored(world: World, tmp_path: Path) -> World:
    """A copy of it."""
    servers, cluster, placement = world
    return servers.copy(tmp_path / "servers"), cluster, placement


def same_disks(servers: Servers, full: Path, vm: str, server: str) -> bool:
    told = {it.vm: it.disks for it in TOLD}
    if vm not in told:
        return is_identical(servers.image(server, vm), full / f"{vm}.raw")
    folder = servers.of(server) / "images" / f"{file_name(vm)}.disks"
    return len(list(folder.iterdir())) == len(told[vm]) and all(
        is_identical(folder / f"{number}.qcow2", full / f"{file_name(disk.chain[-1])}.raw")
        for number, disk in enumerate(told[vm], start=1)
    )


@pytest.mark.parametrize("failed", "abc")
def test_every_disk_of_a_lost_vm_is_the_lost_one_and_no_byte_more_is_sent(
    world: World, stored: World, failed: str
) -> None:
    servers, cluster, placement = stored
    schedule = recover(cluster, placement, [failed])
    servers.lose([failed])
    assert servers.run(cluster, schedule, "recover", TOLD) == schedule.transfer_bytes > 0
    full = world[0].folder.parent
    for it in schedule.rebuilds:
        assert same_disks(servers, full, it.vm, it.server)


def test_commands_lead_from_what_qemu_img_says_to_every_disk_of_a_lost_vm(
    world: World, stored: World, tmp_path: Path
) -> None:
    servers, _, _ = stored
    for server in "abc":  # as it is before anything was planned
        for held in servers.of(server).iterdir():
            if held.name != "saved":
                shutil.rmtree(held) if held.is_dir() else held.unlink()
    for source in told_by_qemu_img(servers):
        path = tmp_path / "dump" / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.content)
    hosts, images = tmp_path / "hosts.csv", tmp_path / "images.csv"
    hosts.write_text("name,disk\na,100MB\nb,100MB\nc,100MB\n")
    images.write_text(IMAGES)
    cluster, disks, plan, script = (str(tmp_path / it) for it in ("c", "d", "p", "s.sh"))
    options = ("--hosts", str(hosts), "--images", str(images), "--disks-output", disks)
    assert run("import", "qemu", str(tmp_path / "dump"), *options, "-o", cluster).exit_code == 0
    assert sorted(read_disks(Path(disks).read_text()), key=repr) == sorted(TOLD, key=repr)
    assert run("plan", cluster, "--method", "greedy", "-o", plan).exit_code == 0
    way = {**os.environ, "ROOT": str(servers.folder)}
    assert run("runbook", cluster, "--to", plan, "-o", script).exit_code == 0
    subprocess.run(["sh", script], env=way, check=True, capture_output=True)
    servers.lose(["a"])
    words = (cluster, plan, "--failed", "a", "--disks", disks, "-o", script)
    assert run("runbook", *words).exit_code == 0
    subprocess.run(["sh", script], env=way, check=True, capture_output=True)
    (target,) = {it for it in "bc" if (servers.of(it) / "images" / "my%20shop.disks").is_dir()}
    assert same_disks(servers, world[0].folder.parent, "my shop", target)


def run_of(
    servers: Servers, cluster: Cluster, schedule: RecoverySchedule, disks: tuple[VMDisks, ...]
) -> subprocess.CompletedProcess[bytes]:
    script = servers.folder.parent / "script.sh"
    script.write_text(runbook_script(cluster, schedule, disks), encoding="utf-8")
    way = {"ROOT": str(servers.folder), "START_VM": "printf [%s]"}
    return subprocess.run(
        ["sh", script.name], cwd=script.parent, env={**os.environ, **way}, capture_output=True
    )


def test_it_is_started_with_all_its_disks_when_all_are_right_and_not_before(
    stored: World,
) -> None:
    servers, cluster, placement = stored
    schedule = recover(cluster, placement, ["a"])
    servers.lose(["a"])
    (target,) = {it.server for it in schedule.rebuilds}
    stored_files = [it for at in "bc" for it in servers.of(at).glob("store/shop-data/*[0-9]")]
    right = [path.read_bytes() for path in stored_files]
    for path, held in zip(stored_files, right, strict=True):
        path.write_bytes(bytes(len(held)))
    done = run_of(servers, cluster, schedule, TOLD)
    assert done.returncode == 1
    assert b"shop-data is not as it was saved" in done.stderr
    assert b"[" not in done.stdout
    assert not (servers.of(target) / "images").exists()
    for path, held in zip(stored_files, right, strict=True):
        path.write_bytes(held)
    done = run_of(servers, cluster, schedule, TOLD)
    assert done.returncode == 0, done.stderr
    images = [servers.of(target) / "images" / "my%20shop.disks" / f"{at}.qcow2" for at in (1, 2)]
    assert f"[my%20shop][{images[0]}][{images[1]}]".encode() in done.stdout


def test_without_its_disks_it_is_not_taken_for_one_disk(
    stored: World,
) -> None:
    servers, cluster, placement = stored
    schedule = recover(cluster, placement, ["a"])
    servers.lose(["a"])
    done = run_of(servers, cluster, schedule, ())
    assert done.returncode == 1
    assert b"builds on nothing, and should on shop" in done.stderr
    assert b"[" not in done.stdout


TICK = """set -T
RANDOM=$(((SEED * 7919 + $$) % 32768))
trap 'if ((RANDOM % ODDS == 0)); then kill -9 -- "-$GROUP"; fi' DEBUG
"""
"""Read by every bash of a run: before any command of any of them, all may be killed."""


def cut_off(servers: Servers, script: str, seed: int, odds: int) -> int:
    """Run a script that is killed, with all that it started, before one command in `odds`."""
    folder = servers.folder.parent
    (folder / "tick").write_text(TICK)
    (folder / "script.sh").write_text(script.replace('sh -- "$script"', 'bash -- "$script"'))
    way = {"ROOT": str(servers.folder), "CHUNK": "100000", "SEED": str(seed), "ODDS": str(odds)}
    process = subprocess.Popen(
        ["bash", "-c", "export GROUP=$$ BASH_ENV=./tick; exec bash script.sh"],
        cwd=folder,
        env={**os.environ, **way},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.communicate(timeout=60)
    with open(folder / "script.sh", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # nothing is left of it
    return process.returncode


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_killed_before_any_command_it_goes_on_and_takes_no_more_room(
    world: World, stored: World
) -> None:
    servers, cluster, placement = stored
    schedule = recover(cluster, placement, ["b"])
    script = runbook_script(cluster, schedule, TOLD)
    disk = {vm.name: vm.disk for vm in cluster.vms}
    servers.lose(["b"])
    before = {name: taken(servers.of(name)) for name in "ac"}
    counted = dict(side_room(cluster, schedule, TOLD))
    for it in schedule.rebuilds:
        counted[it.server] += disk[it.vm]
    codes = []
    for seed, odds in enumerate((100, 200, 400, 800)):
        codes.append(cut_off(servers, script, seed, odds))
        for name, room in counted.items():
            assert taken(servers.of(name)) - before[name] <= room + NOTES
    assert -9 in codes
    assert servers.run(cluster, schedule, "recover", TOLD) <= schedule.transfer_bytes
    for it in schedule.rebuilds:
        assert same_disks(servers, world[0].folder.parent, it.vm, it.server)
    assert not [path for path in servers.folder.rglob("*") if path.suffix in (".part", ".draft")]
