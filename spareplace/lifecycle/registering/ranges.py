"""Ranges of bytes: joined, and cut where others end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from spareplace.holding import Span

Spans: TypeAlias = tuple[Span, ...]
"""Sorted ranges that neither overlap nor touch."""


def joined(spans: Sequence[Span]) -> Spans:
    """Sort ranges and join those that touch or overlap.

    Examples
    --------
    >>> joined([(5, 9), (0, 5), (12, 13)])
    ((0, 9), (12, 13))
    """
    result: list[Span] = []
    for start, stop in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return tuple(result)


def bytes_of(spans: Sequence[Span]) -> int:
    """Count the bytes in ranges that do not overlap."""
    return sum(stop - start for start, stop in spans)
