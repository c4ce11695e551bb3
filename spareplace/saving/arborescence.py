"""The diff tree of least total size: a minimum arborescence below a root that is no image."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import networkx as nx

from spareplace.saving.sharing import Sizes

ROOT = -1


def least_forest(sizes: Sizes, settled: Collection[int] = ()) -> list[int | None]:
    """Give the parent of each image, or ``None`` for a master, such that all files are least.

    Parameters
    ----------
    sizes
        Of every file that there could be.
    settled
        Images that are stored already: they cost nothing, and get no parent here.

    Examples
    --------
    >>> least_forest(Sizes(alone=(40, 45, 50), on=((0, 9, 30), (9, 0, 5), (30, 5, 0))))
    [None, 0, 1]
    """
    count = len(sizes.alone)
    graph: nx.DiGraph[int] = nx.DiGraph()
    for image in range(count):
        if image in settled:
            graph.add_edge(ROOT, image, weight=0)
            continue
        # Of files of one size, a master comes first, then the earlier image: answers are the same
        # everywhere.
        graph.add_edge(ROOT, image, weight=_ranked(sizes.alone[image], ROOT, count))
        for base in range(count):
            if base != image:
                graph.add_edge(base, image, weight=_ranked(sizes.on[base][image], base, count))
    if not graph:
        return []
    chosen = nx.minimum_spanning_arborescence(graph)
    parents: list[int | None] = [None] * count
    for base, image in chosen.edges():
        parents[image] = None if base == ROOT else base
    return parents


def _ranked(size: int, base: int, count: int) -> int:
    return size * (count + 1) * (count + 1) + base + 1


def total_size(sizes: Sizes, parents: Sequence[int | None], settled: Collection[int] = ()) -> int:
    """Add up the files of a forest, without those that are stored already."""
    return sum(
        sizes.alone[image] if base is None else sizes.on[base][image]
        for image, base in enumerate(parents)
        if image not in settled
    )
