"""Small images whose blocks are letters, as files, and tables of sizes."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from hypothesis import strategies as st

from spareplace.saving.contents import BLOCK
from spareplace.saving.sharing import Sizes

IMAGES = st.lists(st.text(alphabet=".ab", max_size=6), min_size=1, max_size=5)
"""A letter for each block; a dot for one of zeros."""


def write_raw(path: Path, blocks: str, tail: int = 0) -> str:
    """Write a raw image, zeros as holes, and some bytes after the last block."""
    with open(path, "wb") as file:
        for at, letter in enumerate(blocks):
            if letter != ".":
                file.seek(at * BLOCK)
                file.write(letter.encode() * BLOCK)
        file.truncate(len(blocks) * BLOCK + tail)
    return str(path)


@st.composite
def tables(draw: st.DrawFn, most: int = 5) -> Sizes:
    """Sizes without any order in them."""
    count = draw(st.integers(1, most))
    size = st.integers(1, 30)
    alone = tuple(draw(size) for _ in range(count))
    return Sizes(alone=alone, on=tuple(tuple(draw(size) for _ in alone) for _ in alone))


def all_forests(count: int, limit: int) -> list[tuple[int | None, ...]]:
    """Give every forest of some images without chains of more differences than a limit."""
    choices: list[list[int | None]] = [
        [None, *(base for base in range(count) if base != image)] for image in range(count)
    ]
    return [found for found in product(*choices) if _deepest(found) <= limit]


def _deepest(parents: tuple[int | None, ...]) -> float:
    deepest = 0
    for image in range(len(parents)):
        depth, at = 0, parents[image]
        while at is not None:
            depth, at = depth + 1, parents[at]
            if depth > len(parents):
                return float("inf")
        deepest = max(deepest, depth)
    return deepest
