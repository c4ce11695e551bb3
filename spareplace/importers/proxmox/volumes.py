"""The volumes of local storages: which builds on which, and what they take."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spareplace.importers.images import Files, ImageFile, joined
from spareplace.importers.imported import Note
from spareplace.importers.proxmox.dump import Entry, entries
from spareplace.importers.proxmox.resources import Resources
from spareplace.importers.sources import Source, refused

_FORMS = (
    re.compile(r"(?P<base>\d+/[^/\s]+)/(?P<own>\d+/[^/\s]+)"),  # a folder for each guest
    re.compile(r"(?P<own>\d+/[^/\s]+)"),
    re.compile(
        r"(?P<base>base(?:vol)?-\d+-[^/\s]+)/(?P<own>(?:base(?:vol)?|vm|subvol)-\d+-[^/\s]+)"
    ),
    re.compile(r"(?P<own>(?:base(?:vol)?|vm|subvol)-\d+-[^/\s]+)"),  # ZFS, LVM
)
"""What volumes are called behind the name of their storage."""

_BASE = re.compile(r"base(vol)?-\d+-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The volumes of local storages.

    Parameters
    ----------
    files
        By node and by name, in which nothing says what it builds on: ``local:101/vm-101-disk-0``.
    cut
        Those that build on something that is not listed.
    """

    files: Files
    cut: frozenset[tuple[str, str]]

    def whole(self, node: str, name: str) -> bool:
        """Tell whether a volume and all that it builds on are known."""
        seen: set[str] = set()
        step: str | None = name
        while step is not None and step not in seen:
            if (node, step) not in self.files or (node, step) in self.cut:
                return False
            seen.add(step)
            step = self.files[node, step].backing
        return True


def split_name(volume: str) -> tuple[str, str | None] | None:
    """Split the name of a volume into its own name and that of what it builds on.

    Examples
    --------
    >>> split_name("local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2")
    ('local:101/vm-101-disk-0.qcow2', 'local:100/base-100-disk-0.qcow2')
    >>> split_name("zfs:base-100-disk-0/vm-101-disk-0"), split_name("local:iso/x.iso")
    (('zfs:vm-101-disk-0', 'zfs:base-100-disk-0'), None)
    """
    storage, colon, rest = volume.partition(":")
    for form in _FORMS if colon else ():
        found = form.fullmatch(rest)
        if found is not None:
            base = found.groupdict().get("base")
            return f"{storage}:{found['own']}", f"{storage}:{base}" if base else None
    return None


def is_base(name: str) -> bool:
    """Tell whether a volume is that of a template, which nobody writes to."""
    return _BASE.match(os.path.basename(name.partition(":")[2])) is not None


def read_volumes(sources: Iterable[Source], resources: Resources, notes: list[Note]) -> Volumes:
    """Read what ``pvesh get /nodes/NODE/storage/STORAGE/content`` printed.

    Parameters
    ----------
    sources
        Each of one node.
    resources
        Which storages are shared.
    notes
        Takes what was assumed.

    Raises
    ------
    InvalidInput
        If it is not of that form.
    """
    found: list[ImageFile] = []
    cut: set[tuple[str, str]] = set()
    for source in sources:
        node = source.host or ""
        if node not in resources.nodes:
            expected = "the name of a node that resources lists"
            raise refused(source, "$", f"a folder {node!r:.80}", expected)
        for each in entries(source):
            names = split_name(each.name("volid"))
            if names is None or each.text("content") not in ("images", "rootdir", None):
                continue
            storage = resources.storages.get((node, names[0].partition(":")[0]))
            if storage is not None and storage.shared:
                continue
            found.append(_file(each, node, *names, notes))
            if names[1] is None and each.text("parent") is not None:
                cut.add((node, names[0]))
    return Volumes(files=joined(found), cut=frozenset(cut))


def _file(each: Entry, node: str, own: str, base: str | None, notes: list[Note]) -> ImageFile:
    size = each.whole("size")
    if size is None:
        size = each.whole("approximate-size")
    if size is None:
        raise each.refuse("size", "the bytes of the volume")
    used = each.whole("used")
    if used is None:
        about = f"storage {own.partition(':')[0]!r} on {node!r}"
        assumed = "it does not tell what its volumes take: each is taken to be full"
        notes.append(Note(about=about, assumed=assumed))
    return ImageFile(
        host=node,
        path=own,
        virtual_size=size,
        actual_size=size if used is None else used,
        backing=base,
        told=(each.source.path, each.path),
    )


def sums_by_name(sums: Mapping[tuple[str, str], str], files: Files) -> dict[tuple[str, str], str]:
    """Give the checksums of paths to the volumes of the same last step, where that is one."""
    of_last: dict[tuple[str, str], set[str]] = {}
    for (node, path), digest in sums.items():
        of_last.setdefault((node, os.path.basename(path)), set()).add(digest)
    found = {}
    for node, name in files:
        digests = of_last.get((node, os.path.basename(name.partition(":")[2])), set())
        if len(digests) == 1:
            found[node, name] = next(iter(digests))
    return found
