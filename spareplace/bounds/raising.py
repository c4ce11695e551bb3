"""The bound of one box of plans, raised by better prices until it is enough or its mix is clear."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spareplace.bounds.boxes import Box
from spareplace.bounds.coarse import Coarse, Floats
from spareplace.bounds.gains import NEVER, Rooms
from spareplace.bounds.offers import Doing, offer
from spareplace.bounds.prices import Master, Prices, master
from spareplace.clock import Clock

STAY = 0.5
"""How much of the prices that are tried comes from the best ones so far."""

TRIES = 60
"""How often prices are tried for a box, at most."""

MET = 1e-3
"""Where the linear program and the bound differ by less, as a share, more prices gain nothing."""

DEAR = 2.0
"""How many times what the master takes it costs to leave something undone: boxes without a plan
are soon seen to have none."""

KNOWN, USED = 1500, 50
"""How many doings of a server are remembered, and with how many a box begins."""

HEIRLOOMS = 6
"""At how many of the last prices of a box its parts are looked at first."""

Mix = list[tuple[int, Doing, float]]
"""Servers, what they do, and shares of it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Part:
    """A box, and what is known about its plans.

    Parameters
    ----------
    box
        Some of all plans.
    bound
        What they cost at least.
    prices
        The best so far, as the linear program gives them, or ``None``.
    known
        What all servers together earned at the last prices, and what each gained at most.
    whole
        Whether nothing is mixed, so that it cannot be divided.
    """

    box: Box
    bound: int = 0
    prices: Floats | None = None
    known: list[tuple[int, Floats]] = field(default_factory=list)
    whole: bool = False

    def of(self, box: Box) -> Part:
        """Give a part of this one: what is proven here holds there."""
        known = list(self.known)
        bound = max((_least(box, *each) for each in known), default=0)
        return Part(box=box, bound=max(bound, self.bound), prices=self.prices, known=known)


@dataclass(slots=True, kw_only=True, eq=False)
class Servers:
    """What is the same for all boxes.

    Parameters
    ----------
    view
        The cluster in coarse units.
    servers
        Each one, prepared.
    clock
        When to end.
    disk
        The last price of disk of each.
    doings
        What each was found to do.
    """

    view: Coarse
    servers: list[Rooms]
    clock: Clock
    disk: list[float | None] = field(init=False)
    doings: list[list[Doing]] = field(init=False)

    def __post_init__(self) -> None:
        self.disk = [None] * len(self.servers)
        self.doings = [[] for _ in self.servers]

    def tried(self, part: Part, prices: Prices) -> tuple[int, list[tuple[int, Doing]]]:
        """Bound a part at some prices, and give what servers would do."""
        gain = np.full(part.box.open_.shape, NEVER)
        found: list[tuple[int, Doing]] = []
        for at, of in enumerate(self.servers):
            here = offer(
                self.view,
                of,
                prices,
                open_=part.box.open_[at, :, : len(of.room)],
                shut=part.box.shut[:, at],
                disk=self.disk[at],
            )
            gain[at, :, : len(of.room)] = here.gain
            self.disk[at] = here.disk
            found += [(at, doing) for doing in here.doings]
        known = (prices.earned(self.view), gain)
        part.known = [*part.known[1 - HEIRLOOMS :], known]
        return _least(part.box, *known), found

    def good(self, part: Part, of: Master) -> Iterator[tuple[int, Doing]]:
        """Give known doings to begin with, those that gain most at the best prices so far."""
        at = None if part.prices is None else of.prices(part.prices)
        for server, doings in enumerate(self.doings):
            del doings[: max(len(doings) - KNOWN, 0)]
            here = [doing for doing in doings if part.box.has(server, doing)]
            if at is not None and len(here) > USED:
                worth = at.worth(self.view, server)
                gain = np.array([each.column.gain(at.pair, worth) for each in here])
                here = [here[best] for best in np.argsort(-gain, kind="stable")[:USED]]
            for doing in here:
                yield server, doing


def raised(of: Servers, part: Part, target: int | None) -> Mix:
    """Raise the bound of a part to a target, or to the most, or until that is out of reach.

    Parameters
    ----------
    of
        The servers.
    part
        Its bound, prices and gains are put in.
    target
        A bound that is enough, or ``None``.

    Returns
    -------
    What the linear program mixes; empty where the bound is enough.
    """
    to_solve = master(of.view)
    to_solve.linear.raise_caps(np.ones(len(of.view.pairs) + len(of.view.row_least), bool), DEAR)
    added = list(of.good(part, to_solve))
    for server, doing in added:
        to_solve.add(server, doing.column)
    seen = {_key(server, doing) for server, doing in added}
    best = part.bound if part.prices is not None else -sys.maxsize
    for _ in range(TRIES):
        solved = to_solve.linear.solve()
        if solved is None or of.clock.over():
            return []
        value, out = solved[0] * to_solve.scale, solved[1]
        if (target is not None and value < target) or value - part.bound <= MET * value:
            break
        good = out if part.prices is None else part.prices
        new: list[tuple[int, Doing]] = []
        for at in (STAY * good + (1 - STAY) * out, out):
            bound, found = of.tried(part, to_solve.prices(at))
            if bound > best:
                best, part.prices = bound, at
                part.bound = max(bound, part.bound)
            if target is not None and part.bound >= target:
                return []
            new = [each for each in found if _key(*each) not in seen]
            if new:
                break
        if not new:
            break
        for server, doing in new:
            seen.add(_key(server, doing))
            of.doings[server].append(doing)
            added.append((server, doing))
            to_solve.add(server, doing.column)
    return _mix(to_solve, added)


def _mix(of: Master, added: list[tuple[int, Doing]]) -> Mix:
    shares = of.linear.shares().tolist()
    return [(*each, share) for each, share in zip(added, shares, strict=True) if share > 0]


def _key(server: int, doing: Doing) -> tuple[int, int, int, bytes, bytes]:
    column = doing.column
    return server, doing.side, doing.room, column.rebuilt.tobytes(), column.held.tobytes()


def _least(box: Box, earned: int, gain: Floats) -> int:
    """Bound what the plans of a box cost, by what servers gain at most at some prices."""
    most = np.where(box.open_, gain, NEVER).max(axis=(1, 2))
    return earned - sum(max(int(each), 0) for each in most)
