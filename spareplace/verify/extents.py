"""The rules for what is stored, whatever fails: where extents may lie and how they may be cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from spareplace.placement import LEAST_PIECE
from spareplace.verify.ground import Ground
from spareplace.verify.spans import length, union
from spareplace.verify.violation import Violation


def bounds(ground: Ground) -> Iterator[Violation]:
    """An extent lies within its diff and is not empty."""
    for extent in ground.plan.stored:
        if extent.diff not in ground.diffs:
            continue
        size = ground.diffs[extent.diff].size
        if extent.start >= extent.stop:
            off = extent.start - extent.stop + 1
        else:
            off = max(-extent.start, 0) + max(extent.stop - size, 0)
        if off:
            yield Violation(
                rule="bounds",
                server=extent.server,
                item=extent.diff,
                amount=off,
                found=f"an extent from {extent.start} to {extent.stop}",
                expected=f"at least one byte, from 0 on, to {size} at most",
            )


def accepted(ground: Ground) -> Iterator[Violation]:
    """An extent lies on a server that accepts extents."""
    for extent in ground.extents:
        if not ground.servers[extent.server].accept_extents:
            yield Violation(
                rule="targets",
                server=extent.server,
                item=extent.diff,
                amount=1,
                found=f"an extent from {extent.start} to {extent.stop}",
                expected="none: the server accepts no extents",
            )


def overlap(ground: Ground) -> Iterator[Violation]:
    """Extents of one diff on one server do not overlap."""
    for (diff, server), ranges in _by_place(ground).items():
        twice = sum(stop - start for start, stop in ranges) - length(union(ranges))
        if twice:
            yield Violation(
                rule="overlap",
                server=server,
                item=diff,
                amount=twice,
                found=f"{twice} bytes of it stored there more than once",
                expected="each byte once",
            )


def pieces(ground: Ground, max_pieces: int) -> Iterator[Violation]:
    """The bounds of all extents of a diff cut it into few pieces, none of them small."""
    cuts: dict[str, set[int]] = {}
    for (diff, _), ranges in _by_place(ground).items():
        ends = cuts.setdefault(diff, {0, ground.diffs[diff].size})
        ends.update(edge for span in union(ranges) for edge in span)
    for diff, edges in cuts.items():
        found = list(pairwise(sorted(edges)))
        if len(found) > max_pieces:
            yield Violation(
                rule="pieces",
                item=diff,
                amount=len(found) - max_pieces,
                found=f"it cut into {len(found)} pieces",
                expected=f"at most {max_pieces}",
            )
        if ground.diffs[diff].size < LEAST_PIECE:
            continue
        for start, stop in found:
            if stop - start < LEAST_PIECE:
                yield Violation(
                    rule="pieces",
                    item=diff,
                    amount=LEAST_PIECE - (stop - start),
                    found=f"a piece of {stop - start} bytes, from {start} to {stop}",
                    expected=f"at least {LEAST_PIECE}",
                )


def stored_limit(ground: Ground, limit: int | None) -> Iterator[Violation]:
    """All extents together take no more than the limit, if there is one."""
    stored = sum(extent.size for extent in ground.extents)
    if limit is not None and stored > limit:
        yield Violation(
            rule="stored-limit",
            item="stored",
            amount=stored - limit,
            found=f"{stored} bytes stored",
            expected=f"at most {limit}",
        )


def _by_place(ground: Ground) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Give the ranges stored of each diff on each server, as the plan lists them."""
    ranges: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for extent in ground.extents:
        ranges[extent.diff, extent.server].append((extent.start, extent.stop))
    return ranges
