"""What a text file of htools states: node groups, nodes and instances, in our units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from spareplace.importers.ganeti.columns import Line, read_sections
from spareplace.importers.sources import Source, refused

MIRRORED = "drbd"
LOCAL = ("plain", "file", "blockdev")
SHARED = ("sharedfile", "rbd", "ext", "gluster")
DISKLESS = "diskless"
"""How the disks of an instance are kept."""

DOWN = ("ADMIN_down", "ADMIN_offline", "ERROR_down", "USER_down")
"""The states in which Ganeti counts no memory of an instance."""

STATES = (
    *DOWN,
    "ERROR_nodedown",
    "ERROR_nodeoffline",
    "ERROR_up",
    "ERROR_wrongnode",
    "running",
)
"""All states of an instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node.

    Parameters
    ----------
    name, group
        What it is called, and the UUID of its group.
    known, offline
        Whether anything is known of what it has, and whether it is offline.
    memory, reserved, free_memory
        All of its memory, what the node itself takes, and what is free, in bytes.
    disk, free_disk
        All of its disk and what is free, in bytes.
    cpus, node_cpus
        Its CPUs, and how many virtual ones the node itself takes.
    spindles
        How many it has.
    tags
        Its tags.
    """

    name: str
    group: str
    known: bool
    offline: bool
    memory: int
    reserved: int
    free_memory: int
    disk: int
    free_disk: int
    cpus: Decimal
    node_cpus: Decimal
    spindles: Decimal
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance.

    Parameters
    ----------
    name
        What it is called.
    memory, disk
        In bytes.
    cpus, spindles
        Its virtual CPUs, and its use of spindles.
    down, forthcoming
        Whether Ganeti counts it as not running, and as not made yet.
    balanced
        Whether Ganeti looks after it when a node is lost.
    primary, secondary
        Where it runs, and where its mirror is, if it has one.
    template
        How its disks are kept.
    tags
        Its tags.
    line
        Where it stands.
    """

    name: str
    memory: int
    disk: int
    cpus: int
    spindles: Decimal
    down: bool
    forthcoming: bool
    balanced: bool
    primary: str
    secondary: str | None
    template: str
    tags: tuple[str, ...]
    line: Line

    @property
    def uses_memory(self) -> bool:
        """Whether Ganeti counts its memory."""
        return not self.down and not self.forthcoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A whole file.

    Parameters
    ----------
    groups
        The names of the node groups, by UUID.
    nodes, instances
        In the order of the file.
    tags
        The cluster's tags.
    ratios, spindle_ratios
        How many virtual CPUs a CPU may stand for, and uses a spindle, by the names of the groups
        that have a policy of their own.
    """

    groups: Mapping[str, str]
    nodes: tuple[Node, ...]
    instances: tuple[Instance, ...]
    tags: tuple[str, ...]
    ratios: Mapping[str, Decimal]
    spindle_ratios: Mapping[str, Decimal]


def read_stated(source: Source) -> Stated:
    """Read a text file of htools.

    Raises
    ------
    InvalidInput
        If it is none, a name is used twice, or one refers to nothing.
    """
    sections = read_sections(source)
    _refuse_twice(sections["node groups"], 1, "UUID")
    _refuse_twice(sections["nodes"], 0, "node")
    _refuse_twice(sections["instances"], 0, "instance")
    groups = {line.name(1, "UUID"): line.name(0, "name") for line in sections["node groups"]}
    nodes = tuple(_node(line, groups) for line in sections["nodes"])
    if not nodes:
        raise refused(source, "$", "no nodes", "at least one in the second section")
    names = {node.name for node in nodes}
    ratios = {line.cells[0]: line.number_of(4, "vCPU ratio") for line in sections["policies"]}
    spindles = {line.cells[0]: line.number_of(5, "spindle ratio") for line in sections["policies"]}
    return Stated(
        groups=groups,
        nodes=nodes,
        instances=tuple(_instance(line, names) for line in sections["instances"]),
        tags=tuple(dict.fromkeys(line.cells[0] for line in sections["cluster tags"])),
        ratios=ratios,
        spindle_ratios=spindles,
    )


def _refuse_twice(lines: Iterable[Line], position: int, what: str) -> None:
    first: dict[str, int] = {}
    for line in lines:
        name = line.cells[position]
        if first.setdefault(name, line.number) != line.number:
            found = f"{what} {name!r:.80} again"
            raise refused(line.source, f"line {line.number}", found, f"once; line {first[name]}")


def _node(line: Line, groups: Mapping[str, str]) -> Node:
    group = line.cells[8]
    if group not in groups:
        found = f"node group {group!r:.80}"
        raise refused(line.source, line.at("group"), found, "the UUID of a group above")
    unknown = "?" in line.cells[1:7]
    if unknown:
        line = Line(
            source=line.source,
            number=line.number,
            cells=(line.cells[0], *("0" * 6), *line.cells[7:12], "0", "0", "1"),
        )
    return Node(
        name=line.name(0, "name"),
        group=group,
        known=not unknown,
        offline=unknown or line.cells[7] == "Y",
        memory=line.mib(1, "t_mem"),
        reserved=line.mib(2, "n_mem"),
        free_memory=line.mib(3, "f_mem", least=-(2**33)),
        disk=line.mib(4, "t_dsk"),
        free_disk=line.mib(5, "f_dsk", least=-(2**33)),
        cpus=line.number_of(6, "t_cpu"),
        node_cpus=line.number_of(13, "node vCPUs"),
        spindles=line.number_of(9, "spindles"),
        tags=line.tags(10),
    )


def _instance(line: Line, nodes: set[str]) -> Instance:
    template = line.word(8, "disk template", MIRRORED, DISKLESS, *LOCAL, *SHARED)
    primary, secondary = line.cells[6], line.cells[7]
    for column, node in (("primary", primary), ("secondary", secondary)):
        if node not in nodes and (node or column == "primary"):
            raise refused(line.source, line.at(column), f"{node!r:.80}", "a node above")
    if template == MIRRORED and secondary in ("", primary):
        found = "no other node" if not secondary else "the primary node again"
        raise refused(line.source, line.at("secondary"), found, "the node with its mirror")
    status = line.word(4, "status", *STATES)
    return Instance(
        name=line.name(0, "name"),
        memory=line.mib(1, "memory"),
        disk=line.mib(2, "disk"),
        cpus=line.whole(3, "vCPUs"),
        spindles=line.number_of(10, "spindle use"),
        down=status in DOWN,
        forthcoming=line.word(12, "forthcoming", "Y", "N") == "Y",
        balanced=line.word(5, "auto_balance", "Y", "N") == "Y",
        primary=primary,
        secondary=secondary if template == MIRRORED else None,
        template=template,
        tags=line.tags(9),
        line=line,
    )
