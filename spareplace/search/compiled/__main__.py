"""Compile the kernels: ``python -m spareplace.search.compiled``, once for each installation."""

from __future__ import annotations

import importlib
import os
import sys
from random import Random

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.instance import number
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Placement
from spareplace.search.compiled.jit import ASKED
from spareplace.search.compiled.land import land_of
from spareplace.search.compiled.readiness import mark
from spareplace.search.ground import ground
from spareplace.search.mending import mend
from spareplace.search.translating import decisions_of, snapshot, state_of

SMALL = Cluster(
    servers=tuple(Server(name=name, disk=100) for name in "abc"),
    diffs=(Diff(name="base", size=40),),
    vms=(VM(name="web", server="a", diff="base", disk=40),),
)


def main() -> None:
    """Compile by calling each kernel that Python calls, and leave the mark.

    Raises
    ------
    SystemExit
        If numba is not here.
    """
    where = mark()
    if where is None:
        sys.exit("numba is not installed; pip install 'spareplace[fast]' brings it")
    os.environ[ASKED] = "1"
    terrain = ground(number(SMALL))
    state = state_of(terrain, decisions_of(terrain, Placement()))
    state = mend(state, Random(0), Clock())
    population, laying = (
        importlib.import_module(f"spareplace.search.compiled.{name}")
        for name in ("population", "laying")
    )
    land = land_of(terrain)
    board = laying.board_of(terrain, land, snapshot(state), 0)
    population.cool(land, board, 1, 0.0, 0.0)
    population.worth(land, board)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.touch()


if __name__ == "__main__":
    main()
