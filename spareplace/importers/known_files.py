"""What is known of image files beside what a tool says: checksums, and the user's word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spareplace.files.decoding import objects_of
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, one_of
from spareplace.importers.images import Files, ImageFile
from spareplace.importers.imported import Note
from spareplace.importers.sources import Source, lines_of, refused
from spareplace.importers.tables import is_json, read_csv_table, read_json_table

IMAGES_FORMAT = "spareplace/images/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedImage:
    """What the user says of an image file.

    Parameters
    ----------
    file
        Its path, as the tool tells it.
    host
        Where it lies; ``None`` for a file of this path on any host.
    diff
        The diff that it is. Files of one diff have the same content.
    vm
        The VM whose disk it is.
    template
        True if it is no VM's disk, although no other image builds on it.
    """

    file: str
    host: str | None = None
    diff: str | None = None
    vm: str | None = None
    template: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageList:
    """An images file."""

    images: tuple[NamedImage, ...]


NAMED_IMAGE = shape_of(
    NamedImage, {"file": NAME, "host": NAME, "diff": NAME, "vm": NAME, "template": FLAG}
)
IMAGE_LIST = shape_of(
    ImageList, {"images": objects_of(NAMED_IMAGE)}, format_kind=one_of(IMAGES_FORMAT)
)


def read_images(source: Source) -> dict[tuple[str | None, str], NamedImage]:
    """Read an images file: JSON of the format ``spareplace/images/1``, or CSV.

    Raises
    ------
    InvalidInput
        If anything is wrong with it.
    """
    if is_json(source):
        images: Sequence[NamedImage] = read_json_table(source, IMAGE_LIST, IMAGES_FORMAT).images
    else:
        images = read_csv_table(source, NAMED_IMAGE)
    found: dict[tuple[str | None, str], NamedImage] = {}
    for image in images:
        if (image.host, image.file) in found:
            raise refused(source, "file", f"{image.file!r:.200} again", "each file once a host")
        found[image.host, image.file] = image
    return found


_SUM = re.compile(r"(\\?)([0-9A-Fa-f]{64}) [ *](.+)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_checksums(source: Source) -> dict[tuple[str, str], str]:
    r"""Read what ``sha256sum`` printed on one host, by host and path.

    Raises
    ------
    InvalidInput
        If a line is not of its form, or two lines of one file differ.

    Examples
    --------
    >>> from spareplace.importers.sources import Source
    >>> line = b"0" * 64 + b"  /srv/base.qcow2\n"
    >>> list(read_checksums(Source(path="a/SHA256SUMS", content=line, host="a")))
    [('a', '/srv/base.qcow2')]
    """
    sums: dict[tuple[str, str], str] = {}
    for number, line in lines_of(source):
        if not line:
            continue
        found = _SUM.fullmatch(line)
        if found is None:
            expected = "64 hexadecimal digits, two spaces and a path, as sha256sum prints them"
            raise refused(source, f"line {number}", f"{line!r:.80}", expected)
        path = found[3]
        if found[1]:  # sha256sum marks a line in which it escaped something
            path = _ESCAPED.sub(lambda it: {"n": "\n", "r": "\r"}.get(it[1], it[1]), path)
        place = (source.host or "", path)
        if sums.setdefault(place, found[2].lower()) != found[2].lower():
            raise refused(
                source, f"line {number}", f"another checksum of {path!r:.200}", "one for each file"
            )
    return sums


def checksum_of(sums: Mapping[tuple[str, str], str], file: ImageFile) -> str | None:
    """Find the checksum of a file: by its path, or by its last step where that was given alone."""
    whole = sums.get((file.host, file.path))
    return whole or sums.get((file.host, os.path.basename(file.path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of image files beside what they are.

    Parameters
    ----------
    sums
        Checksums, by host and path.
    images
        What the user says, by host (or ``None`` for any) and path.
    """

    sums: Mapping[tuple[str, str], str] = field(default_factory=dict)
    images: Mapping[tuple[str | None, str], NamedImage] = field(default_factory=dict)

    def said_of(self, file: ImageFile) -> NamedImage | None:
        """Give what the user says of a file."""
        return self.images.get((file.host, file.path)) or self.images.get((None, file.path))


def all_checksums(sources: Iterable[Source]) -> dict[tuple[str, str], str]:
    """Read the checksums of several sources, by host and path.

    Raises
    ------
    InvalidInput
        If they contradict each other.
    """
    sums: dict[tuple[str, str], str] = {}
    for source in sources:
        for place, digest in read_checksums(source).items():
            if sums.setdefault(place, digest) != digest:
                path = f"the file {place[1]!r:.200}"
                raise refused(source, path, "another checksum", "one for each file of a host")
    return sums


def unmatched(known: Known, files: Files) -> Iterator[Note]:
    """Note what the user or a list of checksums says of files that no source knows."""
    paths = {path for _, path in files}
    steps = {(host, os.path.basename(path)) for host, path in files}
    for place in known.sums:
        if place not in files and place not in steps:
            assumed = "sha256sum tells of it, and nothing else does: passed over"
            yield Note(about=f"file {place[1]!r} on host {place[0]!r}", assumed=assumed)
    for host, path in known.images:
        if (host, path) not in files and (host is not None or path not in paths):
            where = "" if host is None else f" on host {host!r}"
            assumed = "the images file names it, and no source does: passed over"
            yield Note(about=f"image {path!r}{where}", assumed=assumed)
