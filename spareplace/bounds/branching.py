"""A bound that takes the servers apart, and then all plans: by what room each server keeps."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from fractions import Fraction

from spareplace.bounds.boxes import everything, split
from spareplace.bounds.choices import MOST_SETS, TooMany
from spareplace.bounds.coarse import Coarse, coarse
from spareplace.bounds.gains import Rooms, prepared
from spareplace.bounds.raising import Part, Servers, raised
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.instance import Instance
from spareplace.options import Options

STEP = 0.04
"""How far above the least bound a part of all plans is raised, as a share of the best plan."""

MOST_PAIRS = 80
"""For more rebuilds there are too many sets of VMs, and too many servers to mix."""

log = logging.getLogger(__name__)


def by_branching(
    instance: Instance,
    clock: Clock,
    options: Options,
    tell: Callable[[Fraction], object] = lambda _: None,
    upper: Callable[[], Fraction | None] = lambda: None,
) -> Fraction:
    """Bound the expected transfer as by servers, and tell apart what servers mix.

    Where the linear program over what servers do mixes rooms of a server, or how much it keeps of
    the atom that matters most, or who rebuilds a VM, all plans are divided in two, and each part
    has a bound of its own. The least of these is told; the part that has it is next.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        When to end.
    options
        Pieces, and price of what is stored.
    tell
        Called with each better bound, in bytes.
    upper
        Gives the value of the best plan so far, or ``None``: where the bound meets it there is
        nothing left to prove.

    Returns
    -------
    Bytes that no plan that protects every VM in every failure can be below, price of what it
    stores included. 0 where there are more than 80 rebuilds, or more sets of VMs that servers can
    take than can be listed, and where VMs may be left out.
    """
    if options.allow_unprotected or sum(map(len, instance.lost)) > MOST_PAIRS:
        return Fraction(0)
    view = coarse(instance, max_pieces=options.max_pieces, stored_cost=options.stored_cost)
    if not view.diffs:
        return Fraction(0)
    try:
        return _branched(Servers(view=view, servers=_ready(view, clock), clock=clock), tell, upper)
    except (TooMany, NoPlan) as none:
        log.info("no bound by branching: %s", none)
        return Fraction(0)


def _ready(view: Coarse, clock: Clock) -> list[Rooms]:
    servers, most = [], MOST_SETS
    for number in range(len(view.free)):
        if clock.over():
            raise NoPlan("stopped while servers were prepared", "give it more time")
        servers.append(prepared(view, number, most))
        most -= sum(len(ways.pairs) for ways in servers[-1].ways)
    return servers


def _branched(
    of: Servers,
    tell: Callable[[Fraction], object],
    upper: Callable[[], Fraction | None],
) -> Fraction:
    """Look at the part of the least bound, again and again."""
    first = Part(box=everything(of.servers, len(of.view.pairs)))
    made, best = 0, 0
    waiting = [(0, 0, first)]
    while waiting and not of.clock.over():
        least, _, part = waiting[0]
        if least > best:
            best = least
            tell(best * of.view.bytes)
            log.debug("%d parts, bound %.6g", len(waiting), best * of.view.bytes)
        value = upper()
        goal = None if value is None else -(-value // of.view.bytes)
        if part.whole or (goal is not None and best >= goal):
            break
        heapq.heappop(waiting)
        for each in _divided(of, part, _target(best, goal)):
            made += 1
            heapq.heappush(waiting, (each.bound, -made, each))
    return best * of.view.bytes


def _target(best: int, goal: int | None) -> int | None:
    """Give the bound that is enough for now; ``None`` for the most that there is."""
    if goal is None:
        return best + int(STEP * best) + 1 if best else None
    return min(best + int(STEP * goal) + 1, goal)


def _divided(of: Servers, part: Part, target: int | None) -> list[Part]:
    """Raise the bound of a part, and divide the part where that is not enough."""
    mix = raised(of, part, target)
    if not mix:
        return [part]
    parts = [part.of(box) for box in split(part.box, of.servers, mix)]
    part.whole = not parts
    return parts or [part]
