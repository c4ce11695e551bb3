"""The definition of a libvirt domain: what ``virsh dumpxml`` prints."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.files.number_kinds import INTEGER
from spareplace.importers.guests import priority_in
from spareplace.importers.sources import Source, refused
from spareplace.importers.xml_text import Element, parse_xml
from spareplace.units import LARGEST

NAMESPACE = "urn:spareplace:domain:1"
"""The XML namespace of our words in the metadata of a domain."""

WORDS = ("group", "priority", "protect", "allow")
"""What can be said there."""

UNITS = {
    "b": 1, "bytes": 1, "KB": 10**3, "k": 2**10, "KiB": 2**10, "MB": 10**6, "M": 2**20,
    "MiB": 2**20, "GB": 10**9, "G": 2**30, "GiB": 2**30, "TB": 10**12, "T": 2**40, "TiB": 2**40,
    "PB": 10**15, "P": 2**50, "PiB": 2**50, "EB": 10**18, "E": 2**60, "EiB": 2**60,
}  # fmt: skip
"""The units of memory that libvirt writes or reads, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainDisk:
    """One disk of a domain.

    Parameters
    ----------
    target
        What the guest sees it as: ``vda``.
    path
        The image that it writes to, or ``None`` if the definition names no file of the host.
    remote
        Whether it is reached over the network.
    backing
        What that builds on, the nearest first, as far as the definition says it.
    """

    target: str
    path: str | None
    remote: bool
    backing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain as it is defined on one host.

    Parameters
    ----------
    name, host
        What it is called, and where.
    active
        Whether it runs there.
    cpu, memory
        Its virtual CPUs, and its memory in bytes.
    disks
        Its disks, without CD-ROMs and floppies.
    groups, priority, protect, allowed
        From its metadata in our namespace.
    told
        The source and the line that say so.
    """

    name: str
    host: str
    active: bool
    cpu: int
    memory: int
    disks: tuple[DomainDisk, ...]
    groups: tuple[str, ...]
    priority: int
    protect: bool
    allowed: tuple[str, ...]
    told: tuple[str, str]


def read_domain(source: Source) -> Domain:
    """Read the definition of one domain.

    Raises
    ------
    InvalidInput
        If it is not XML, or not that of a domain, or hostile.
    """
    root = parse_xml(source)
    if root.name != "domain":
        raise refused(source, f"line {root.line}", f"<{root.name[:80]}>", "<domain>")
    name = _text(source, root, "name")
    groups, priority, protect, allowed = _said(source, root)
    return Domain(
        name=name,
        host=source.host or "",
        active="id" in root.attributes,
        cpu=_cpus(source, root),
        memory=_memory(source, root),
        disks=tuple(_disks(source, root)),
        groups=groups,
        priority=priority,
        protect=protect,
        allowed=allowed,
        told=(source.path, f"line {root.line}"),
    )


def _text(source: Source, root: Element, key: str) -> str:
    found = root.first(key)
    if found is None or not found.text.strip():
        raise refused(source, f"line {root.line}, <{key}>", "nothing", "text that is not empty")
    return found.text if key == "name" else found.text.strip()


def _whole(source: Source, where: Element, what: str, text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        found = f"{text!r:.80}"
        raise refused(source, f"line {where.line}, {what}", found, "a whole number from 0")
    return int(digits)


def _cpus(source: Source, root: Element) -> int:
    found = root.first("vcpu")
    if found is None:
        return 1  # as libvirt has it
    current = found.attributes.get("current")
    return _whole(source, found, "<vcpu>", found.text if current is None else current)


def _memory(source: Source, root: Element) -> int:
    found = root.first("memory")
    if found is None:
        raise refused(source, f"line {root.line}, <memory>", "no such element", "the memory")
    unit = found.attributes.get("unit", "KiB")
    if unit not in UNITS:
        known = "one of " + ", ".join(UNITS)
        raise refused(source, f"line {found.line}, <memory> unit", f"{unit!r:.80}", known)
    count = _whole(source, found, "<memory>", found.text) * UNITS[unit]
    if count > LARGEST:
        raise refused(source, f"line {found.line}, <memory>", f"{count} bytes", "at most 2^53")
    return count


def _disks(source: Source, root: Element) -> list[DomainDisk]:
    devices = root.first("devices")
    disks = []
    for disk in devices.all("disk") if devices else []:
        target = disk.first("target")
        name = target.attributes.get("dev") if target else None
        if disk.attributes.get("device", "disk") not in ("disk", "lun"):
            continue
        if not name:
            raise refused(source, f"line {disk.line}, <disk>", "no target with a dev", "its name")
        backing = []
        step = disk.first("backingStore")
        while step is not None:
            path = _path(step)
            if path is not None:
                backing.append(path)
            step = step.first("backingStore")
        remote = disk.attributes.get("type") == "network"
        disks.append(
            DomainDisk(target=name, path=_path(disk), remote=remote, backing=tuple(backing))
        )
    return disks


def _path(disk: Element) -> str | None:
    """Give the path of a file or of a block device of this host."""
    found = disk.first("source")
    return (found.attributes.get("file") or found.attributes.get("dev")) if found else None


def _said(source: Source, root: Element) -> tuple[tuple[str, ...], int, bool, tuple[str, ...]]:
    """Read what the metadata says in our words."""
    ours = root.first("metadata", f"{NAMESPACE} domain")
    texts: dict[str, list[str]] = {word: [] for word in WORDS}
    for child in ours.children if ours else []:
        word = child.name.removeprefix(f"{NAMESPACE} ")
        path = f"line {child.line}, metadata"
        if word not in texts:
            expected = "one of " + ", ".join(WORDS)
            raise refused(source, path, f"<{word[:80]}>", expected)
        if not child.text.strip() or (texts[word] and word in ("priority", "protect")):
            raise refused(source, path, f"<{word}> empty or again", "text in it, and once")
        texts[word].append(child.text.strip())
    priority, protect = texts["priority"] or ["0"], texts["protect"] or ["yes"]
    if protect[0] not in ("yes", "no"):
        raise refused(source, "metadata, <protect>", f"{protect[0]!r:.80}", "yes or no")
    return (
        tuple(dict.fromkeys(texts["group"])),
        _priority(source, priority[0]),
        protect[0] == "yes",
        tuple(dict.fromkeys(texts["allow"])),
    )


def _priority(source: Source, text: str) -> int:
    priority = priority_in(text)
    if priority is None:
        raise refused(source, "metadata, <priority>", f"{text!r:.80}", INTEGER.expected)
    return priority
