"""A search through all that could be stored on the way, for small changes that are stuck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from spareplace.lifecycle.moves.board import Board
from spareplace.lifecycle.moves.ranges import Range

MOST_PLACES = 128
"""The most ranges times servers that are searched: more can be stored in too many ways."""

MOST_STATES = 3_000
"""How many ways to store everything one search looks at: more take seconds and found no more."""

_PARTS = (1, 2, 4)
"""Into how many parts each range is cut for one search after the other."""

Held: TypeAlias = tuple[int, ...]
"""For each range, the servers that hold it, as bits."""

Toggle: TypeAlias = tuple[int, int]
"""A range, and the server that copies it, or deletes it if it has it."""


def ways_to_cut(ranges: Callable[[], Iterable[Range]]) -> Iterator[list[Range]]:
    """Give the ranges to search with: whole at first, then in more and more parts.

    Parameters
    ----------
    ranges
        Makes them anew, since each search moves its own.
    """
    before = 0
    for most in _PARTS:
        parts = _in_parts(ranges(), most)
        if len(parts) > before:
            yield parts
        before = len(parts)


def _in_parts(ranges: Iterable[Range], most: int) -> list[Range]:
    """Cut ranges into some parts each, or into fewer where they would be too small."""
    parts = []
    for here in ranges:
        rest, left = here, min(most, here.size // here.least)
        while left > 1:
            parts.append(rest)
            rest, left = rest.cut(rest.size // left), left - 1
        parts.append(rest)
    return parts


def settled_by_search(board: Board, ranges: Sequence[Range]) -> bool:
    """Order the steps by trying everything, nearest to the end first; tell whether that worked.

    No range is cut. What is in the way is moved as often as it takes, where the ways of `tiers`
    do so once.

    Parameters
    ----------
    board
        At the beginning. If there is an order, all its steps are done.
    ranges
        All of its ranges.
    """
    if len(ranges) * len(board.names) > MOST_PLACES:
        return False
    found = _way(board, ranges)
    for at, server in found or ():
        if server in ranges[at].holders:
            board.delete(ranges[at], server)
        else:
            board.copy(ranges[at], server)
    return found is not None


def _way(board: Board, ranges: Sequence[Range]) -> list[Toggle] | None:
    """Find the way on which the fewest bytes are copied and deleted, or none."""
    start: Held = tuple(sum(1 << server for server in here.holders) for here in ranges)
    goal: Held = tuple(sum(1 << server for server in here.goal) for here in ranges)

    def left(held: Held) -> int:
        both = zip(held, goal, ranges, strict=True)
        return sum((one ^ other).bit_count() * here.size for one, other, here in both)

    came: dict[Held, tuple[Held, Toggle] | None] = {start: None}
    spent = {start: 0}
    order = count()
    waiting = [(left(start), next(order), start)]
    done: set[Held] = set()
    next_to = _Neighbours(board, ranges)
    while waiting and len(done) < MOST_STATES:
        held = heappop(waiting)[2]
        if held == goal:
            return _steps(came, held)
        if held in done:
            continue
        done.add(held)
        for toggle, there in next_to(held):
            cost = spent[held] + ranges[toggle[0]].size
            if cost < spent.get(there, cost + 1):
                spent[there], came[there] = cost, (held, toggle)
                heappush(waiting, (cost + left(there), next(order), there))
    return None


def _steps(came: dict[Held, tuple[Held, Toggle] | None], held: Held) -> list[Toggle]:
    steps = []
    before = came[held]
    while before is not None:
        steps.append(before[1])
        before = came[before[0]]
    return steps[::-1]


class _Neighbours:
    """Gives what may come next: one copy for which there is room, or one safe deletion."""

    def __init__(self, board: Board, ranges: Sequence[Range]) -> None:
        self._board = board
        self._ranges = ranges
        self._servers = range(len(board.names))
        self._room = [
            free + sum(here.size for here in ranges if server in here.holders)
            for server, free in enumerate(board.room)
        ]
        self._places = [
            [it for it in self._servers if board.accepting[it] or it in here.goal | here.holders]
            for here in ranges
        ]
        self._safe = cache(self._is_safe)

    def __call__(self, held: Held) -> Iterator[tuple[Toggle, Held]]:
        room = list(self._room)
        for here, bits in zip(self._ranges, held, strict=True):
            for server in self._servers:
                room[server] -= here.size * (bits >> server & 1)
        for at, here in enumerate(self._ranges):
            for server in self._places[at]:
                bit = 1 << server
                free = held[at] & bit or here.size <= room[server]
                if free and self._safe(at, held[at], server):
                    yield (at, server), (*held[:at], held[at] ^ bit, *held[at + 1 :])

    def _is_safe(self, at: int, bits: int, server: int) -> bool:
        """Tell whether a server may delete a range, or somebody can send it there."""
        here = self._ranges[at]
        holders = {it for it in self._servers if bits >> it & 1}
        if server in holders:
            return self._board.safe_of(here, holders, server)
        return bool(self._board.asking.senders(here.diff, holders))
