"""From how many bytes of a diff each server keeps to which bytes those are.

Where one server is lost at a time this can be done whenever the rows of the model in bytes hold:
bytes that somebody keeps who is never in the way are laid out once, all others twice, one server
after the other round a circle, so that the two keepers of a byte are never the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, islice, pairwise, permutations
from typing import TypeAlias

from spareplace.holding import Span
from spareplace.milp.build import Model
from spareplace.milp.model import Ints

Pieces: TypeAlias = list[tuple[int, tuple[int, ...]]]
"""Size and keepers of each piece of a diff, one after the other."""

ORDERS = 24
"""In how many orders servers are laid out before it is given up."""


def amounts_of(model: Model, values: Ints) -> dict[int, dict[int, int]]:
    """Give how many bytes of each diff each server keeps, in values of a model in bytes."""
    amounts: dict[int, dict[int, int]] = {}
    for (diff, _, server), column in model.columns.part.items():
        amounts.setdefault(diff, {})[server] = int(values[column])
    for (diff, _, server), column in model.columns.keep.items():
        amounts.setdefault(diff, {})[server] = int(values[column]) * model.instance.size[diff]
    return amounts


def laid_out(
    sizes: Sequence[int],
    amounts: Mapping[int, int],
    downs: Sequence[Collection[int]],
    *,
    most: Sequence[int],
    least: Sequence[int],
) -> list[Pieces] | None:
    """Cut diffs that lie one after the other so that each server keeps as much as it should.

    Parameters
    ----------
    sizes
        Bytes of each diff.
    amounts
        How many bytes of all of them together each server keeps.
    downs
        The servers of each failure that asks for the diffs: every byte has to outlive it.
    most
        Into how many pieces each diff may be cut.
    least
        The fewest bytes of a piece of each diff, unless that has fewer.

    Returns
    -------
    list of pieces, or None
        For each diff. ``None`` if no way was found; there may be one all the same.

    Examples
    --------
    >>> laid_out([8], {0: 5, 1: 5, 2: 6}, [{0}, {1}, {2}], most=[4], least=[1])
    [[(3, (0, 2)), (3, (1, 2)), (2, (0, 1))]]
    """
    whole = sum(sizes)
    kept = {server: amount for server, amount in amounts.items() if amount}
    entire = tuple(server for server, amount in kept.items() if amount == whole)
    some = sorted((server for server in kept if server not in entire), key=lambda at: -kept[at])
    safe = _outlives(entire, downs)
    inside = frozenset(server for down in downs for server in down)
    for order in islice(permutations(some), 1 if safe else ORDERS):
        spans = {server: [(0, whole)] for server in entire}
        if safe:
            spans |= {server: [(0, kept[server])] for server in order}
        else:
            spans |= _round(whole, kept, order, inside)
        pieces = [*_cut(sizes, spans)]
        if all(
            len(of) <= most[number]
            and all(
                (size >= least[number] or len(of) == 1) and _outlives(keepers, downs)
                for size, keepers in of
            )
            for number, of in enumerate(pieces)
        ):
            return pieces
    return None


def _outlives(keepers: Collection[int], downs: Sequence[Collection[int]]) -> bool:
    return all(any(server not in down for server in keepers) for down in downs)


def _round(
    whole: int, kept: Mapping[int, int], order: Sequence[int], inside: Collection[int]
) -> dict[int, list[Span]]:
    """Lay out once what is kept outside of all failures, and the rest round what that leaves."""
    spans: dict[int, list[Span]] = {}
    reached = 0
    for server in order:
        if server not in inside:
            spans[server] = _arc(0, whole, reached % whole, kept[server])
            reached += kept[server]
    once = min(reached, whole)
    reached = once
    for server in order:
        if server in inside:
            round_it = min(kept[server], whole - once)
            spans[server] = _arc(once, whole, reached, round_it)
            spans[server] += _arc(0, once, 0, kept[server] - round_it)
            if whole > once:
                reached = once + (reached - once + round_it) % (whole - once)
    return spans


def _arc(start: int, stop: int, begin: int, size: int) -> list[Span]:
    """Give so many bytes from somewhere on, going on at the start where they reach the stop."""
    first = min(size, stop - begin)
    spans = [(begin, begin + first), (start, start + size - first)]
    return [span for span in spans if span[0] < span[1]]


def _cut(sizes: Sequence[int], spans: Mapping[int, Sequence[Span]]) -> Iterator[Pieces]:
    """Cut each diff where what some server keeps begins or ends.

    Bytes that the same servers keep are one piece, wherever they lay: all bytes are alike.
    """
    edges = {edge for each in spans.values() for span in each for edge in span}
    for first, last in pairwise(accumulate(sizes, initial=0)):
        cuts = sorted({first, last, *(edge for edge in edges if first < edge < last)})
        pieces: dict[tuple[int, ...], int] = {}
        for start, stop in pairwise(cuts):
            keepers = tuple(
                sorted(
                    server
                    for server, each in spans.items()
                    if any(a <= start and stop <= b for a, b in each)
                )
            )
            pieces[keepers] = pieces.get(keepers, 0) + stop - start
        yield [(size, keepers) for keepers, size in pieces.items()]
