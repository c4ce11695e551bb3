"""A bound that takes the servers apart: each decides alone, at prices of what they share."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

from spareplace.bounds.choices import TooMany
from spareplace.bounds.coarse import Floats, coarse
from spareplace.bounds.columns import Column, columns_of
from spareplace.bounds.prices import Master, Prices, master
from spareplace.bounds.pricing import Pricing, most_gain, pricing
from spareplace.bounds.settling import Guessing, dearer, ready, settled
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.solvers.base import TooLarge

CLOSE = 2e-3
"""Where the master and the bound differ by less, as a share, there is nothing more to gain."""

NEAR = 0.01
"""How much of the master's value all proofs together may leave open, as a share."""

STAY = 0.25
"""How much of the prices at which a bound is proven comes from those that were good before."""

MOST_PAIRS = 150
"""For more rebuilds a round of proofs takes longer than anybody waits."""

log = logging.getLogger(__name__)


def by_servers(
    instance: Instance,
    clock: Clock,
    options: Options,
    plans: Sequence[Placement] = (),
    tell: Callable[[Fraction], object] = lambda _: None,
) -> Fraction:
    """Bound the expected transfer by what the servers cost when each decides alone.

    Every rebuild and every copy that has to survive gets a price; each server then takes what
    gains it most. What is paid for all that has to be done, less what the servers gain, is a
    bound at any prices (see docs). Prices come from a linear program over columns that are
    guessed quickly; what a server gains at most is proven by the exact solver.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        When to end.
    options
        Pieces, price of what is stored, workers and seed.
    plans
        What is known already: what servers store there is tried, too.
    tell
        Called with each better bound, in bytes.

    Returns
    -------
    Bytes that no plan that protects every VM in every failure can be below, price of what it
    stores included. 0 where there are more than 150 rebuilds, or more sets of VMs that servers
    can take than can be listed, and where VMs may be left out.
    """
    if options.allow_unprotected or sum(map(len, instance.lost)) > MOST_PAIRS:
        return Fraction(0)
    view = coarse(instance, max_pieces=options.max_pieces, stored_cost=options.stored_cost)
    if not view.diffs:
        return Fraction(0)
    try:
        guessing = ready(view, clock)
        pricings = [pricing(view, server, clock) for server in range(len(view.free))]
        of = master(view)
        guessing.known = [known.held for plan in plans for _, known in columns_of(view, plan)]
        return _raised(of, guessing, pricings, clock, options, tell)
    except (TooMany, NoPlan) as none:
        log.info("no bound by servers: %s", none)
        return Fraction(0)


def _raised(
    of: Master,
    guessing: Guessing,
    pricings: list[Pricing],
    clock: Clock,
    options: Options,
    tell: Callable[[Fraction], object],
) -> Fraction:
    """Guess columns, prove a bound at the prices that come of it, and again."""
    best, took, last = Fraction(0), 0.0, False
    center: Floats | None = None
    while not clock.over():
        found = settled(of, guessing, clock)
        left = clock.left()
        if found is None or clock.over() or (left is not None and left < took / 2):
            break
        value, out = found
        good = guessing.steady if center is None else center
        at = out if last else STAY * good + (1 - STAY) * out
        near = 0.0 if last else NEAR * value * of.scale
        started = time.monotonic()
        try:
            bound, new = _proven(of, pricings, of.prices(at), near, clock, options)
        except TooLarge as large:  # there is hardly a plan where prices rise that high
            log.info("the bound by servers ends: %s", large)
            break
        took = time.monotonic() - started
        log.debug("master %.6g, bound %.6g", value * of.scale * of.view.bytes, bound)
        better = bound > best
        if better:
            best, center = bound, at
            tell(best)
        met = best / of.view.bytes >= Fraction(value * of.scale * (1 - CLOSE))
        if (met or (last and not new and not better)) and not dearer(of, guessing):
            break
        last = not new and not better
    return best


def _proven(
    of: Master,
    pricings: list[Pricing],
    prices: Prices,
    near: float,
    clock: Clock,
    options: Options,
) -> tuple[Fraction, int]:
    """Bound what all servers cost at some prices, in bytes; add columns, and tell how many."""
    view = of.view

    def solve(one: Pricing) -> tuple[int, Column]:
        start, gain = of.best(one.server, prices)
        gap = min(near / len(pricings) / gain, 1.0) if gain else 0.0
        worth = prices.worth(view, one.server)
        return most_gain(view, one, prices.pair, worth, start, clock, gap=gap, seed=options.seed)

    with ThreadPoolExecutor(min(options.workers, os.cpu_count() or 1)) as pool:
        solved = list(pool.map(solve, pricings))
    new = sum(
        of.add_gaining(one.server, [found], prices)
        for one, (_, found) in zip(pricings, solved, strict=True)
    )
    return (prices.earned(view) - sum(gain for gain, _ in solved)) * view.bytes, new
