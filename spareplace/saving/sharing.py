"""How large the file of each image would be, alone and as a difference on each other one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spareplace.saving.blocks import Measured, blocks_in, windows
from spareplace.saving.contents import BLOCK

FIXED = 4
"""Clusters that every qcow2 file has: header, two for reference counts, first table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Estimated sizes of files, in bytes; images are numbers.

    Parameters
    ----------
    alone
        Of each image as a master.
    on
        ``on[base][image]``: of an image as a difference on another.
    """

    alone: tuple[int, ...]
    on: tuple[tuple[int, ...], ...]


def sizes_of(images: Sequence[Measured]) -> Sizes:
    """Compare each image with each other one, block by block at the same place.

    A block that is zeros takes no room; where the other image has data there, it takes an entry
    in a table. A table is a cluster for each 512 MiB in which anything differs. What lies behind
    the end of an image is no part of it, whatever the other has there.
    """
    count = len(images)
    data = np.zeros((count, count), dtype=np.int64)
    tables = np.zeros((count, count), dtype=np.int64)
    own_data = np.zeros(count, dtype=np.int64)
    own_tables = np.zeros(count, dtype=np.int64)
    lengths = np.array([blocks_in(image) for image in images])
    start = 0
    for digests in windows(images):
        filled = digests != 0
        inside = start + np.arange(digests.shape[1]) < lengths[:, np.newaxis]
        start += digests.shape[1]
        own_data += filled.sum(axis=1)
        own_tables += filled.any(axis=1)
        for image in range(count):
            other = (digests != digests[image]) & inside[image]
            data[:, image] += (other & filled[image]).sum(axis=1)
            tables[:, image] += other.any(axis=1)
    alone = (own_data + own_tables + FIXED) * BLOCK
    on = (data + tables + FIXED) * BLOCK
    return Sizes(
        alone=tuple(int(size) for size in alone),
        on=tuple(tuple(int(size) for size in row) for row in on),
    )
