"""Guests as they are configured: their disks, and what their tags say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from spareplace.files.number_kinds import INTEGER
from spareplace.importers.guests import Guest, priority_in
from spareplace.importers.imported import Note
from spareplace.importers.proxmox.dump import Entry, entry
from spareplace.importers.proxmox.resources import KINDS, KNOWN, STOPPED, Machine, Resources
from spareplace.importers.proxmox.rules import Asked, said_in_tags
from spareplace.importers.proxmox.volumes import Volumes, split_name
from spareplace.importers.sources import Source, refused

_CONFIG = re.compile(r"(qemu|lxc)-([0-9]{1,9})\.json")
_DISK = re.compile(r"(?:ide|sata|scsi|virtio|efidisk|tpmstate|mp)[0-9]+|rootfs")
_DEVICE = re.compile(r"(?:hostpci|usb|dev)[0-9]+")
"""Keys of a configuration: disks, and devices of the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when guests are made.

    Parameters
    ----------
    resources, volumes, asked
        What the cluster says of its parts, of its volumes, and of what HA keeps.
    configs
        The configurations of guests, by number.
    """

    resources: Resources
    volumes: Volumes
    asked: Asked
    configs: Mapping[int, Entry]


def read_configs(sources: Iterable[Source], resources: Resources) -> dict[int, Entry]:
    """Read configurations of guests, each from a file named after its kind and number.

    Raises
    ------
    InvalidInput
        If it is none, or if its guest is not on the node of its folder.
    """
    configs: dict[int, Entry] = {}
    for source in sources:
        found = _CONFIG.fullmatch(source.name.lower())
        if found is None:
            expected = "qemu-NUMBER.json or lxc-NUMBER.json"
            raise refused(source, "$", f"the name {source.name!r:.80}", expected)
        machine = resources.machines.get(int(found[2]))
        sid = f"{KINDS[found[1]]}:{int(found[2])}"
        if machine is None or machine.node != source.host or machine.sid != sid:
            what = f"the configuration of {sid} in the folder {source.host!r:.80}"
            expected = "that of a guest that resources lists on that node"
            raise refused(source, "$", what, expected, "ask for all at once: it may have moved")
        configs[machine.vmid] = entry(source)
    return configs


def names_of(machines: Iterable[Machine]) -> dict[int, str]:
    """Name each guest: as it is called, with its number behind where others are called so, too."""
    machines = tuple(machines)
    counts = Counter(machine.name for machine in machines)
    return {
        machine.vmid: machine.name
        if machine.name is not None and counts[machine.name] == 1
        else f"{machine.name or machine.sid[:2]} ({machine.vmid})"
        for machine in machines
    }


def guests_of(known: Known, notes: list[Note]) -> list[Guest]:
    """Make a guest of each machine that is no template.

    Raises
    ------
    InvalidInput
        If a configuration or a tag of ours is not understood.
    """
    machines = [it for it in known.resources.machines.values() if not it.template]
    names = names_of(machines)
    return [_guest(machine, names[machine.vmid], known, notes) for machine in machines]


def _guest(machine: Machine, name: str, known: Known, notes: list[Note]) -> Guest:
    about = f"vm {name!r}"
    config = known.configs.get(machine.vmid)
    disks: list[str] = []
    protect = config is not None
    if config is None:
        assumed = "no configuration tells its disks: it is not protected"
        notes.append(Note(about=about, assumed=assumed, give="add qemu-NUMBER.json of its node"))
    for key, volume in _disks(config) if config is not None else ():
        own, why = _own(machine, volume, known)
        if own is not None:
            disks.append(own)
        elif why:
            notes.append(Note(about=about, assumed=f"its disk {key} {why}"))
            protect = protect and why is _SHARED
    if config is not None and any(_DEVICE.fullmatch(key) for key in config.values):
        assumed = "it uses devices of its node, which others may lack: it may be rebuilt on any"
        notes.append(Note(about=about, assumed=assumed, give="bind it by a strict node affinity"))
    demand = {"cpu": machine.cpus, "memory": machine.memory}
    if machine.status not in KNOWN:
        assumed = f"its status is {machine.status!r:.80}: taken to run"
        notes.append(Note(about=about, assumed=assumed))
    if None in demand.values():
        assumed = "what is assigned to it is not told: it demands no cpu or memory"
        notes.append(Note(about=about, assumed=assumed, give=_GIVE))
    said = said_in_tags(machine.tags, about, notes)
    groups = (*known.asked.groups.get(machine.sid, ()), *said.get("group", ()))
    return Guest(
        name=name,
        host=machine.node,
        disks=tuple(dict.fromkeys(disks)),
        demand={what: much for what, much in demand.items() if much is not None},
        groups=tuple(dict.fromkeys(groups)),
        allowed_servers=known.asked.nodes.get(machine.sid),
        priority=_priority(machine, said.get("priority", ())),
        protect=protect and "unprotected" not in said,
        running=machine.status != STOPPED,
    )


_GIVE = "ask again while pvestatd runs on its node, or take demands from measured use"


def _disks(config: Entry) -> Iterator[tuple[str, str]]:
    """Give the disks of a guest and the volumes that they are; no CD-ROMs."""
    for key in config.values:
        if not _DISK.fullmatch(key):
            continue
        first, *options = (config.text(key) or "none").split(",")
        volume = first.removeprefix("file=").removeprefix("volume=")
        if volume not in ("none", "cdrom") and "media=cdrom" not in options:
            yield key, volume


_SHARED = "is on shared storage: nothing is planned for it"


def _own(machine: Machine, volume: str, known: Known) -> tuple[str | None, str]:
    """Find a disk among the volumes of its node, or say why it is not to be found there."""
    names = split_name(volume)
    if names is None:
        return None, "is no volume of a storage: it is not protected"
    storage = known.resources.storages.get((machine.node, names[0].partition(":")[0]))
    if storage is not None and storage.shared:
        return None, _SHARED
    if known.volumes.whole(machine.node, names[0]):
        return names[0], ""
    if (machine.node, names[0]) in known.volumes.files:
        return None, "builds on a volume that no list has: it is not protected"
    return None, "is in no list of the volumes of its node: it is not protected"


def _priority(machine: Machine, said: tuple[str, ...]) -> int:
    if not said:
        return 0
    priority = priority_in(said[0])
    if priority is None or len(said) > 1:
        raise machine.entry.refuse("tags", f"spareplace-priority- once, and {INTEGER.expected}")
    return priority
