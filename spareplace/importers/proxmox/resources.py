"""What ``/cluster/resources`` tells: nodes, storages and guests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from spareplace.importers.proxmox.dump import Entry, entries
from spareplace.importers.sources import Source, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node: whether it is up and not in maintenance, and what it has, if that is known."""

    name: str
    up: bool
    cpus: Decimal | None
    memory: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """One storage as one node sees it.

    Parameters
    ----------
    name, node
        What it is called, and by whom.
    shared
        Whether other nodes have the same volumes.
    holds_images
        Whether it is for disks of guests.
    size, used
        In bytes, or ``None`` where it is not available.
    """

    name: str
    node: str
    shared: bool
    holds_images: bool
    size: int | None
    used: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One guest: a virtual machine or a container.

    Parameters
    ----------
    sid
        What HA calls it: ``vm:101``, ``ct:102``.
    vmid, node, name
        Its number, where it is, and what it is called.
    template
        Whether it is one.
    status
        ``running``, ``stopped`` or what else there is: ``unknown`` if its node did not tell.
    cpus, memory
        What is assigned to it; the memory in bytes.
    tags
        Its tags.
    entry
        Where this stands.
    """

    sid: str
    vmid: int
    node: str
    name: str | None
    template: bool
    status: str | None
    cpus: Decimal | None
    memory: int | None
    tags: tuple[str, ...]
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """All of them: nodes by name, storages by node and name, guests by number."""

    nodes: Mapping[str, Node]
    storages: Mapping[tuple[str, str], Storage]
    machines: Mapping[int, Machine]


KINDS = {"qemu": "vm", "lxc": "ct"}
"""What HA calls each kind of guest."""


STOPPED = "stopped"
KNOWN = (STOPPED, "running", "paused")
"""What is said of guests that do not run, and of all whose node tells how they are."""

GONE = ("maintenance", "fence", "gone")
"""What HA says of nodes on which nothing is to be started."""


def read_resources(sources: Iterable[Source]) -> Resources:
    """Read what ``pvesh get /cluster/resources`` printed.

    Raises
    ------
    InvalidInput
        If it is not of that form, tells of something twice, or of a guest on no node.
    """
    nodes: dict[str, Node] = {}
    storages: dict[tuple[str, str], Storage] = {}
    machines: dict[int, Machine] = {}
    for each in (one for source in sources for one in entries(source)):
        kind = each.name("type")
        count = len(nodes) + len(storages) + len(machines)
        if kind == "node":
            nodes.setdefault(each.name("node"), _node(each))
        elif kind == "storage":
            storages.setdefault((each.name("node"), each.name("storage")), _storage(each))
        elif kind in KINDS:
            machine = _machine(each, kind)
            machines.setdefault(machine.vmid, machine)
        else:
            continue
        if len(nodes) + len(storages) + len(machines) == count:
            raise refused(each.source, each.path, f"a {kind} again", "each once")
    for machine in machines.values():
        if machine.node not in nodes:
            raise machine.entry.refuse("node", "a node that is listed, too")
    return Resources(nodes=nodes, storages=storages, machines=machines)


def _node(each: Entry) -> Node:
    up = each.text("status") == "online" and each.text("hastate") not in GONE
    return Node(
        name=each.name("node"), up=up, cpus=each.amount("maxcpu"), memory=each.whole("maxmem")
    )


def _storage(each: Entry) -> Storage:
    there = each.text("status") == "available"
    return Storage(
        name=each.name("storage"),
        node=each.name("node"),
        shared=each.flag("shared"),
        holds_images=bool({"images", "rootdir"} & set(each.words("content"))),
        size=each.whole("maxdisk") if there else None,
        used=(each.whole("disk") or 0) if there else None,
    )


def _machine(each: Entry, kind: str) -> Machine:
    vmid = each.whole("vmid")
    if vmid is None:
        raise each.refuse("vmid", "the number of a guest")
    return Machine(
        sid=f"{KINDS[kind]}:{vmid}",
        vmid=vmid,
        node=each.name("node"),
        name=each.text("name"),
        template=each.flag("template"),
        status=each.text("status"),
        cpus=each.amount("maxcpu"),
        memory=each.whole("maxmem"),
        tags=each.words("tags"),
        entry=each,
    )
