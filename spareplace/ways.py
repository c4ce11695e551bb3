"""The ways to plan, and how ``auto`` combines them."""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from dataclasses import replace

from spareplace.changing import Change
from spareplace.clock import Clock
from spareplace.errors import Infeasible, NoPlan
from spareplace.exact import solve_exactly, solve_in_bytes, what_is_short
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.proving import beside, groups, rooms, servers
from spareplace.search import improve_by_search, improve_for_goal
from spareplace.solvers.base import TooLarge
from spareplace.solvers.names import DEFAULT, version
from spareplace.starting import heuristic, starts
from spareplace.watching import Best

log = logging.getLogger(__name__)

LARGEST_MODEL = 300_000
"""The most columns of an exact model that ``auto`` builds: larger ones take longer to build and
read than they ever gained within a minute."""

SEARCH_SHARE, BYTES_SHARE = 0.3, 0.4
"""Which share of the time ``auto`` searches before it turns to the model in bytes, and which
share of the rest that may use before the search goes on."""

QUICK_MODEL, QUICK_SHARE = 20_000, 0.1
"""Where the heuristics find nothing: up to so many columns the model in bytes is asked first, for
that share of the time, whether there is a plan at all."""

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
    if options.method == "search":
        _search(instance, clock, options, best, begun, executor, warm=warm)
    elif options.method == "milp":
        _solve(instance, clock, options, best, reasons, proves=True)
    else:
        _combine(instance, clock, options, best, reasons, begun, executor, warm=warm)
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
    """Search with bounds beside it; in between, solve the model in bytes of a small cluster."""
    columns = _columns(instance)
    small = columns <= LARGEST_PROOF and not options.allow_unprotected
    provable = small and options.objective == "transfer"  # that is what the bounds are of
    if best.placement is None and provable and columns <= QUICK_MODEL:
        _solve_in_bytes(instance, clock.part(QUICK_SHARE), options, best)  # perhaps there is none
    first = clock.part(SEARCH_SHARE) if columns <= LARGEST_MODEL else clock
    with beside([servers, groups] if provable else [], instance, first, options, best) as part:
        _search(instance, part, options, best, begun, executor, warm=warm)
    if clock.over() or best.within(options.gap):
        return
    if best.placement is None or options.allow_unprotected:
        pieces = _pieces_that_fit(instance, options.max_pieces)
        if pieces:
            limited = replace(options, max_pieces=pieces)
            _solve(instance, clock, limited, best, reasons, proves=pieces == options.max_pieces)
        return
    if small:
        _solve_in_bytes(instance, clock.part(BYTES_SHARE), options, best)
    if clock.over() or best.within(options.gap) or clock.limit is None:
        return
    with beside([rooms, groups] if provable else [], instance, clock, options, best) as part:
        _search(instance, part, options, best, [best.placement], executor, warm=True)


def _solve_in_bytes(instance: Instance, clock: Clock, options: Options, best: Best) -> None:
    """Look for a proof in the model that counts bytes, and for the plan that meets it.

    Raises
    ------
    Infeasible
        If that model has no solution: then there is no plan either.
    """
    try:
        found = solve_in_bytes(instance, clock, options, lambda _, bound: best.told(None, bound))
    except (NoPlan, TooLarge) as none:
        log.info("the model in bytes gave nothing: %s", none)
        return
    if found.infeasible:  # it has a solution for every plan
        raise Infeasible(what_is_short(instance, clock, options))
    best.proves(found.bound)
    best.least = found.least or best.least
    if found.placement is not None:
        _offer_solved(instance, found.placement, found.solver, options, best)


def _solve(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    reasons: list[str],
    *,
    proves: bool,
) -> None:
    """Improve on the best so far with the exact model, or prove that there is nothing."""
    if clock.over():
        return
    try:
        found = solve_exactly(
            instance,
            clock,
            options,
            best.placement,
            lambda value, bound: best.told(value, bound if proves else None),
        )
    except (NoPlan, TooLarge) as none:
        reasons.append(none.reason if isinstance(none, NoPlan) else str(none))
        level_of_news = logging.INFO if clock.stop.is_set() else logging.WARNING
        log.log(level_of_news, "the exact model gave nothing: %s", reasons[-1])
        return
    proves = proves and not instance.uncut  # another cut of the diffs might do
    if proves and found.infeasible:
        raise Infeasible(what_is_short(instance, clock, options))
    if proves:
        best.bound = max(best.bound, found.bound)
        best.fewest_proven = found.fewest_proven
        best.least = found.least or best.least
    if found.placement is not None:
        _offer_solved(instance, found.placement, found.solver or None, options, best)
    else:
        reasons.append(f"{found.solver} found no plan in the time it had")


def _offer_solved(
    instance: Instance, placement: Placement, solver: str | None, options: Options, best: Best
) -> None:
    """Offer what a solver found; what is stored for nothing may still share in the sending."""
    if options.objective == "time":
        best.offer(placement, "milp", solver)
    best.offer(trimmed(instance, placement), "milp", solver)


def _columns(instance: Instance) -> int:
    """Estimate the columns of the model in bytes."""
    longest = sum(map(len, instance.chain)) / max(len(instance.chain), 1)
    rebuilds = sum(map(len, instance.lost)) * (1 + longest)
    return int((rebuilds + len(instance.dependents())) * instance.down.shape[1])


def _pieces_that_fit(instance: Instance, max_pieces: int) -> int:
    """Give the most pieces with which the exact model is not too large; 0 if none."""
    servers = instance.down.shape[1]
    longest = sum(len(chain) for chain in instance.chain) / max(len(instance.chain), 1)
    rebuilds = sum(len(vms) for vms in instance.lost) * servers
    diffs = len(instance.dependents()) * servers
    for pieces, columns in ((max_pieces, 2 * max_pieces), (1, 1)):
        if rebuilds * (1 + longest) + diffs * columns <= LARGEST_MODEL:
            return pieces
    return 0
