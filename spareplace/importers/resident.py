"""The image files of a host that it holds anyway, and what those take that no VM there uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from spareplace.importers.forest import Growing
from spareplace.importers.images import ImageFile
from spareplace.importers.imported import Note

Chains: TypeAlias = Mapping[tuple[str, str], tuple[ImageFile, ...]]
"""By host and path of an image that a VM writes to, its files, the master first."""


def resident_in(
    growing: Growing, written: set[tuple[str, str]], chains: Chains
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Say which diffs each host holds anyway, and what files that are no VM's take there.

    Parameters
    ----------
    growing
        The tree, each diff with its name.
    written
        The images that VMs write to, by host and path.
    chains
        What is a VM's.
    """
    used = {(file.host, file.path) for chain in chains.values() for file in chain}
    resident: defaultdict[str, dict[str, None]] = defaultdict(dict)
    taken: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for branch in growing.branches.values():
        for file in branch.files:
            place = (file.host, file.path)
            if place not in written:
                resident[file.host][branch.name] = None
            if place not in used:
                taken[file.host][file.path] = file.actual_size
    return (
        {host: list(names) for host, names in resident.items()},
        {host: sum(sizes.values()) for host, sizes in taken.items()},
    )


def taken_notes(taken: Mapping[str, int]) -> Iterator[Note]:
    """Note what files that are no VM's take of each host."""
    for host, size in taken.items():
        assumed = (
            f"images that no VM uses there take {size} bytes: they are resident, and so much is "
            "taken off its disk"
        )
        yield Note(about=f"server {host!r}", assumed=assumed)
