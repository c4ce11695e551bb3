"""Which image files on several hosts have the same content: by checksum, by the user's word, or,
without either, by name and sizes, and then it says so.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from spareplace.errors import InvalidInput
from spareplace.importers.images import ImageFile
from spareplace.importers.imported import Note
from spareplace.importers.known_files import checksum_of
from spareplace.importers.sources import refused

Content: TypeAlias = tuple[str | int, ...]
"""Equal for files that are the same diff, whatever host they are on."""


def contents_of(
    files: Iterable[ImageFile],
    sums: Mapping[tuple[str, str], str],
    names: Mapping[tuple[str, str], str],
) -> tuple[dict[tuple[str, str], Content], list[Note]]:
    """Say of files that nobody writes to which of them are the same.

    Parameters
    ----------
    files
        The files, in any order.
    sums
        Checksums, by host and path.
    names
        The diffs that the user says they are, by host and path.

    Raises
    ------
    InvalidInput
        If files that the user gives one name have different checksums, or if files that are to
        be the same differ in their virtual size.
    """
    ordered = sorted(files, key=lambda file: (file.host, file.path))
    of_sum = _names_by_sum(ordered, sums, names)
    contents: dict[tuple[str, str], Content] = {}
    for file in ordered:
        place, digest = (file.host, file.path), checksum_of(sums, file)
        if place in names:
            contents[place] = ("named", names[place])
        elif digest is not None:
            named = of_sum[digest]
            contents[place] = ("named", *named) if len(named) == 1 else ("sha256", digest)
    known: defaultdict[Content, set[Content]] = defaultdict(set)
    for file in ordered:
        if (file.host, file.path) in contents:
            known[_likeness(file)].add(contents[file.host, file.path])
    guessed = [file for file in ordered if (file.host, file.path) not in contents]
    for file in guessed:
        same = known[_likeness(file)]
        contents[file.host, file.path] = (
            next(iter(same)) if len(same) == 1 else ("like", *_likeness(file))
        )
    _refuse_unequal(ordered, contents)
    return contents, _guesses(ordered, guessed, contents)


def _names_by_sum(
    files: Sequence[ImageFile],
    sums: Mapping[tuple[str, str], str],
    names: Mapping[tuple[str, str], str],
) -> defaultdict[str, set[str]]:
    of_sum: defaultdict[str, set[str]] = defaultdict(set)
    first: dict[str, tuple[str, ImageFile]] = {}
    for file in files:
        digest, name = checksum_of(sums, file), names.get((file.host, file.path))
        if digest is None or name is None:
            continue
        of_sum[digest].add(name)
        other, where = first.setdefault(name, (digest, file))
        if other != digest:
            raise _differ(file, where, f"checksum {digest}", f"checksum {other}", name)
    return of_sum


def _likeness(file: ImageFile) -> Content:
    return (os.path.basename(file.path), file.virtual_size, file.actual_size)


def _refuse_unequal(
    files: Iterable[ImageFile], contents: Mapping[tuple[str, str], Content]
) -> None:
    first: dict[Content, ImageFile] = {}
    for file in files:
        content = contents[file.host, file.path]
        other = first.setdefault(content, file)
        if file.virtual_size != other.virtual_size:
            found, expected = (f"virtual size {it.virtual_size}" for it in (file, other))
            raise _differ(file, other, found, expected, str(content[1]))


def _differ(
    file: ImageFile, other: ImageFile, found: str, expected: str, name: str
) -> InvalidInput:
    return refused(
        *file.told,
        f"{found} of {file.path!r:.200} on host {file.host!r}",
        f"{expected}, as {other.path!r:.200} on host {other.host!r} has",
        f"both are said to be {name!r:.80}: one name for files of different contents",
    )


def _guesses(
    files: Sequence[ImageFile],
    guessed: Sequence[ImageFile],
    contents: Mapping[tuple[str, str], Content],
) -> list[Note]:
    """Note where files without a checksum were taken to be the same, or not to be."""
    give = "give sha256sum's output of it from each host, or name its diff in an images file"
    hosts: defaultdict[Content, set[str]] = defaultdict(set)
    alike: defaultdict[tuple[str, int], set[Content]] = defaultdict(set)
    for file in files:
        hosts[contents[file.host, file.path]].add(file.host)
        alike[os.path.basename(file.path), file.virtual_size].add(contents[file.host, file.path])
    notes = []
    for file in guessed:
        about = f"{file.path!r} on host {file.host!r}"
        others = hosts[contents[file.host, file.path]] - {file.host}
        if others:
            assumed = "taken to be what files of its name and sizes on other hosts are"
            notes.append(Note(about=about, assumed=assumed, give=give))
        elif len(alike[os.path.basename(file.path), file.virtual_size]) > 1:
            assumed = (
                "taken to differ from files of its name on other hosts, since the bytes that "
                "they take differ; copies of one file can"
            )
            notes.append(Note(about=about, assumed=assumed, give=give))
    return notes
