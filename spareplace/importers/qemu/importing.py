"""A cluster from ``qemu-img info --backing-chain --output=json``, run on every image of each host.

qemu-img knows images and nothing of VMs: an image on which no other one of its host builds is
taken to be the disk of a VM that is called after it, unless the user says otherwise.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from spareplace.importers.guests import DiskCount, Guest, cluster_of
from spareplace.importers.hosts import Host, known_hosts
from spareplace.importers.images import Files, ImageFile, joined
from spareplace.importers.imported import Imported, Note
from spareplace.importers.known_files import Known, NamedImage, all_checksums, unmatched
from spareplace.importers.qemu.outputs import image_files
from spareplace.importers.sources import Source, refused

Said: TypeAlias = Mapping[tuple[str | None, str], NamedImage]

MOST_IMAGES = 1_000_000
"""Image files in one import."""

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+_-]*:")
"""How a name starts by which qemu opens no plain file: ``rbd:``, ``nbd://``, ``json:``."""


def import_qemu(
    sources: Sequence[Source],
    *,
    hosts: Sequence[Host] = (),
    every_host: Host | None = None,
    images: Said | None = None,
    vm_disk: DiskCount = "allocated",
) -> Imported:
    """Make a cluster of what qemu-img says of the images of some hosts.

    Parameters
    ----------
    sources
        Each the output of ``qemu-img info --backing-chain --output=json`` for one image, or a
        list of several such outputs, in a file whose name ends in ``.json``; or that of
        ``sha256sum`` in one with ``sha256`` in its name. Each of one host.
    hosts
        What hosts have. Each needs a disk, here or in `every_host`.
    every_host
        What each host has of which nothing else tells it; its name does not matter.
    images
        What the user says of image files, by host (``None`` for any) and path.
    vm_disk
        What a VM takes: ``"allocated"``, the bytes that all files of its chains take, or
        ``"virtual"``, the size that its guest sees, if that is more.

    Raises
    ------
    InvalidInput
        If a source is not such an output, a backing file is missing, a chain comes back to
        itself, sources contradict each other, or the disk of a host is not known.
    """
    notes: list[Note] = []
    told, sums = _read(sources, notes)
    if not told:
        where = sources[0].path if sources else "the sources"
        expected = "for each image what qemu-img info prints, in a file that ends in .json"
        raise refused(where, "$", "no image here or in another source", expected)
    files = joined(told)
    known = Known(sums=sums, images=images or {})
    guests = _guests(files, known, told, notes)
    names = dict.fromkeys(source.host for source in sources if source.host is not None)
    all_hosts = known_hosts((Host(name=name) for name in names), hosts, every_host)
    made = cluster_of(guests, files, all_hosts, known, vm_disk)
    if guests:
        assumed = "qemu-img knows no cpu, memory or anti-affinity of VMs: none is demanded"
        give = "take demands from measured use with import usage, or use import libvirt"
        notes.append(Note(about=f"all {len(guests)} VMs", assumed=assumed, give=give))
    notes += unmatched(known, files)
    return replace(made, notes=(*notes, *made.notes))


def _read(
    sources: Iterable[Source], notes: list[Note]
) -> tuple[list[ImageFile], dict[tuple[str, str], str]]:
    files: list[ImageFile] = []
    sums: list[Source] = []
    for source in sources:
        if "sha256" in source.name.lower():
            sums.append(source)
        elif source.name.lower().endswith(".json"):
            files += image_files(source)
        else:
            assumed = "its name neither ends in .json nor has sha256 in it: not read"
            notes.append(Note(about=f"file {source.path!r}", assumed=assumed))
        if len(files) > MOST_IMAGES:
            raise refused(source, "$", f"{len(files):,} images", f"at most {MOST_IMAGES:,}")
    return files, all_checksums(sums)


def _guests(
    files: Files, known: Known, told: Sequence[ImageFile], notes: list[Note]
) -> list[Guest]:
    """Take the images that no other one builds on as the disks of VMs."""
    below = {(file.host, file.backing) for file in files.values()}
    disks: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    leaves: list[ImageFile] = []
    for place, file in sorted(files.items()):
        said = known.said_of(file)
        if said is not None and said.vm is not None:
            disks[said.vm, file.host].append(file.path)
        elif place not in below and not (said and said.template):
            leaves.append(file)
    _as_listed(disks, known)
    _refuse_ambiguous(leaves, told)
    for name, file in _names(leaves, {vm for vm, _ in disks}):
        disks[name, file.host].append(file.path)
        if name != file.stem:
            assumed = "called so, since several images have its name; each is taken as a VM"
            notes.append(Note(about=f"vm {name!r}", assumed=assumed, give=_GIVE_VM))
        if _ELSEWHERE.match(file.path):
            assumed = "its image is no plain path; it is treated like a file of that host"
            notes.append(Note(about=f"vm {name!r}", assumed=assumed))
    hosts = Counter(vm for vm, _ in disks)
    for (vm, host), paths in disks.items():
        if hosts[vm] > 1:
            file = files[host, paths[0]]
            found = f"vm {vm!r:.80} on host {host!r:.80} and on another one"
            raise refused(*file.told, found, "each VM on one host", "name a host with each image")
    return [Guest(name=vm, host=host, disks=tuple(paths)) for (vm, host), paths in disks.items()]


def _as_listed(disks: Mapping[tuple[str, str], list[str]], known: Known) -> None:
    """Put the disks of each VM in the order in which the images file lists them."""
    places = {place: number for number, place in enumerate(known.images)}
    for (_, host), paths in disks.items():
        paths.sort(key=lambda path: places.get((host, path), places.get((None, path), 0)))


_GIVE_VM = "name its vm in an images file (--images), or say that it is a template"


def _refuse_ambiguous(leaves: Iterable[ImageFile], told: Iterable[ImageFile]) -> None:
    """Refuse two images of one relative path: whether they are the same nobody can tell."""
    relative = {(it.host, it.path) for it in leaves if not os.path.isabs(it.path)}
    first: dict[tuple[str, str], ImageFile] = {}
    for file in told:
        place = (file.host, file.path)
        if place in relative and first.setdefault(place, file).told[0] != file.told[0]:
            raise refused(
                *file.told,
                f"the path {file.path!r:.200}, which {first[place].told[0]} has, too",
                "a path that names one file",
                "run qemu-img info with absolute paths",
            )


_WAYS: tuple[Callable[[ImageFile], str], ...] = (
    lambda file: file.stem,
    lambda file: f"{file.stem}@{file.host}",
    lambda file: f"{file.path}@{file.host}",
)


def _names(leaves: Sequence[ImageFile], used: set[str]) -> Iterator[tuple[str, ImageFile]]:
    """Name each VM after its image, as plainly as tells it from all others."""
    counts = [Counter(way(file) for file in leaves) for way in _WAYS]
    for file in leaves:
        for way, count in zip(_WAYS, counts, strict=True):
            if count[way(file)] == 1 and way(file) not in used:
                break
        used.add(way(file))
        yield way(file), file
