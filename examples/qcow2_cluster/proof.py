"""What a plan says is what happens: every failure is played out on files, and then a second one."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from examples.qcow2_cluster.images import VMS, write_images
from examples.qcow2_cluster.servers import Servers
from spareplace import Cluster, Placement, Plan, moves_between, plan, recover, reprotect
from spareplace.importers import Host
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.saving import DifferenceForest, difference_forest, save_differences

MIB = 2**20

DISKS: Mapping[str, int] = {"ash": 22, "birch": 19, "cedar": 16, "dogwood": 20}
"""MiB: so few that diffs have to be split, and that something is sent in every failure."""

ADDED = 8
"""MiB that each disk gets after a failure: the servers that are left can then protect all."""

STEPS = 15
"""Batches of a search for a plan: the same plan each time, on any machine."""

SEEDS = 9
"""Searches that are tried for a plan with whole, split and duplicated diffs, in which each failure
sends something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The cluster as files, before anything fails.

    Parameters
    ----------
    full
        The full images by VM: what each has to be when it is rebuilt.
    forest
        How they are saved as differences.
    servers
        The folders of the servers.
    cluster, plan
        What they were imported as, and what is stored on them.
    sent
        The bytes that were sent to store it.
    """

    full: Mapping[str, Path]
    forest: DifferenceForest
    servers: Servers
    cluster: Cluster
    plan: Plan
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One failure that was played out.

    Parameters
    ----------
    failed
        The servers that failed, one after the other.
    planned, sent
        The bytes that the plan says are sent in the last of them, and those that were.
    rebuilt, identical
        How many VMs were rebuilt in it, and how many images equal the lost ones.
    """

    failed: tuple[str, ...]
    planned: int
    sent: int
    rebuilt: int
    identical: int


def build(folder: Path, names: Mapping[str, str] | None = None) -> World:
    """Make images, take their differences, import and plan them, and store what the plan says.

    Parameters
    ----------
    folder
        An empty folder.
    names
        Other names for VMs and servers.
    """
    called = names or {}
    (folder / "full").mkdir()
    (folder / "forest").mkdir()
    written = write_images(folder / "full")
    full = {called.get(name, name): path for name, path in written.items()}
    found = difference_forest({name: str(path) for name, path in full.items()})
    forest = save_differences(found, folder / "forest")
    servers = Servers(folder=folder / "servers")
    homes = [(called.get(vm, vm), called.get(at, at)) for vm, (at, _) in VMS.items()]
    for vm, server in homes:
        servers.save(server, forest, vm)
    disks = [Host(name=called.get(name, name), disk=mib * MIB) for name, mib in DISKS.items()]
    cluster = servers.imported(forest, homes, disks)
    made = _plan(cluster)
    sent = servers.run(cluster, moves_between(cluster, Placement(), made), "store")
    return World(full=full, forest=forest, servers=servers, cluster=cluster, plan=made, sent=sent)


def _plan(cluster: Cluster) -> Plan:
    """Plan such that there is everything to be seen: the first seed that gives such a plan."""
    size = {diff.name: diff.size for diff in cluster.diffs}
    for seed in range(SEEDS):
        made = plan(
            cluster, method="search", seed=seed, iterations=STEPS, workers=1, time_limit=None
        )
        stored: dict[str, list[int]] = defaultdict(list)
        for extent in made.stored:
            stored[extent.diff].append(extent.size)
        whole = any(max(parts) == size[diff] for diff, parts in stored.items())
        split = any(max(parts) < size[diff] for diff, parts in stored.items())
        doubled = any(sum(parts) > size[diff] for diff, parts in stored.items())
        if whole and split and doubled and all(it.transfer_bytes for it in made.recoveries):
            break
    return made


def every_failure(world: World, folder: Path) -> Iterator[Played]:
    """Play out each failure of the cluster, from the same state each time."""
    for failure in world.cluster.failures:
        servers = world.servers.copy(folder / "failing")
        schedule = recover(world.cluster, world.plan, failure.servers)
        yield _played(world, servers, world.cluster, schedule, ())
        shutil.rmtree(servers.folder)


def every_second_failure(world: World, first: str, folder: Path) -> Iterator[Played]:
    """Play out one failure, protect everything again, and play out each failure after that."""
    larger = tuple(replace(it, disk=it.disk + ADDED * MIB) for it in world.cluster.servers)
    cluster = replace(world.cluster, servers=larger)
    again = reprotect(
        cluster,
        world.plan.placement,
        [first],
        method="search",
        iterations=STEPS,
        workers=1,
        time_limit=None,
    )
    servers = world.servers.copy(folder / "failed")
    yield _played(world, servers, cluster, again.schedule, ())
    servers.run(again.cluster, again.change.moves, "reprotect")
    for failure in again.cluster.failures:
        left = servers.copy(folder / "failing-again")
        schedule = recover(again.cluster, again.change.plan, failure.servers)
        yield _played(world, left, again.cluster, schedule, (first,))
        shutil.rmtree(left.folder)
    shutil.rmtree(servers.folder)


def _played(
    world: World,
    servers: Servers,
    cluster: Cluster,
    schedule: RecoverySchedule,
    before: tuple[str, ...],
) -> Played:
    servers.lose(schedule.failed)
    sent = servers.run(cluster, schedule, "recover")
    images = {it.vm: servers.image(it.server, it.vm) for it in schedule.rebuilds}
    return Played(
        failed=(*before, *schedule.failed),
        planned=schedule.transfer_bytes,
        sent=sent,
        rebuilt=len(images),
        identical=sum(is_identical(image, world.full[vm]) for vm, image in images.items()),
    )


def is_identical(image: Path, full: Path) -> bool:
    """Let qemu-img compare an image with a full one, as a guest sees them."""
    command = ["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "raw", str(image), str(full)]
    return subprocess.run(command, check=False).returncode == 0
