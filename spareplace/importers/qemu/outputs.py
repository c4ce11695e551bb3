"""What ``qemu-img info --backing-chain --output=json`` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from spareplace.files.problems import shown
from spareplace.importers.images import ImageFile
from spareplace.importers.sources import Source, json_of, refused
from spareplace.units import LARGEST


def image_files(source: Source) -> list[ImageFile]:
    """Read one output of qemu-img, or a list of several.

    Raises
    ------
    InvalidInput
        If it is no such output.
    """
    document = json_of(source, _EXPECTED)
    entries = list(_entries(source, "$", document, depth=0))
    files = []
    for position, (path, entry) in enumerate(entries):
        after = entries[position + 1][1] if position + 1 < len(entries) else {}
        files.append(_image(source, path, entry, after.get("filename")))
    return files


_EXPECTED = "what qemu-img info --backing-chain --output=json prints: a list of objects"

_DEEPEST = 2
"""A list of outputs, each a list of files."""


def _entries(
    source: Source, path: str, value: object, depth: int
) -> Iterator[tuple[str, Mapping[str, object]]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list) and depth < _DEEPEST:
        for position, item in enumerate(value):
            yield from _entries(source, f"{path}[{position}]", item, depth + 1)
    else:
        raise refused(source, path, shown(value), _EXPECTED)


def _image(source: Source, path: str, entry: Mapping[str, object], following: object) -> ImageFile:
    backing = entry.get("full-backing-filename", entry.get("backing-filename"))
    if backing is not None:
        backing = _text(source, f"{path}.backing-filename", backing)
        # Relative to the file above, the next one of a chain is the one that is meant.
        if isinstance(following, str) and _may_be(backing, following):
            backing = following
    _refuse_data_file(source, path, entry)
    return ImageFile(
        host=source.host or "",
        path=_filename(source, path, entry),
        virtual_size=_bytes(source, path, entry, "virtual-size"),
        actual_size=_bytes(source, path, entry, "actual-size"),
        backing=backing,
        told=(source.path, path),
    )


def _may_be(backing: str, following: str) -> bool:
    """Say if two paths can be of one file: of a list of single outputs, the next is any image."""
    absolute = os.path.isabs(backing) and os.path.isabs(following)
    return not absolute and os.path.basename(following) == os.path.basename(backing)


def _refuse_data_file(source: Source, path: str, entry: Mapping[str, object]) -> None:
    """Refuse an image whose content lies in another file: its sizes tell nothing of that."""
    for key in ("format-specific", "data", "data-file"):
        inner = entry.get(key)
        if not isinstance(inner, dict):
            break
        entry = inner
    if isinstance(entry.get("data-file"), str):
        where = f"{path}['format-specific'].data['data-file']"
        found = f"an external data file {shown(entry['data-file'])}"
        hint = "convert it with qemu-img convert -O qcow2"
        raise refused(source, where, found, "an image that is one file", hint)


def _filename(source: Source, path: str, entry: Mapping[str, object]) -> str:
    if "filename" not in entry:
        raise refused(source, f"{path}.filename", "no such key", _EXPECTED)
    return _text(source, f"{path}.filename", entry["filename"])


def _text(source: Source, path: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise refused(source, path, shown(value), "a path: text that is not empty")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise refused(source, path, shown(value), "a path of valid Unicode text", "rename the file")
    return value


def _bytes(source: Source, path: str, entry: Mapping[str, object], key: str) -> int:
    value = entry.get(key)
    if type(value) is not int or not 0 <= value <= LARGEST:
        found = shown(value) if key in entry else "no such key"
        raise refused(source, f"{path}['{key}']", found, "whole bytes from 0 to 2^53")
    return value
