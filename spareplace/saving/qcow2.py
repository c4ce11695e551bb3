"""Reading what a qcow2 file holds itself, without any tool and without opening another file."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

import numpy as np

from spareplace.errors import InvalidInput, Problem

MAGIC = b"QFI\xfb"

_HEADER = struct.Struct(">4sIQIIQIIQQIIQ")
_OFFSET = 0x00FFFFFFFFFFFE00
_COMPRESSED = 1 << 62
_ZERO = 1

_CORRUPT, _OTHER_FILE, _OTHER_COMPRESSION, _PARTS = 2, 4, 8, 16
"""Bits of the incompatible features."""

_LARGEST_DISK = 2**53
_LARGEST_TABLE = 2**25
"""Bytes of a first table: qemu opens none that is larger."""

Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Qcow2:
    """A qcow2 file that is open.

    Parameters
    ----------
    file, path
        The file, and what it is called in messages.
    size
        The bytes of the disk that a guest sees.
    cluster
        Bytes of a cluster, in which the file is organised.
    tables
        Where its second tables are in the file; 0 for none.
    marks_zeros
        Whether an entry can say that a cluster is zeros.
    """

    file: BinaryIO
    path: str
    size: int
    cluster: int
    tables: Numbers
    marks_zeros: bool

    @staticmethod
    def of(file: BinaryIO, path: str) -> Qcow2:
        """Read the header and the first table.

        Raises
        ------
        InvalidInput
            If it is broken, or if what it holds cannot be known from it alone: it builds on
            another file, keeps its data in one, is encrypted, or uses what is not known here.
        """
        head = _exactly(file, 0, _HEADER.size, path)
        (magic, version, backing, _, bits, size, crypt, count, first, *_rest) = _HEADER.unpack(head)
        features = 0
        if magic == MAGIC and version == 3:
            features = int.from_bytes(_exactly(file, 72, 8, path), "big")
        cluster = 1 << bits if 9 <= bits <= 21 else 0
        for wrong, found, expected in (
            (magic != MAGIC or version not in (2, 3), "no qcow2 file of version 2 or 3", "one"),
            (not cluster or size > _LARGEST_DISK, "a broken header", "a qcow2 file"),
            (backing, "an image that builds on another file", "a full image"),
            (crypt, "an encrypted image", "one that can be read"),
            (features & _CORRUPT, "an image marked as corrupt", "one that was repaired"),
            (features & _OTHER_FILE, "an image with its data in another file", "a file of its own"),
            (features & ~31 or features & (_OTHER_COMPRESSION | _PARTS),
             "features that are not known here", "plain clusters, or compressed by zlib"),
        ):  # fmt: skip
            if wrong:
                raise _refused(path, found, expected)
        needed = -(-size // (cluster * cluster // 8))
        if count < needed or 8 * needed > _LARGEST_TABLE:
            raise _refused(path, "a broken first table", "a qcow2 file")
        table = _numbers(_exactly(file, first, 8 * needed, path))
        return Qcow2(
            file=file,
            path=path,
            size=size,
            cluster=cluster,
            tables=table & np.uint64(_OFFSET),
            marks_zeros=version == 3,
        )

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Give the offset for the guest and the bytes of each cluster that has data, in order."""
        entries = self.cluster // 8
        for number in map(int, np.flatnonzero(self.tables)):
            place = int(self.tables[number])
            table = _numbers(_exactly(self.file, place, self.cluster, self.path))
            for at in np.flatnonzero(table):
                entry = int(table[at])
                offset = (number * entries + int(at)) * self.cluster
                if offset < self.size and not (entry & _ZERO and self._is_plain(entry)):
                    data = self._cluster(entry)
                    yield offset, data[: self.size - offset]

    def _is_plain(self, entry: int) -> bool:
        return self.marks_zeros and not entry & _COMPRESSED

    def _cluster(self, entry: int) -> bytes:
        if not entry & _COMPRESSED:
            # The file may end within its last cluster: the rest is zeros.
            return _some(self.file, entry & _OFFSET, self.cluster).ljust(self.cluster, b"\0")
        bits = 62 - (self.cluster.bit_length() - 1 - 8)
        offset = entry & ((1 << bits) - 1)
        sectors = ((entry & (_COMPRESSED - 1)) >> bits) + 1
        packed = _some(self.file, offset, sectors * 512 - offset % 512)
        try:
            data = zlib.decompressobj(-12).decompress(packed, self.cluster)
        except zlib.error:
            data = b""
        if len(data) != self.cluster:
            raise _refused(self.path, f"a broken cluster at byte {offset}", "a qcow2 file")
        return data


def _numbers(table: bytes) -> Numbers:
    return np.frombuffer(table, dtype=">u8").astype(np.uint64)


def _some(file: BinaryIO, offset: int, count: int) -> bytes:
    return os.pread(file.fileno(), count, offset)


def _exactly(file: BinaryIO, offset: int, count: int, path: str) -> bytes:
    # Not more than there is, whatever the header says.
    inside = offset + count <= os.fstat(file.fileno()).st_size
    found = _some(file, offset, count) if inside else b""
    if len(found) != count:
        raise _refused(path, f"a file that ends before byte {offset + count}", "all of it")
    return found


def _refused(path: str, found: str, expected: str) -> InvalidInput:
    hint = "`qemu-img convert -O qcow2` makes a full image of any"
    return InvalidInput([Problem(path=path, found=found, expected=expected, hint=hint)])
