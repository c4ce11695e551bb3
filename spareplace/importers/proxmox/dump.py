"""The files that ``pvesh get ... --output-format json`` filled, and the values in them.

Numbers and flags come as JSON has them, or as text: versions differ.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from spareplace.errors import InvalidInput
from spareplace.files.problems import shown, step
from spareplace.importers.folders import bounded, inside
from spareplace.importers.sources import Source, json_of, read_source, refused
from spareplace.importers.tables import number_in
from spareplace.units import LARGEST, exact_amount


def read_dump(paths: Iterable[str]) -> tuple[Source, ...]:
    """Read folders with a folder for each node.

    Parameters
    ----------
    paths
        A file of the whole cluster, or a folder: what lies right in it tells of the whole
        cluster, and what lies in a folder in it of the node that this folder is named after.

    Raises
    ------
    InvalidInput
        If something cannot be read.
    """
    return bounded(chain.from_iterable(_read(path) for path in paths))


def _read(path: str) -> Iterator[Source]:
    if not os.path.isdir(path):
        yield read_source(path)
        return
    folders, files = inside(path)
    for file in files:
        yield read_source(str(file))
    for folder in folders:
        for file in inside(str(folder))[1]:
            yield read_source(str(file), folder.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One JSON object of a source.

    Parameters
    ----------
    source, path
        Where it stands.
    values
        What stands in it.
    """

    source: Source
    path: str
    values: Mapping[str, object]

    def refuse(self, key: str, expected: str) -> InvalidInput:
        """Make the error that tells of one of its keys."""
        found = shown(self.values[key]) if key in self.values else "no such key"
        return refused(self.source, f"{self.path}{step(key)}", found, expected)

    def text(self, key: str) -> str | None:
        """Give text, or the digits of a number; ``None`` if there is nothing.

        Raises
        ------
        InvalidInput
            If it is anything else, or no valid Unicode.
        """
        value = self.values.get(key)
        if type(value) is int:
            return str(value)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise self.refuse(key, "text")
        return value

    def name(self, key: str) -> str:
        """Give text that must be there.

        Raises
        ------
        InvalidInput
            If it is not.
        """
        found = self.text(key)
        if found is None:
            raise self.refuse(key, "text that is not empty")
        return found

    def whole(self, key: str) -> int | None:
        """Give a whole number from 0, or ``None`` if there is nothing.

        Raises
        ------
        InvalidInput
            If it is anything else.
        """
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if type(value) is not int or not 0 <= value <= LARGEST:
            raise self.refuse(key, "a whole number from 0 to 2^53")
        return value

    def amount(self, key: str) -> Decimal | None:
        """Give a number from 0, whole or not, or ``None`` if there is nothing.

        Raises
        ------
        InvalidInput
            If it is anything else.
        """
        value = self.values.get(key)
        if value is None or value == "":
            return None
        try:
            return exact_amount(number_in(value) if isinstance(value, str) else value)
        except ValueError:
            raise self.refuse(key, "a number from 0 to 2^53") from None

    def flag(self, key: str) -> bool:
        """Give a flag; what is left out is false.

        Raises
        ------
        InvalidInput
            If it is none.
        """
        value = self.values.get(key)
        if value is None or value in ("", "0", 0):
            return False
        if value in ("1", 1):
            return True
        raise self.refuse(key, "1 or 0")

    def words(self, key: str) -> tuple[str, ...]:
        """Give the words of a list in one text, which stand between commas, semicolons or spaces.

        Raises
        ------
        InvalidInput
            If it is no text.
        """
        text = self.text(key) or ""
        return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


def entries(source: Source) -> list[Entry]:
    """Read a list of objects, or what the HTTP interface puts around one.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    path, document = _document(source)
    if not isinstance(document, list):
        expected = "a list of objects, as pvesh get ... --output-format json prints it"
        raise refused(source, path, shown(document), expected)
    return [_entry(source, f"{path}[{number}]", one) for number, one in enumerate(document)]


def entry(source: Source) -> Entry:
    """Read one object, or what the HTTP interface puts around one.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    return _entry(source, *_document(source))


def _document(source: Source) -> tuple[str, object]:
    document = json_of(source, "what pvesh get ... --output-format json prints")
    if isinstance(document, dict) and set(document) == {"data"}:
        return "$.data", document["data"]
    return "$", document


def _entry(source: Source, path: str, value: object) -> Entry:
    if not isinstance(value, dict):
        raise refused(source, path, shown(value), "an object")
    return Entry(source=source, path=path, values=value)
