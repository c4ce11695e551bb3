"""The ways to go on with a change, from the cheapest to those for disks without room.

Each looks at one server that still wants bytes, and tells whether it did anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from spareplace.lifecycle.moves.board import Board, in_order
from spareplace.lifecycle.moves.ranges import Range

_FEW_PARTS = 8
"""Into about as many parts a range is cut at most while there is another way to go on."""


def fill(board: Board, server: int) -> bool:
    """Copy all that a server wants, if it has or may make the room."""
    board.make_room(server)
    if board.starves(server):
        return False
    for here in sorted(board.wanting[server], key=in_order):
        board.copy(here, server)
    return True


def unlock(board: Board, server: int) -> bool:
    """Copy what others without room may then delete."""
    board.make_room(server)
    for here in _unlocking(board, server):
        if here.size <= board.room[server]:
            board.copy(here, server)
            return True
    return False


def large_parts(board: Board, server: int) -> bool:
    """Copy a large part of what others without room may then delete."""
    return any(
        _copy_part(board, here, server, here.size // _FEW_PARTS)
        for here in _unlocking(board, server)
    )


def small_parts(board: Board, server: int) -> bool:
    """Copy a part of what others without room may then delete, however little that is."""
    return any(_copy_part(board, here, server, 0) for here in _unlocking(board, server))


def whatever_fits(board: Board, server: int) -> bool:
    """Copy something that makes no room anywhere: those for whom it does may still need it."""
    fitting = [here for here in board.wanting[server] if here.size <= board.room[server]]
    if fitting:
        board.copy(min(fitting, key=lambda here: (here.evicted, here.order)), server)
    return bool(fitting)


def evict(board: Board, server: int) -> bool:
    """Make room for the least that a server wants: move something of its own out of the way.

    What need not stay there comes first, on a third server for a while; then what can be copied
    back from elsewhere; then what has to stay, on a third server.
    """
    return _evict(board, server, whole=True)


def evict_parts(board: Board, server: int) -> bool:
    """Do the same, although it makes too little room yet."""
    return _evict(board, server, whole=False)


Tier: TypeAlias = Callable[[Board, int], bool]

ORDERS: tuple[tuple[Tier, ...], ...] = (
    (fill, unlock, large_parts, whatever_fits, evict, small_parts, evict_parts),
    (unlock, large_parts, evict, small_parts, evict_parts, fill, whatever_fits),
)
"""All of them, in the order in which they are tried; the next order if one leads nowhere.

The room that is taken by what makes none elsewhere may be what others need to go on.
"""


def _unlocking(board: Board, server: int) -> Iterator[Range]:
    """Go through what a server wants and others without room may delete once it has it."""
    if board.room[server] > 0:
        for here in sorted(board.wanting[server], key=in_order):
            if board.unlocks(here, server):
                yield here


def _copy_part(board: Board, here: Range, server: int, least: int) -> bool:
    size = here.part(board.room[server])
    if size is None or size < least:
        return False
    board.cut(here, size)
    board.copy(here, server)
    return True


def _evict(board: Board, server: int, whole: bool) -> bool:
    board.sweep()
    if board.touched:
        return True  # room was made, if not here
    wanted = [here.size for here in board.wanting[server] if not here.evicted]
    need = min(wanted, default=0) - board.room[server]
    if need <= 0:
        return False
    leaving = [here for here in sorted(board.leaving[server], key=in_order) if not here.evicted]
    staying = [here for here in sorted(board.staying[server], key=in_order) if not here.evicted]
    least = need if whole else 1
    room = board.room
    thirds = [it for it, accepts in enumerate(board.accepting) if accepts and room[it] >= least]
    thirds.sort(key=lambda third: -room[third])
    return (
        any(_bounce(board, here, server, need, least, thirds) for here in leaving)
        or any(_lend(board, here, server, need, least) for here in staying)
        or any(_bounce(board, here, server, need, least, thirds) for here in staying)
    )


def _lend(board: Board, here: Range, server: int, need: int, least: int) -> bool:
    """Delete what has to stay and can be copied back."""
    size = _enough(here, need, here.size)
    if size < least or not board.safe(here, server):
        return False
    _take(board, here, size)
    board.delete(here, server)
    return True


def _bounce(
    board: Board, here: Range, server: int, need: int, least: int, thirds: Sequence[int]
) -> bool:
    """Copy bytes to a third server, the first that can take them, and delete them here."""
    for third in thirds:
        size = _enough(here, need, board.room[third])
        if size < least:
            return False  # nor is there enough for those with less room
        beside = third in here.holders or third in here.goal
        if not beside and board.safe(here, server, with_too=third):
            _take(board, here, size)
            board.copy(here, third)
            board.delete(here, server)
            return True
    return False


def _enough(here: Range, need: int, most: int) -> int:
    """Give how many of the first bytes to move away: as needed, if there is room for so many."""
    enough = max(need, here.least)
    size = here.part(most) or 0
    return enough if enough < size and here.size - enough >= here.least else size


def _take(board: Board, here: Range, size: int) -> None:
    board.cut(here, size)
    here.evicted = True
