"""What guests see of raw and qcow2 images, block by block. No other file is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from spareplace.errors import InvalidInput, Problem
from spareplace.saving.qcow2 import MAGIC, Qcow2

Format: TypeAlias = Literal["raw", "qcow2"]

BLOCK = 65536
"""Bytes of a block: what images are compared by, and what qcow2 stores."""

_READ = 16 * BLOCK

_RAW_ENDINGS = (".raw", ".img", ".bin", ".iso")
_QCOW2_ENDINGS = (".qcow2", ".qcow")


def format_of(path: str, given: Format | None = None) -> Format:
    """Tell the format of an image.

    A guest can write anything into a raw image, also what a qcow2 file begins with: an image is
    taken for qcow2 only if its name says so, or its user.

    Raises
    ------
    InvalidInput
        If the name and the first bytes contradict each other, or if it is no file of bytes.
    OSError
        If it cannot be read.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode):  # they may never end
        found = "a pipe, a socket or a character device"
        raise InvalidInput([Problem(path=path, found=found, expected="a file or a block device")])
    with open(path, "rb") as file:
        looks = file.read(len(MAGIC)) == MAGIC
    ending = os.path.splitext(path)[1].lower()
    if given is not None:
        says: bool | None = given == "qcow2"
    elif ending in _QCOW2_ENDINGS:
        says = True
    else:
        says = False if ending == ".raw" or not looks else None
    if says is None or says > looks:
        raise InvalidInput(
            [
                Problem(
                    path=path,
                    found="the first bytes of a qcow2 file" if looks else "no qcow2 file",
                    expected="a name that ends with .qcow2 or .raw" if looks else "one",
                    hint="a raw image can begin like that, too: say which format it has"
                    if looks
                    else "say which format it has",
                )
            ]
        )
    return "qcow2" if says else "raw"


def virtual_size(path: str, image_format: Format) -> int:
    """Give the bytes of the disk that a guest sees.

    Raises
    ------
    InvalidInput
        If a qcow2 file cannot be read on its own; see `Qcow2`.
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as file:
        if image_format == "qcow2":
            return Qcow2.of(file, path).size
        return file.seek(0, os.SEEK_END)


def blocks_of(path: str, image_format: Format) -> Iterator[tuple[int, bytes]]:
    """Give the number and the bytes of each block that may hold anything but zeros, in order.

    Raises
    ------
    InvalidInput, OSError
        As `virtual_size`.
    """
    with open(path, "rb") as file:
        if image_format == "qcow2":
            yield from _whole_blocks(Qcow2.of(file, path).pieces())
        else:
            yield from _whole_blocks(_raw_pieces(file))


def stem(path: str) -> str:
    """Name an image after its file, without the ending of a format."""
    name = Path(path).name
    root, ending = os.path.splitext(name)
    return root if root and ending.lower() in (*_RAW_ENDINGS, *_QCOW2_ENDINGS) else name


def _raw_pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Read a raw file but for its holes."""
    number, size = file.fileno(), file.seek(0, os.SEEK_END)
    start = 0
    while start < size:
        try:
            start = os.lseek(number, start, os.SEEK_DATA)
        except OSError:  # nothing but a hole is left
            return
        stop = os.lseek(number, start, os.SEEK_HOLE)
        start -= start % BLOCK  # holes need not end with a block
        while start < stop:
            piece = os.pread(number, min(_READ, stop - start), start)
            if not piece:
                return
            yield start, piece
            start += len(piece)


def _whole_blocks(pieces: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Cut pieces, which come in order, into blocks; what no piece has of a block is zeros."""
    number, block = -1, bytearray()
    for offset, piece in pieces:
        done = 0
        while done < len(piece):
            here, at = divmod(offset + done, BLOCK)
            if here != number:
                if number >= 0:
                    yield number, bytes(block)
                number, block = here, bytearray(BLOCK)
            count = min(BLOCK - at, len(piece) - done)
            block[at : at + count] = piece[done : done + count]
            done += count
    if number >= 0:
        yield number, bytes(block)
