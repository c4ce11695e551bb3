"""The annealing of a search as kernels that numba compiles: an optional extra.

The kernels do what `search.annealing` does, on plain arrays. They are used where they were
compiled: ``python -m spareplace.search.compiled`` does that, once for each installation.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from spareplace.search.compiled.readiness import ready
from spareplace.search.ground import Ground

if TYPE_CHECKING:
    from spareplace.search.compiled import cooling

LARGEST, MOST_PIECES = 60_000_000, 8
"""Diffs times servers, and pieces of a diff, up to which kernels are used: arrays of a
state take thirty-four bytes for each of the first, and one more for each piece above four."""


def kernels_for(ground: Ground) -> cooling.Annealer | None:
    """Give what anneals by kernels, or ``None`` where these are not compiled or cannot count.

    They count in 64 bits: amounts that need more are left to the search in Python, as is what
    would take too much memory.
    """
    instance = ground.instance
    cells = len(instance.size) * ground.servers
    too_large = cells > LARGEST or ground.max_pieces > MOST_PIECES
    if not ready() or instance.free.dtype == object or too_large:
        return None
    found: cooling.Annealer = importlib.import_module("spareplace.search.compiled.cooling").anneal
    return found
