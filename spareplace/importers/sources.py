"""The texts that an importer reads, each from one host, and how what is wrong with one is told."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from spareplace.errors import InvalidInput, Problem
from spareplace.files import LARGEST_FILE
from spareplace.files.json_text import Repeating, parse_json
from spareplace.files.problems import repeated, step, within


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
    return one_source(content, path, host)


def one_source(content: bytes, path: str, host: str | None = None) -> Source:
    """Take a text that was read.

    Raises
    ------
    InvalidInput
        If it is longer than 64 MiB.
    """
    if len(content) > LARGEST_FILE:
        raise refused(
            path, "$", f"more than {LARGEST_FILE:,} bytes", f"at most {LARGEST_FILE:,} bytes"
        )
    return Source(path=path, content=content, host=host)


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


def lines_of(source: Source) -> Iterator[tuple[int, str]]:
    """Give the lines of a source with their numbers, whichever way they end.

    Raises
    ------
    InvalidInput
        If it is not UTF-8.
    """
    for number, line in enumerate(text_of(source).split("\n"), 1):
        yield number, line.removesuffix("\r")


def json_of(source: Source, expected: str) -> object:
    """Give the JSON value that a source holds.

    Parameters
    ----------
    source
        What to read.
    expected
        What should stand in it, for messages.

    Raises
    ------
    InvalidInput
        If it is none, or if a key stands twice in an object of it.
    """
    refuse_empty(source, expected)
    repeating: list[Repeating] = []
    try:
        value = parse_json(source.content, repeating)
    except InvalidInput as error:
        raise told_of(source, error) from None
    if repeating:
        raise told_of(source, _repeats(value))
    return value


_Steps: TypeAlias = "tuple[_Steps, str] | None"
"""The way to an object or list: the last step, and the way to what that starts from."""


def _repeats(value: object) -> InvalidInput:
    """Tell of a key that stands twice in an object: which one counts nobody can tell."""
    waiting: list[tuple[object, _Steps]] = [(value, None)]
    for item, way in waiting:
        if problems := repeated(item) if isinstance(item, dict) else []:
            return InvalidInput(within(_path(way), problems[:1]))
        if isinstance(item, dict):
            waiting += [(inner, (way, step(key))) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [(inner, (way, f"[{at}]")) for at, inner in enumerate(item)]
    raise AssertionError("the outermost object that repeats a key is left out by none")


def _path(way: _Steps) -> str:
    steps = []
    while way is not None:
        way, last = way
        steps.append(last)
    return "$" + "".join(reversed(steps))


def refuse_empty(source: Source, expected: str) -> None:
    """Refuse a source in which nothing stands: the command that was to fill it failed.

    Raises
    ------
    InvalidInput
        If so.
    """
    if not source.content.removeprefix(BOM_UTF8).strip():
        hint = "the command that was to fill it failed: run it again, or take the file away"
        raise refused(source, "$", "nothing: it is empty", expected, hint)


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
