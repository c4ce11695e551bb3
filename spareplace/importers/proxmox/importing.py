"""A cluster from dumps of ``pvesh get ... --output-format json`` on a Proxmox VE cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spareplace.importers.guests import DiskCount, Guest, cluster_of
from spareplace.importers.hosts import Host, known_hosts
from spareplace.importers.images import Files, chain_from
from spareplace.importers.imported import Imported, Note
from spareplace.importers.known_files import Known, NamedImage, all_checksums, unmatched
from spareplace.importers.proxmox.machines import Known as Around
from spareplace.importers.proxmox.machines import guests_of, read_configs
from spareplace.importers.proxmox.resources import Resources, Storage, read_resources
from spareplace.importers.proxmox.rules import read_rules
from spareplace.importers.proxmox.volumes import Volumes, is_base, read_volumes, sums_by_name
from spareplace.importers.sources import Source, refused
from spareplace.importers.stopped import Stopped


def import_proxmox(
    sources: Sequence[Source],
    *,
    hosts: Sequence[Host] = (),
    every_host: Host | None = None,
    images: Mapping[tuple[str | None, str], NamedImage] | None = None,
    vm_disk: DiskCount = "allocated",
    stopped: Stopped = "protect",
) -> Imported:
    """Make a cluster of what ``pvesh get ... --output-format json`` prints.

    Parameters
    ----------
    sources
        Told apart by their names. Of the whole cluster: ``resources*``, the output for
        ``/cluster/resources``; and if there are any, ``ha-rules*`` for ``/cluster/ha/rules``, or,
        before Proxmox VE 9, ``ha-groups*`` and ``ha-resources*``. Of each node: ``content-*`` for
        ``/nodes/NODE/storage/STORAGE/content`` of each storage that is not shared;
        ``qemu-NUMBER.json`` or ``lxc-NUMBER.json`` for ``/nodes/NODE/qemu/NUMBER/config`` of each
        guest; and ``*sha256*``, the output of sha256sum for templates' files.
    hosts
        What hosts have; it counts more than what Proxmox VE says.
    every_host
        What each host has of which nothing else tells it; its name does not matter.
    images
        What the user says of volumes, by node (``None`` for any) and volume.
    vm_disk
        What a VM takes, as in `import_qemu`.
    stopped
        What is planned for guests that do not run.

    Raises
    ------
    InvalidInput
        If a source is not such an output, contradicts another one, or does not tell how large
        the disk of a node is.
    """
    notes: list[Note] = []
    kinds = _by_kind(sources, notes)
    resources = read_resources(kinds["resources"])
    if not resources.nodes:
        where = ", ".join(source.path for source in kinds["resources"]) or "the dump"
        raise refused(where, "$", "no node", "what pvesh get /cluster/resources prints")
    volumes = read_volumes(kinds["content"], resources, notes)
    sids = {it.sid for it in resources.machines.values() if not it.template}
    asked = read_rules(
        kinds["ha-rules"],
        kinds["ha-groups"],
        kinds["ha-resources"],
        list(resources.nodes),
        sids,
        notes,
    )
    configs = read_configs(kinds["config"], resources)
    around = Around(resources=resources, volumes=volumes, asked=asked, configs=configs)
    guests = guests_of(around, notes)
    files = _needed(guests, volumes)
    found = [_host(name, resources, files, notes) for name in resources.nodes]
    down = {node.name for node in resources.nodes.values() if not node.up}
    all_hosts = [
        replace(it, accept_extents=False, accept_rebuilds=False) if it.name in down else it
        for it in known_hosts(found, hosts, every_host)
    ]
    sums = sums_by_name(all_checksums(kinds["sha256"]), files)
    known = Known(sums=sums, images=images or {})
    made = cluster_of(guests, files, all_hosts, known, vm_disk, stopped)
    if guests:
        assumed = "their demands are what is assigned to them, not what they use"
        give = "take demands from measured use with import usage"
        notes.append(Note(about=f"all {len(guests)} VMs", assumed=assumed, give=give))
    notes += unmatched(known, files)
    return Imported(cluster=made.cluster, notes=(*notes, *made.notes), disks=made.disks)


_KINDS = ("resources", "ha-rules", "ha-groups", "ha-resources", "content", "sha256")


def _by_kind(sources: Iterable[Source], notes: list[Note]) -> defaultdict[str, list[Source]]:
    """Tell sources apart by their names."""
    kinds: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        name = source.name.lower()
        kind = next((kind for kind in _KINDS if name.startswith(kind)), "")
        if "sha256" in name:
            kind = "sha256"
        elif name.startswith(("qemu-", "lxc-")):
            kind = "config"
        if kind:
            kinds[kind].append(source)
        else:
            assumed = "its name is none that tells what it is: not read"
            notes.append(Note(about=f"file {source.path!r}", assumed=assumed))
    return kinds


def _needed(guests: Iterable[Guest], volumes: Volumes) -> Files:
    """Give the volumes that count: those of guests and what is below, and those of templates."""
    needed = {
        (guest.host, file.path)
        for guest in guests
        for disk in guest.disks
        for file in chain_from(volumes.files, guest.host, disk)
    }
    needed |= {place for place in volumes.files if is_base(place[1]) and volumes.whole(*place)}
    return {place: file for place, file in volumes.files.items() if place in needed}


def _host(name: str, resources: Resources, files: Files, notes: list[Note]) -> Host:
    """Say what a node has: what its local storages have free, and what the volumes take."""
    about, node = f"server {name!r}", resources.nodes[name]
    if not node.up:
        notes.append(Note(about=about, assumed="it is down or in maintenance: it takes nothing"))
    capacity = {
        what: much
        for what, much in (("cpu", node.cpus), ("memory", node.memory))
        if much is not None
    }
    if capacity:
        assumed = "all its memory is taken to be for VMs, although it needs some itself"
        notes.append(Note(about=about, assumed=assumed, give=_GIVE))
    disk = _disk(name, about, resources, files, notes)
    if disk is None and not node.up:
        disk = 0
    return Host(name=name, disk=disk, capacity=capacity)


_GIVE = "list it in the hosts file (--hosts)"


def _disk(
    name: str, about: str, resources: Resources, files: Files, notes: list[Note]
) -> int | None:
    local = [
        it for it in resources.storages.values()
        if it.node == name and it.holds_images and not it.shared
    ]  # fmt: skip
    there: list[Storage] = []
    for it in local:
        if it.size is None:
            storage = f"storage {it.name!r} on {name!r}"
            notes.append(Note(about=storage, assumed="it is not available: passed over"))
        elif any((it.size, it.used) == (other.size, other.used) for other in there):
            assumed = "local storages of one size with as much used are taken to be one"
            notes.append(Note(about=about, assumed=assumed, give=_GIVE))
        else:
            there.append(it)
    if not there:
        return None
    if len(there) > 1:
        assumed = "its local storages are taken as one disk; those that share a pool count twice"
        notes.append(Note(about=about, assumed=assumed, give=_GIVE))
    total = sum(it.size or 0 for it in there)
    free = sum(max(0, (it.size or 0) - (it.used or 0)) for it in there)
    disk = min(total, free + sum(it.actual_size for it in files.values() if it.host == name))
    if disk < total:
        taken = f"{about} ({total - disk} of {total} bytes)"
        assumed = "neither free nor a disk of a guest or template: taken off its disk"
        notes.append(Note(about=taken, assumed=assumed))
    return disk
