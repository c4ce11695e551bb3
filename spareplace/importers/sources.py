"""The texts that an importer reads: files that the user names, each from one host.

Only files that the caller names, or that lie in a folder that the caller names, are opened: never
a path that stands inside one of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from spareplace.errors import InvalidInput, Problem
from spareplace.files import LARGEST_FILE

MOST_FILES = 100_000
"""Files that one import reads: a bound on the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text, and where it is from.

    Parameters
    ----------
    path
        What messages call it.
    content
        What stands in it. Nobody has looked at it yet.
    host
        The name of the host whose state it tells, or ``None`` if it tells of no single one.
    """

    path: str
    content: bytes
    host: str | None = None

    @property
    def name(self) -> str:
        """The last step of its path."""
        return os.path.basename(self.path)


def read_source(path: str, host: str | None = None) -> Source:
    """Read one file.

    Raises
    ------
    InvalidInput
        If it cannot be read or is longer than 64 MiB.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise refused(path, "$", why[:1].lower() + why[1:], "a file to read") from error
    if len(content) > LARGEST_FILE:
        raise refused(
            path, "$", f"more than {LARGEST_FILE:,} bytes", f"at most {LARGEST_FILE:,} bytes"
        )
    return Source(path=path, content=content, host=host)


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
    found: list[Source] = []
    for path in paths:
        found += _within(path, None)
    for path, host in (hosts or {}).items():
        found += _within(path, host)
    if len(found) > MOST_FILES:
        raise refused(
            found[MOST_FILES].path, "$", f"{len(found):,} files", f"at most {MOST_FILES:,}"
        )
    return tuple({source.path: source for source in found}.values())


def _within(path: str, host: str | None) -> list[Source]:
    if not os.path.isdir(path):
        folder = os.path.basename(os.path.dirname(path))
        if host is None and folder in ("", ".", ".."):
            raise refused(
                path,
                "$",
                "a file in no folder that is named after a host",
                "to know which host it is from",
                "put it into a folder named after the host, or name the host with it",
            )
        return [read_source(path, folder if host is None else host)]
    inside = _listed(path)
    folders = [one for one in inside if one.is_dir()]
    if host is None and folders:
        return [
            read_source(str(file), folder.name)
            for folder in folders
            for file in _listed(str(folder))
            if file.is_file()
        ]
    name = Path(path).resolve().name if host is None else host
    files = [read_source(str(file), name) for file in inside if file.is_file()]
    if not files:
        raise refused(path, "$", "a folder without files", "a folder with a file to read")
    return files


def _listed(path: str) -> list[Path]:
    try:
        inside = sorted(Path(path).iterdir())
    except OSError as error:
        raise refused(path, "$", error.strerror or str(error), "a folder to read") from error
    return [one for one in inside if not one.name.startswith(".")]


def text_of(source: Source) -> str:
    """Give the letters of a source.

    Raises
    ------
    InvalidInput
        If it is not UTF-8.
    """
    try:
        return source.content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = source.content.count(b"\n", 0, error.start) + 1
        found = f"no UTF-8: 0x{source.content[error.start]:02x}"
        raise refused(source.path, f"line {line}", found, "text in UTF-8") from None


def refused(
    source: Source | str, path: str, found: str, expected: str, hint: str = ""
) -> InvalidInput:
    """Make the error that tells of one problem of a source.

    Parameters
    ----------
    source
        What was read, or what messages call it.
    path
        Where in it: a JSON path, or ``line 3``.
    found, expected, hint
        As in `Problem`.
    """
    problem = Problem(path=_plain(path), found=found, expected=expected, hint=hint)
    return InvalidInput([problem], source if isinstance(source, str) else source.path)


def told_of(source: Source, error: InvalidInput, path: str = "") -> InvalidInput:
    """Say which source an error is about, and put a path before those of its problems."""
    problems = [replace(it, path=_plain(path + it.path)) for it in error.problems]
    return InvalidInput(problems, source.path)


def _plain(path: str) -> str:
    return path if path.isprintable() else repr(path)[1:-1]
