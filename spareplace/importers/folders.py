"""Reading the files that the user names, alone or by their folder.

Only files that the caller names, or that lie in a folder that the caller names, are opened: never
a path that stands inside one of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from spareplace.importers.sources import Source, read_source, refused

MOST_FILES = 100_000
MOST_BYTES = 2**30
"""Files that one import reads, and what stands in all of them: bounds on work and memory."""


def read_sources(
    paths: Iterable[str], hosts: Mapping[str, str] | None = None
) -> tuple[Source, ...]:
    """Read files and folders, and say which host each file is from.

    Parameters
    ----------
    paths
        A file is from the host that the folder in its path is named after. A folder that has
        folders in it holds one of them for each host, and what else lies in it is not read; one
        that has none is itself that of one host. Names that start with a dot are passed over.
    hosts
        More paths, each with the host that its files are from whatever the folders are called.

    Raises
    ------
    InvalidInput
        If a file cannot be read, or nothing says which host it is from.
    """
    named = [(path, None) for path in paths] + list((hosts or {}).items())
    return bounded(chain.from_iterable(_within(path, host) for path, host in named))


def bounded(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Read sources one after the other; of one path, the last counts.

    Raises
    ------
    InvalidInput
        If they are too many or too long in all.
    """
    found: dict[str, Source] = {}
    read = 0
    for source in sources:
        found[source.path] = source
        read += len(source.content)
        if len(found) > MOST_FILES or read > MOST_BYTES:
            expected = f"at most {MOST_FILES:,} files, of {MOST_BYTES:,} bytes in all"
            hint = "name the folder that holds the outputs of commands alone"
            raise refused(source, "$", "too much to read with this file", expected, hint)
    return tuple(found.values())


def _within(path: str, host: str | None) -> Iterator[Source]:
    if not os.path.isdir(path):
        around = os.path.basename(os.path.dirname(path))
        if host is None and around in ("", ".", ".."):
            raise refused(
                path,
                "$",
                "a file in no folder that is named after a host",
                "to know which host it is from",
                "put it into a folder named after the host, or say --host NAME=PATH",
            )
        yield read_source(path, around if host is None else host)
        return
    folders, files = inside(path)
    if host is None and folders:
        for folder in folders:
            for file in inside(str(folder))[1]:
                yield read_source(str(file), folder.name)
        return
    if not files:
        raise refused(path, "$", "a folder without files", "a folder with a file to read")
    name = Path(path).resolve().name if host is None else host
    for file in files:
        yield read_source(str(file), name)


def inside(path: str) -> tuple[list[Path], list[Path]]:
    """List the folders and the files right in a folder, but those that start with a dot.

    Raises
    ------
    InvalidInput
        If it cannot be listed, or it cannot be told what lies in it.
    """
    folders: list[Path] = []
    files: list[Path] = []
    at = path
    try:
        for one in sorted(Path(path).iterdir()):
            if one.name.startswith("."):
                continue
            at = str(one)
            mode = one.stat().st_mode
            if stat.S_ISDIR(mode):
                folders.append(one)
            elif stat.S_ISREG(mode):
                files.append(one)
    except OSError as error:
        why = error.strerror or str(error)
        expected = "a folder to read" if at == path else "a file or a folder to read"
        raise refused(at, "$", why[:1].lower() + why[1:], expected) from error
    return folders, files
