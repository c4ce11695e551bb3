"""The digests of the blocks of images: read once, kept in files, compared without the images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from spareplace.errors import InvalidInput, Problem
from spareplace.saving.contents import BLOCK, Format, blocks_of, format_of, virtual_size

WINDOW = 8192
"""Blocks that are looked at together: those of one table of a qcow2 file, 512 MiB."""

Digests = npt.NDArray[np.uint64]

_ZEROS = bytes(BLOCK)

_TOLD = 64 * 2**20
"""About how many bytes are read between two calls of `told`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One image that was read.

    Parameters
    ----------
    name
        What it is called.
    virtual_size
        The bytes of the disk that a guest sees.
    digests
        A file of 8 bytes for each block, 0 for one of zeros.
    """

    name: str
    virtual_size: int
    digests: Path

    def window(self, start: int, count: int = WINDOW) -> Digests:
        """Give the digests of some blocks; 0 beyond the end."""
        with open(self.digests, "rb") as file:
            file.seek(8 * start)
            found = np.frombuffer(file.read(8 * count), dtype="<u8")
        whole = np.zeros(count, dtype=np.uint64)
        whole[: len(found)] = found
        return whole


def measure(
    name: str,
    path: str,
    digests: Path,
    *,
    given: Format | None = None,
    told: Callable[[int], object] = lambda _read: None,
) -> Measured:
    """Read an image once, and write the digests of its blocks.

    Two blocks of different bytes have the same digest with a probability of 2^-64. That would
    make an estimate wrong, and never a difference: those are taken byte by byte.

    Parameters
    ----------
    name, path
        The image.
    digests
        The file to write.
    given
        Its format, if it is known.
    told
        Called now and then with the bytes that were gone through.

    Raises
    ------
    InvalidInput, OSError
        If it cannot be read; see `virtual_size`.
    """
    image_format = format_of(path, given)
    size = virtual_size(path, image_format)
    last = 0
    with open(digests, "wb") as file:
        for start, window in _windows(blocks_of(path, image_format)):
            file.seek(8 * start)
            file.write(window.astype("<u8").tobytes())
            if (start * BLOCK - last) >= _TOLD:
                last = start * BLOCK
                told(last)
        file.truncate(8 * -(-size // BLOCK))
    told(size)
    return Measured(name=name, virtual_size=size, digests=digests)


def _windows(blocks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, Digests]]:
    """Gather digests, a few at a time."""
    start, window = 0, np.zeros(WINDOW, dtype=np.uint64)
    for number, block in blocks:
        if not start <= number < start + WINDOW:
            yield start, window
            start, window = number - number % WINDOW, np.zeros(WINDOW, dtype=np.uint64)
        window[number - start] = digest(block)
    yield start, window


def digest(block: bytes) -> int:
    """Give 8 bytes that tell a block from others; 0 for zeros."""
    if block == _ZEROS:
        return 0
    return int.from_bytes(blake2b(block, digest_size=8).digest(), "little") or 1


def measured_before(name: str, digests: Path, size: int) -> Measured:
    """Take the digests that were kept of an image.

    Raises
    ------
    InvalidInput
        If the file is missing, or of another image.
    """
    expected = 8 * -(-size // BLOCK)
    found = digests.stat().st_size if digests.is_file() else None
    if found != expected:
        told = "no such file" if found is None else f"{found} bytes"
        raise InvalidInput(
            [Problem(path=str(digests), found=told, expected=f"the digests of {name!r}")]
        )
    return Measured(name=name, virtual_size=size, digests=digests)


def blocks_in(image: Measured) -> int:
    """Count the blocks of an image, the last of which may be cut short."""
    return -(-image.virtual_size // BLOCK)


def windows(images: Sequence[Measured]) -> Iterator[Digests]:
    """Give the digests of all images side by side, some blocks of each at a time."""
    longest = max(map(blocks_in, images), default=0)
    for start in range(0, longest, WINDOW):
        yield np.stack([image.window(start) for image in images])
