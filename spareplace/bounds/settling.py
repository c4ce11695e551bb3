"""Guess columns, at prices that settle, until hardly any gains."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spareplace.bounds.choices import MOST_SETS
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.guessing import better_columns, good_columns
from spareplace.bounds.prices import Master
from spareplace.bounds.trying import Server, paid_for, prepared
from spareplace.clock import Clock
from spareplace.errors import NoPlan

STEADY = 0.6
"""How much of the prices that are tried comes from those before."""

ADDED, RECENT = 4, 4
"""How many columns of a server are added at once, and how many of the last ones are tried on all
other servers."""

SLOW, PACE = 12, 0.98
"""Where so many rounds bring the master no further down than to this share, guessing ends."""

GUESSING = 0.3
"""Which share of the time left guessing may use before the next proof."""

DOUBLED = 20
"""How often it is made dearer at most to leave something undone."""


@dataclass(slots=True, kw_only=True, eq=False)
class Guessing:
    """What guessing columns remembers.

    Parameters
    ----------
    servers
        Each one, prepared.
    disk_price
        What a unit of disk was worth last to each.
    steady
        The last prices of the master, averaged.
    known
        What servers store in known plans. Their columns themselves would keep the master where
        it starts: at the plan.
    doubled
        How often it was made dearer to leave something undone.
    """

    servers: list[Server]
    disk_price: list[float]
    steady: Floats
    known: list[Floats] = field(default_factory=list)
    doubled: int = 0


def ready(view: Coarse, clock: Clock) -> Guessing:
    """Prepare every server.

    Raises
    ------
    TooMany
        If there are too many sets of VMs that servers can take.
    NoPlan
        If the time is up before that.
    """
    servers, most = [], MOST_SETS
    for number in range(len(view.free)):
        if clock.over():
            raise NoPlan("stopped while servers were prepared", "give it more time")
        servers.append(prepared(view, number, most))
        most -= sum(len(table.of.sets) for table in servers[-1].tables)
    return Guessing(
        servers=servers,
        disk_price=[float(view.cost.max(initial=1.0))] * len(servers),
        steady=np.zeros(len(view.pairs) + len(view.row_least)),
    )


def settled(of: Master, guessing: Guessing, clock: Clock) -> tuple[float, Floats] | None:
    """Add columns until hardly any is found that gains; give the master's value and prices."""
    values: list[float] = []
    part, solved = clock.part(GUESSING), None
    while not clock.over():
        solved = of.linear.solve()
        if solved is None:
            break
        values.append(solved[0])
        of.forget(of.prices(solved[1]))
        slow = len(values) > SLOW and values[-1] >= PACE * values[-1 - SLOW]
        new = _guess(of, guessing, solved[1], STEADY, clock)
        new = new or _guess(of, guessing, solved[1], 0.0, clock)
        if slow or not new:
            new += _look_around(of, guessing, solved[1], clock)
        guessing.steady = 0.7 * guessing.steady + 0.3 * solved[1]
        if slow or part.over() or (not new and not dearer(of, guessing)):
            break
    return solved


def dearer(of: Master, guessing: Guessing) -> bool:
    """Make it dearer to leave undone what is, unless that was done often: there may be no plan."""
    short = of.linear.short
    if not short.any() or guessing.doubled == DOUBLED:
        return False
    guessing.doubled += 1
    of.linear.raise_caps(short, 2.0)
    return True


def _guess(of: Master, guessing: Guessing, out: Floats, stay: float, clock: Clock) -> int:
    """Look for columns near the steady prices; add those that gain at the master's."""
    view = of.view
    tried, true = of.prices(stay * guessing.steady + (1 - stay) * out), of.prices(out)
    recent = [each.held for columns in of.columns for each in columns[-RECENT:]]
    known = [*guessing.known, *recent]
    held = np.array(known).reshape(len(known), len(view.size))
    new = 0
    for server in guessing.servers:
        if clock.over():
            break
        at = server.number
        paid = paid_for(view, server, tried.pair, tried.worth(view, at))
        found, guessing.disk_price[at] = good_columns(
            view, server, paid, guessing.disk_price[at], held
        )
        new += of.add_gaining(at, found[:ADDED], true)
    return new


def _look_around(of: Master, guessing: Guessing, out: Floats, clock: Clock) -> int:
    """Look around the best column of each server."""
    prices, new = of.prices(out), 0
    for server in guessing.servers:
        if clock.over():
            break
        at = server.number
        paid = paid_for(of.view, server, prices.pair, prices.worth(of.view, at))
        start, _ = of.best(at, prices)
        new += of.add_gaining(at, better_columns(of.view, server, paid, start)[:ADDED], prices)
    return new
