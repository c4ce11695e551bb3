"""The bound by rooms: how much each server keeps free for rebuilds, told apart ever more finely."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from spareplace.bounds.relaxation import solved
from spareplace.clock import Clock
from spareplace.instance import Instance
from spareplace.milp.rooms import build_rooms
from spareplace.options import Options

COARSEST, FINEST = 4, 64
"""How many sizes of room are told apart on a server, at first and at most."""

ROUND = 0.4
"""Which share of the time left a round may use; one that is not solved gets all the rest."""


def by_rooms(
    instance: Instance,
    clock: Clock,
    options: Options,
    tell: Callable[[Fraction], object] = lambda _: None,
    upper: Fraction | None = None,
) -> Fraction:
    """Bound the expected transfer by how little room servers can keep for rebuilds.

    Rebuilds may be in fractions of sets of VMs, only the room that each server keeps free is
    chosen: coarsely at first, then more finely while time lasts. Good where disk is tight and
    few VMs fit on a server beside what is stored.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        When to end.
    options
        Pieces, limits, price, solver, workers and seed. A solver that computes with floats takes
        the fractions; CP-SAT, which has none, proves less in the same time.
    tell
        Called with each better bound, in bytes.
    upper
        The value of a plan, or ``None``: where the bound meets it there is nothing left to prove.

    Returns
    -------
    Bytes that no plan that protects every VM in every failure can be below.
    """
    best, levels, rest = Fraction(0), COARSEST, False
    while levels <= FINEST and not clock.over():
        part = clock if rest else clock.part(ROUND)
        found = solved(partial(build_rooms, instance, levels=levels), part, options)
        if found.bytes > best:
            best = found.bytes
            tell(best)
        if rest or (upper is not None and best >= upper) or found.too_large:
            break
        levels, rest = (2 * levels, False) if found.tight else (levels, True)
    return best
