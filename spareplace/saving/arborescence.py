"""The diff tree of least total size: a minimum arborescence below a root that is no image.

By Chu and Liu, and Edmonds: every image takes the base on which it is smallest; images that build
on each other in a circle are then one image, on which bases cost what they add; and so on, until
there is no circle. All of it is done on whole tables: a library of graphs took 3 GB of memory for
200 images that are alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from spareplace.saving.sharing import Sizes

_MOST = 2**60
"""Costs up to this are added up in 64 bits; larger ones as integers of any length."""

Costs: TypeAlias = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Round:
    """What was taken together, and which bases that stands for.

    Parameters
    ----------
    chosen
        The base of each node.
    starts
        By base and node after it, the base before it that is meant.
    ends
        By base before it and node after it, the node before it that would get that base.
    """

    chosen: Places
    starts: Places
    ends: Places


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
    if not count:
        return []
    costs, never = _costs(sizes, settled)
    rounds: list[_Round] = []
    while circles := list(_circles(chosen := costs.argmin(axis=0))):
        costs, one = _taken_together(costs, chosen, circles)
        np.fill_diagonal(costs, never)
        rounds.append(one)
    for one in reversed(rounds):
        nodes = np.arange(len(chosen))
        bases = one.starts[chosen, nodes]
        below = one.chosen.copy()
        below[one.ends[bases, nodes]] = bases
        chosen = below
    return [None if base == count else int(base) for base in chosen]


def _costs(sizes: Sizes, settled: Collection[int]) -> tuple[Costs, int]:
    """Make the table: a row for each base, the last one for none, and a column for each image.

    With it comes what is more than any sum of costs: what an image on itself costs.
    Of files of one size, a master comes first, then the earlier image: answers are the same
    everywhere.
    """
    count = len(sizes.alone)
    unit = gcd(*sizes.alone, *(size for row in sizes.on for size in row)) or 1
    table = [[size // unit for size in row] for row in (*sizes.on, sizes.alone)]
    most = 1 + max(map(max, table))
    for image in range(count):
        if image in settled:
            for row in table[:-1]:
                row[image] = most
            table[-1][image] = 0
    never = most * (count + 2) ** 3
    costs: Costs = np.array(table, dtype=np.int64 if never < _MOST else object)
    costs = costs * (count + 1) ** 2
    costs[:-1] += np.arange(1, count + 1)[:, np.newaxis]
    np.fill_diagonal(costs, never)
    return costs, never


def _circles(chosen: Places) -> Iterator[list[int]]:
    """Find the nodes that build on each other; the root builds on nothing."""
    seen_in = [-1] * len(chosen) + [len(chosen)]
    for start in range(len(chosen)):
        node, way = start, []
        while seen_in[node] < 0:
            seen_in[node] = start
            way.append(node)
            node = int(chosen[node])
        if seen_in[node] == start and node in way:
            yield way[way.index(node) :]


def _taken_together(
    costs: Costs, chosen: Places, circles: Sequence[Sequence[int]]
) -> tuple[Costs, _Round]:
    count = len(chosen)
    inside = {node for circle in circles for node in circle}
    groups = [np.array([node]) for node in range(count) if node not in inside]
    groups += [np.array(circle) for circle in circles]
    reduced = costs - costs[chosen, np.arange(count)]
    columns = np.empty_like(costs, shape=(count + 1, len(groups)))
    ends = np.empty(columns.shape, dtype=np.intp)
    every = np.arange(count + 1)
    for number, nodes in enumerate(groups):
        best = reduced[:, nodes].argmin(axis=1)
        ends[:, number] = nodes[best]
        columns[:, number] = reduced[every, nodes[best]]
    rows = np.empty_like(costs, shape=(len(groups) + 1, len(groups)))
    starts = np.empty(rows.shape, dtype=np.intp)
    every = np.arange(len(groups))
    for number, nodes in enumerate([*groups, np.array([count])]):
        best = columns[nodes].argmin(axis=0)
        starts[number] = nodes[best]
        rows[number] = columns[nodes[best], every]
    return rows, _Round(chosen=chosen, starts=starts, ends=ends)


def total_size(sizes: Sizes, parents: Sequence[int | None], settled: Collection[int] = ()) -> int:
    """Add up the files of a forest, without those that are stored already."""
    return sum(
        sizes.alone[image] if base is None else sizes.on[base][image]
        for image, base in enumerate(parents)
        if image not in settled
    )
