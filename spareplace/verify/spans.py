"""Ranges of bytes, and what is left when some are taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Ranges ``[start, stop)``, sorted; none is empty, no two overlap or touch."""


def union(ranges: Iterable[tuple[int, int]]) -> Spans:
    """Give the bytes that are in any of the ranges, which may be in any order.

    Examples
    --------
    >>> union([(5, 9), (0, 3), (3, 4), (7, 7)])
    ((0, 4), (5, 9))
    """
    kept: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if start >= stop:
            continue
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], stop))
        else:
            kept.append((start, stop))
    return tuple(kept)


def without(spans: Spans, taken: Spans) -> Spans:
    """Give the bytes that are in the first spans and not in the second.

    Examples
    --------
    >>> without(((0, 10),), ((0, 2), (4, 6)))
    ((2, 4), (6, 10))
    """
    left: list[tuple[int, int]] = []
    following = 0
    for start, stop in spans:
        while following < len(taken) and taken[following][1] <= start:
            following += 1
        here = following
        while here < len(taken) and taken[here][0] < stop:
            if start < taken[here][0]:
                left.append((start, taken[here][0]))
            start = taken[here][1]
            here += 1
        if start < stop:
            left.append((start, stop))
    return tuple(left)


def length(spans: Spans) -> int:
    """Count the bytes.

    Examples
    --------
    >>> length(((0, 4), (5, 9)))
    8
    """
    return sum(stop - start for start, stop in spans)
