"""Image files and what they build on, as a tool tells it. No path is ever opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from spareplace.errors import InvalidInput
from spareplace.importers.sources import refused

SUFFIXES = (".qcow2", ".qcow", ".qed", ".raw", ".img", ".vmdk", ".vdi", ".vhdx")
"""Endings that tell a format, and are no part of a name."""

LONGEST_CHAIN = 1_000
"""Files in one chain: a bound on the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    """One image file on one host.

    Parameters
    ----------
    host
        Where it lies.
    path
        What the tool calls it there. It is only compared, never opened.
    virtual_size
        The bytes of the disk that a guest sees.
    actual_size
        The bytes that the file takes on the host's disk: its allocated blocks.
    backing
        The path of the file that it builds on, or ``None``.
    told
        The source that says so, and where in it, for messages.
    """

    host: str
    path: str
    virtual_size: int
    actual_size: int
    backing: str | None
    told: tuple[str, str]

    @property
    def stem(self) -> str:
        """Its last step without the ending of a format; the whole path if nothing is left."""
        last = os.path.basename(self.path)
        ending = next((it for it in SUFFIXES if last.lower().endswith(it)), "")
        return last[: len(last) - len(ending)] or last or self.path


Files: TypeAlias = Mapping[tuple[str, str], ImageFile]
"""By host and path."""


def joined(files: Iterable[ImageFile]) -> dict[tuple[str, str], ImageFile]:
    """Take what several sources say of the same files as one.

    A file that grew between two commands has two actual sizes: the larger one is taken.

    Raises
    ------
    InvalidInput
        If they contradict each other about what a file is.
    """
    known: dict[tuple[str, str], ImageFile] = {}
    for file in files:
        place = (file.host, file.path)
        other = known.setdefault(place, file)
        for what, here, there in (
            ("the virtual size", file.virtual_size, other.virtual_size),
            ("the backing file", file.backing, other.backing),
        ):
            if here != there:
                raise refused(
                    *file.told,
                    f"{what} {here!r:.80} of {file.path!r} on host {file.host!r}",
                    f"{there!r:.80}, as {other.told[0]} says",
                    "two files of one name, or one that changed meanwhile: ask for all of a "
                    "host's images at once, by their absolute paths",
                )
        if file.actual_size > other.actual_size:
            known[place] = replace(other, actual_size=file.actual_size)
    return known


def chain_from(files: Files, host: str, path: str) -> tuple[ImageFile, ...]:
    """Give an image and all that it builds on, the master first.

    Raises
    ------
    InvalidInput
        If a backing file is not among the files, or if they build on each other.
    """
    chain: dict[str, ImageFile] = {}
    step: str | None = path
    while step is not None:
        file = files.get((host, step))
        above = next(reversed(chain.values())) if chain else None
        if file is None or step in chain or len(chain) == LONGEST_CHAIN:
            assert above is not None, "a chain starts at a file that is known"
            raise _broken(above, step, file, step in chain)
        chain[step] = file
        step = file.backing
    return tuple(reversed(chain.values()))


def _broken(above: ImageFile, step: str, file: ImageFile | None, loop: bool) -> InvalidInput:
    at = f"{above.path!r:.200} on host {above.host!r:.80}"
    if file is None:
        return refused(
            *above.told,
            f"the backing file {step!r:.200} of {at}, of which no source tells",
            "each file of the chain",
            "run qemu-img info with --backing-chain; where that fails, the file is missing",
        )
    found = f"a chain that comes back to {step!r:.200} below {at}"
    if not loop:
        found = f"a chain of more than {LONGEST_CHAIN:,} files, that of {at} among them"
    return refused(*above.told, found, "a chain that ends at a file without a backing file")
