"""The ways to plan, and how ``auto`` combines them."""

from __future__ import annotations

import threading
from concurrent.futures import Executor
from dataclasses import replace

from spareplace.changing import Change
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.exact.counting import LARGEST_MODEL, columns_in_bytes, pieces_that_fit
from spareplace.instance import Instance
from spareplace.offering import settle, solve_and_lay, solve_whole
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.portfolio import proofs_beside
from spareplace.proving import beside
from spareplace.search import improve_by_search, improve_for_goal
from spareplace.search.processes import side_by_side
from spareplace.solvers.names import DEFAULT, version
from spareplace.starting import heuristic, starts
from spareplace.watching import Best

SEARCH_SHARE, BYTES_SHARE = 0.3, 0.4
"""Where there is no plan yet, or no proof can be had beside the search: which share of the time
``auto`` searches before it turns to the exact models, and which share of the rest that may use."""

QUICK_MODEL, QUICK_SHARE = 20_000, 0.1
"""Where the heuristics find nothing: up to so many columns the model in bytes is asked first, for
that share of the time, whether there is a plan at all."""

SETTLED_MODEL = 5_000
"""Up to so many columns of the model in bytes, the exact model decides between plans that are
proven alike, in as much of the time at most."""

TINY_MODEL, TINY_SHARE = 500, 0.3
"""Up to so many columns the model in bytes is solved before all else, for that share of the time,
by one search of CP-SAT: it takes half a second where the search and its bounds took twelve."""

LARGEST_PROOF = 300_000
"""The most columns of the models in bytes that ``auto`` takes bounds from."""

FINISH = 1.5e-4
"""Seconds for each pair to write a plan down, trim and check it when the search has ended; but
never more than a fifth of the time."""

ITERATIONS = 1000
"""Batches of neighbourhoods that a search solves if neither a number nor a time is given."""


def find(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    executor: Executor | None,
    change: Change | None = None,
) -> None:
    """Offer the plans of the method asked for, and prove what it can.

    Where there is a placement to be continued, it is what all begins with.

    Raises
    ------
    Infeasible, NoPlan
        If there is nothing to offer.
    """
    continuing = None if change is None else change.begun(instance, options)
    complete = continuing is not None and not continuing.unprotected
    if change is not None and continuing is not None and (complete or options.allow_unprotected):
        best.offer(continuing, change.method, change.solver)
    if options.method in ("greedy", "level"):
        _offer_heuristic(instance, clock, options, best)
        return
    reasons: list[str] = []
    begun = starts(instance, clock, options, best, reasons, continuing)
    warm = change is not None and (options.move_limit is not None or options.move_cost > 0)
    if options.method == "milp":
        solve_whole(instance, clock, options, best, reasons, proves=True)
    else:
        with side_by_side(executor, options.workers, clock) as where:
            if options.method == "search":
                _search(instance, clock, options, best, begun, where, warm=warm)
            else:
                _combine(instance, clock, options, best, reasons, begun, where, warm=warm)
        if options.method == "auto" and columns_in_bytes(instance) <= SETTLED_MODEL:
            settle(instance, clock.part(QUICK_SHARE), options, best)
    if best.placement is None:
        reasons = reasons or ["the time was up before there was a plan"]
        raise NoPlan("; ".join(reasons), "try a longer time limit")


def _offer_heuristic(instance: Instance, clock: Clock, options: Options, best: Best) -> None:
    """Offer the plan of greedy or level; where one is continued that is as good, there is one."""
    try:
        best.offer(heuristic(options.method, instance, clock, options), options.method)
    except NoPlan:
        if best.placement is None:
            raise
    if best.placement is None:
        raise NoPlan(
            f"{options.method} moves more than {options.move_limit} bytes (move_limit)",
            "try method 'search' or 'auto'",
        )


def _search(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    begun: list[Placement],
    executor: Executor | None,
    *,
    warm: bool = False,
) -> None:
    if clock.limit is None and options.iterations is None:
        options = replace(options, iterations=ITERATIONS)
    left = clock.left()
    if left:
        finish = FINISH * sum(map(len, instance.lost))
        clock = clock.part(1 - min(finish / left, 0.2))
    solver = f"{DEFAULT} {version(DEFAULT)}"

    def offer(found: Placement) -> None:
        best.offer(found, "search", solver)

    if options.objective == "transfer":
        improve_by_search(instance, clock, options, begun, offer, executor, warm=warm)
        return
    improve_for_goal(
        instance, clock, options, begun, offer, executor, warm=warm, best=lambda: best.placement
    )


def _combine(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    reasons: list[str],
    begun: list[Placement],
    executor: Executor | None,
    *,
    warm: bool,
) -> None:
    """Search with proofs beside it; where there are none, the exact models get a share of time."""
    columns = columns_in_bytes(instance)
    small = columns <= LARGEST_PROOF and not options.allow_unprotected
    provable = small and options.objective == "transfer"  # that is what the bounds are of
    if provable and columns <= TINY_MODEL:
        part, single = clock.part(TINY_SHARE), replace(options, workers=1)
        if instance.current is None:
            solve_and_lay(instance, part, single, best)
        else:  # the price of what moves is not met to the last digit by a bound in bytes
            solve_whole(instance, part, single, best, reasons, proves=True)
        if clock.over() or best.within(options.gap):
            return
    elif best.placement is None and provable and columns <= QUICK_MODEL:
        # Perhaps there is no plan; if there is one, the first that comes will do.
        solve_and_lay(instance, clock.part(QUICK_SHARE), replace(options, gap=1.0), best)
    if best.placement is not None:
        begun = [*begun, best.placement]
    planned = best.placement is not None and provable and clock.limit is not None
    first = clock if planned or columns > LARGEST_MODEL else clock.part(SEARCH_SHARE)
    promised = threading.Event()
    rebuilds = sum(map(len, instance.lost))
    proofs = [*proofs_beside(best, promised, columns, rebuilds)] if provable else []
    with beside(proofs, instance, first, options, best) as part:
        _search(instance, part, options, best, begun, executor, warm=warm)
    if promised.is_set():
        solve_and_lay(instance, clock.part(BYTES_SHARE), options, best)
    counted = clock.limit is None and options.iterations is not None
    counted = counted and options.objective == "transfer"  # others are rarely found by search
    whole = best.placement is not None and not best.placement.unprotected
    if clock.over() or best.within(options.gap) or (counted and whole):
        return
    if best.placement is None or options.allow_unprotected:
        pieces = pieces_that_fit(instance, options.max_pieces)
        if pieces:
            limited = replace(options, max_pieces=pieces)
            proves = pieces == options.max_pieces
            solve_whole(instance, clock, limited, best, reasons, proves=proves)
        return
    if small and not (provable and clock.limit is not None):
        solve_and_lay(instance, clock.part(BYTES_SHARE), options, best)
    if clock.over() or best.within(options.gap) or clock.limit is None:
        return
    with beside(proofs, instance, clock, options, best) as part:
        _search(instance, part, options, best, [best.placement], executor, warm=True)
