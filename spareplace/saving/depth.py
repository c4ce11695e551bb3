"""Keeping chains short: images are hung elsewhere until none has too many below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from spareplace.saving.arborescence import total_size
from spareplace.saving.sharing import Sizes

_MASTER = -1

MOST_STARS = 8
"""How many images are tried as the one on which all others are differences, to begin with."""


def within_depth(
    sizes: Sizes,
    parents: Sequence[int | None],
    limit: int,
    settled: Mapping[int, int],
) -> list[int | None]:
    """Find a forest without chains of more differences on their master than a limit.

    The least forest is taken if it has none. Else several forests are mended, and the one with
    the least sum is taken: the least forest, and some in which all images are differences on one.
    It is a good one, and need not be the best: with a limit, to find that is a hard problem.

    Mending: as long as a chain is too long, of the image at its end and those that it builds on,
    one is hung elsewhere with all that builds on it, the one of which the files grow least, so
    that no chain through it is too long. Then images are hung where they are smaller, the largest
    gain first, until there is no such place.

    Parameters
    ----------
    sizes
        Of every file that there could be.
    parents
        The least forest; what is settled has no parent in it.
    limit
        The most differences in a chain.
    settled
        The images that are stored already, with the differences in the chain of each.
    """
    depths = _depths(parents, settled)
    if all(depth <= limit for image, depth in enumerate(depths) if image not in settled):
        return list(parents)
    stars = [_star(sizes, hub, settled) for hub in range(len(parents))]
    stars.sort(key=lambda star: total_size(sizes, star, settled))
    starts = [list(parents), *stars[:MOST_STARS]]
    mended = [_mended(sizes, start, limit, settled) for start in starts]
    return min(mended, key=lambda forest: total_size(sizes, forest, settled))


def _star(sizes: Sizes, hub: int, settled: Mapping[int, int]) -> list[int | None]:
    """Make all images differences on one, but for those that are smaller as masters."""
    return [
        None if image == hub or image in settled or size <= sizes.on[hub][image] else hub
        for image, size in enumerate(sizes.alone)
    ]


def _mended(
    sizes: Sizes, found: list[int | None], limit: int, settled: Mapping[int, int]
) -> list[int | None]:
    while True:
        depths = _depths(found, settled)
        free = [image for image in range(len(found)) if image not in settled]
        deepest = max(free, key=lambda image: (depths[image], -image), default=None)
        over = deepest is not None and depths[deepest] > limit
        movable = list(_upwards(deepest, found, settled)) if over else free
        best = min(_moves(sizes, found, depths, limit, movable), default=None)
        if best is None or (best[0] >= 0 and not over):
            return found
        _, image, base = best
        found[image] = None if base == _MASTER else base


def _depths(parents: Sequence[int | None], settled: Mapping[int, int]) -> list[int]:
    """Count the differences in the chain of each image."""
    known = dict(settled)
    for image in range(len(parents)):
        way = [image]
        while way[-1] not in known:
            base = parents[way[-1]]
            if base is None:
                known[way[-1]] = 0
            else:
                way.append(base)
        for above, here in zip(way[::-1], way[-2::-1], strict=False):
            known[here] = known[above] + 1
    return [known[image] for image in range(len(parents))]


def _upwards(
    image: int | None, parents: Sequence[int | None], settled: Mapping[int, int]
) -> Iterator[int]:
    while image is not None and image not in settled:
        yield image
        image = parents[image]


def _moves(
    sizes: Sizes,
    parents: Sequence[int | None],
    depths: Sequence[int],
    limit: int,
    movable: Iterable[int],
) -> Iterator[tuple[int, int, int]]:
    """Give the growth, the image and the new parent of each move that leaves chains short."""
    below: list[list[int]] = [[] for _ in parents]
    for image, base in enumerate(parents):
        if base is not None:
            below[base].append(image)
    for image in movable:
        under = _under(image, below)
        height = max(depths[it] for it in under) - depths[image]
        base = parents[image]
        now = sizes.alone[image] if base is None else sizes.on[base][image]
        if height <= limit:
            yield sizes.alone[image] - now, image, _MASTER
        for other, depth in enumerate(depths):
            if depth + 1 + height <= limit and other not in under:
                yield sizes.on[other][image] - now, image, other


def _under(image: int, below: Sequence[Sequence[int]]) -> set[int]:
    found = {image}
    waiting = [image]
    while waiting:
        for child in below[waiting.pop()]:
            found.add(child)
            waiting.append(child)
    return found
