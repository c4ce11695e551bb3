"""The example of real images, with names that want to act on a shell."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest

from examples.qcow2_cluster.hosts import hindrance
from examples.qcow2_cluster.images import VMS
from examples.qcow2_cluster.namespaces import recovered
from examples.qcow2_cluster.proof import World, build, every_failure, every_second_failure
from examples.qcow2_cluster.servers import Servers
from spareplace import check, recover
from spareplace.lifecycle.runbook import side_room
from tests.qcow2.needs import needs_qemu_img
from tests.qcow2.room import NOTES, taken

pytestmark = needs_qemu_img

NAMES = {
    "ash": '-ash\'s "$(reboot)"',
    "birch": "birch\n; reboot #",
    "cedar": "..",
    "dogwood": "dögwood 東",
    "shop": "my shop",
    "wiki": "wiki, {a,b}*?~`x`",
    "db": "-rf",
    "debian": "debian:12 50%",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The cluster, and what is stored in it."""
    return build(tmp_path_factory.mktemp("qcow2"), NAMES)


@pytest.fixture
def servers(world: World, tmp_path: Path) -> Servers:
    """A copy of the servers."""
    return world.servers.copy(tmp_path / "servers")


def test_what_is_imported_is_what_was_saved(world: World) -> None:
    told = {(it.name, it.parent, it.size) for it in world.forest.as_diffs()}
    assert {(it.name, it.parent, it.size) for it in world.cluster.diffs} == told
    assert {(vm.name, vm.server) for vm in world.cluster.vms} == {
        (NAMES.get(vm, vm), NAMES.get(at, at)) for vm, (at, _) in VMS.items()
    }


def test_images_are_differences_on_what_they_are_like(world: World) -> None:
    parents = {it.name: it.parent for it in world.forest.diffs}
    assert parents["my shop"] == parents["blog"] == "web"
    assert parents["web"] == parents["mail"] == "debian:12 50%"
    assert parents["alpine"] is None


def test_the_plan_is_of_whole_split_and_duplicated_diffs(world: World) -> None:
    assert not check(world.cluster, world.plan)
    size = {diff.name: diff.size for diff in world.cluster.diffs}
    stored: dict[str, list[int]] = defaultdict(list)
    for extent in world.plan.stored:
        stored[extent.diff].append(extent.size)
    assert any(max(sizes) == size[diff] for diff, sizes in stored.items())
    assert any(max(sizes) < size[diff] for diff, sizes in stored.items())
    assert any(sum(sizes) > size[diff] for diff, sizes in stored.items())


def test_to_store_what_servers_have_themselves_sends_nothing(world: World) -> None:
    own = {(vm.server, vm.name) for vm in world.cluster.vms}
    sent = sum(it.size for it in world.plan.stored if (it.server, it.diff) not in own)
    assert 0 < world.sent <= sent


def test_after_every_failure_each_image_is_the_lost_one_and_no_byte_more_is_sent(
    world: World, tmp_path: Path
) -> None:
    played = list(every_failure(world, tmp_path))
    assert len(played) == 4
    for one in played:
        assert one.sent == one.planned
        assert one.identical == one.rebuilt > 0
    assert all(one.planned for one in played)


def test_it_is_so_after_a_recovery_and_new_protection(world: World, tmp_path: Path) -> None:
    played = list(every_second_failure(world, NAMES["ash"], tmp_path))
    assert len(played) == 4
    for one in played:
        assert one.sent == one.planned
        assert one.identical == one.rebuilt > 0
    assert any(one.planned for one in played)


def test_servers_hold_no_more_than_was_counted(world: World, servers: Servers) -> None:
    schedule = recover(world.cluster, world.plan, [NAMES["ash"]])
    disk = {vm.name: vm.disk for vm in world.cluster.vms}
    before = {it.name: taken(servers.of(it.name)) for it in world.cluster.servers}
    servers.lose(schedule.failed)
    servers.run(world.cluster, schedule, "recover")
    for server, side in side_room(world.cluster, schedule).items():
        counted = sum(disk[it.vm] for it in schedule.rebuilds if it.server == server)
        assert taken(servers.of(server)) - before[server] <= counted + side + NOTES


def test_on_hosts_of_their_own_it_is_so_over_ssh(world: World, tmp_path: Path) -> None:
    if why := hindrance():
        pytest.skip(f"no hosts in network namespaces: {why}")
    seen = recovered(world, NAMES["ash"], tmp_path / "hosts")
    assert seen.sent == seen.planned > 0
    assert seen.identical == seen.rebuilt > 0
    # Each byte goes over the link of its target, with what ssh and the verbs need beside it.
    assert seen.planned < sum(seen.links.values()) < 1.5 * seen.planned


def test_who_is_not_root_is_told_that_there_are_no_such_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert hindrance() == "network namespaces with an sshd in each need root"
