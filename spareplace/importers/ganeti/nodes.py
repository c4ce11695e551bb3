"""From nodes and their tags to hosts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from spareplace.fields import Amount
from spareplace.importers.ganeti import tags
from spareplace.importers.ganeti.stated import LOCAL, MIRRORED, Instance, Node, Stated
from spareplace.importers.hosts import Host
from spareplace.importers.imported import Note
from spareplace.importers.sources import Source, refused

RATIO = Decimal(4)
SPINDLE_RATIO = Decimal(32)
"""What Ganeti's default policy has; it holds for a group that has no line of its own."""


def hosts_of(
    stated: Stated, zones: Mapping[str, str], kept: Collection[str], notes: list[Note]
) -> list[Host]:
    """Say what nodes have for VMs and copies.

    Parameters
    ----------
    stated
        The file.
    zones
        By node.
    kept
        The instances whose disks stay where they are, on both of their nodes.
    notes
        Takes what was assumed.
    """
    on: dict[str, list[Instance]] = {node.name: [] for node in stated.nodes}
    for instance in stated.instances:
        for name in dict.fromkeys((instance.primary, instance.secondary)):
            if name is not None:
                on[name].append(instance)
    spindles = _counts_spindles(stated)
    return [
        _host(stated, node, on[node.name], kept, spindles, zones.get(node.name), notes)
        for node in stated.nodes
    ]


def _host(
    stated: Stated,
    node: Node,
    on: list[Instance],
    kept: Collection[str],
    spindles: bool,
    zone: str | None,
    notes: list[Note],
) -> Host:
    about = f"server {node.name!r}"
    if node.offline:
        notes.append(Note(about=about, assumed="it is offline: it takes no copies and no rebuilds"))
    own = sum(it.memory for it in on if it.primary == node.name and it.uses_memory)
    local = [it for it in on if it.template in (*LOCAL, MIRRORED)]
    disk = min(node.disk, node.free_disk + sum(it.disk for it in local))
    memory = min(node.memory - node.reserved, node.free_memory + own)
    notes += _unaccounted(about, "disk", node.disk - disk)
    notes += _unaccounted(about, "memory", node.memory - node.reserved - memory)
    fixed = sum(it.disk for it in local if it.name in kept)
    capacity: dict[str, Amount] = {}
    if node.known:
        group = stated.groups[node.group]
        ratio = stated.ratios.get(group, RATIO)
        capacity["cpu"] = max(Decimal(0), _floor(node.cpus * ratio) - node.node_cpus)
        capacity["memory"] = max(0, memory)
        if spindles:
            uses = stated.spindle_ratios.get(group, SPINDLE_RATIO)
            capacity["spindles"] = _floor(node.spindles * uses)
        if group not in stated.ratios:
            assumed = "its node group has no policy: Ganeti's default of 4 vCPUs a CPU is taken"
            notes.append(Note(about=about, assumed=assumed))
    return Host(name=node.name, disk=max(0, disk - fixed), capacity=capacity, zone=zone)


def _floor(number: Decimal) -> Decimal:
    return number.to_integral_value("ROUND_FLOOR")


def _unaccounted(about: str, what: str, count: int) -> Iterator[Note]:
    if count > 0:
        assumed = "neither free nor an instance's: taken off"
        give = "if hbal -S wrote the file, its free amounts are out of date: take that of hscan"
        yield Note(about=f"{about} ({count} bytes of {what})", assumed=assumed, give=give)


def _counts_spindles(stated: Stated) -> bool:
    """Tell whether anybody set spindles; every node and instance has 1 unless somebody did."""
    return any(node.spindles > 1 for node in stated.nodes) or any(
        instance.spindles != 1 for instance in stated.instances
    )


def zones_of(
    source: Source, stated: Stated, zone_kind: str | None, notes: list[Note]
) -> dict[str, str]:
    """Choose the kind of location that is the zone, and give the zone of each node that has one.

    Raises
    ------
    InvalidInput
        If the kind is asked for and no cluster tag names it.
    """
    kinds = tags.starts(stated.tags, tags.LOCATION)
    if zone_kind is not None and zone_kind not in kinds:
        expected = "one of " + ", ".join(kinds) if kinds else "none, since no cluster tag names any"
        raise refused(source, "$", f"no kind of location {zone_kind!r:.80}", f"{expected:.200}")
    chosen = kinds[:1] if zone_kind is None else [zone_kind]
    if len(kinds) > len(chosen) and zone_kind is None:
        assumed = f"{len(kinds)} kinds of location are named: {kinds[0]!r} gives the zones"
        notes.append(Note(about="zones", assumed=assumed, give="name another one (--zone-kind)"))
    zones: dict[str, str] = {}
    for node in stated.nodes:
        found = tags.zones_of(node.tags, chosen)
        if len(found) > 1:
            assumed = f"it has {len(found)} locations of one kind: the first is its zone"
            notes.append(Note(about=f"server {node.name!r}", assumed=assumed))
        if found:
            zones[node.name] = found[0]
    return zones
