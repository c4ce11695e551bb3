"""Bring the disk of a server in order; `search.keeping.settle` as a kernel."""

from __future__ import annotations

from spareplace.search.compiled.board import CHANGES, Board
from spareplace.search.compiled.filling import fill
from spareplace.search.compiled.freeing import free_up
from spareplace.search.compiled.jit import kernel
from spareplace.search.compiled.land import KEEPS, Land
from spareplace.search.compiled.listing import list_droppable, note
from spareplace.search.compiled.steps import is_full


@kernel
def settle(land: Land, board: Board, server: int) -> bool:
    """Bring a server's disk in order: free what is over, drop what is useless, fill what is left.

    False if that cannot be done, or not be taken back; then the caller takes back what it did.
    """
    if is_full(board):
        return False
    before = board.server[CHANGES, server]
    list_droppable(land, board, server)
    if not free_up(land, board, server):
        return False
    if land.servers[KEEPS, server]:
        if board.server[CHANGES, server] != before:
            before = board.server[CHANGES, server]
            list_droppable(land, board, server)
        fill(land, board, server)
    if board.server[CHANGES, server] != before:
        list_droppable(land, board, server)
    note(board, server)
    return True
