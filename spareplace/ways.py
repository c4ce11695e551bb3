"""The ways to plan, and how ``auto`` combines them."""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from dataclasses import replace

from spareplace.clock import Clock
from spareplace.errors import Infeasible, NoPlan
from spareplace.exact import solve_exactly, what_is_short
from spareplace.heuristics.greedy import greedy
from spareplace.heuristics.level import level
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.search import improve_by_search
from spareplace.solvers.base import TooLarge
from spareplace.solvers.names import DEFAULT, version
from spareplace.watching import Best

log = logging.getLogger(__name__)

LARGEST_MODEL = 300_000
"""The most columns of an exact model that ``auto`` builds: larger ones take longer to build and
read than they ever gained within a minute."""

LARGEST_LEVEL = 400_000
"""Pairs times servers up to which `level` is tried where greedy finds nothing: it takes seconds."""

SEARCH_SHARE = 0.4
"""Which share of the time ``auto`` searches before it turns to the exact model."""

ITERATIONS = 1000
"""Batches of neighbourhoods that a search solves if neither a number nor a time is given."""


def find(
    instance: Instance, clock: Clock, options: Options, best: Best, executor: Executor | None
) -> None:
    """Offer the plans of the method asked for, and prove what it can.

    Raises
    ------
    Infeasible, NoPlan
        If there is nothing to offer.
    """
    if options.method in ("greedy", "level"):
        best.offer(_heuristic(options.method, instance, clock, options), options.method)
        return
    reasons: list[str] = []
    starts = _starts(instance, clock, options, best, reasons)
    if options.method == "search":
        _search(instance, clock, options, best, starts, executor)
    elif options.method == "milp":
        _solve(instance, clock, options, best, reasons, proves=True)
    else:
        _combine(instance, clock, options, best, reasons, starts, executor)
    if best.placement is None:
        reasons = reasons or ["the time was up before there was a plan"]
        raise NoPlan("; ".join(reasons), "try a longer time limit")


def _starts(
    instance: Instance, clock: Clock, options: Options, best: Best, reasons: list[str]
) -> list[Placement]:
    """Offer what the heuristics find; give what a search can start from, VMs left out or not."""
    starts = [Placement()]
    pairs = sum(map(len, instance.lost))
    small = pairs * instance.down.shape[1] <= LARGEST_LEVEL
    for method in ("greedy", "level"):
        if best.placement is None and not clock.over() and (method == "greedy" or small):
            try:
                starts.append(_heuristic(method, instance, clock, options))
                best.offer(starts[-1], method)
            except NoPlan as none:
                reasons.append(none.reason)
                log.info("%s", none.reason)
                if options.method != "milp" and not clock.over():
                    starts += _unfinished(method, instance, clock, options)
    return starts


def _unfinished(method: str, instance: Instance, clock: Clock, options: Options) -> list[Placement]:
    """Give what a method can do if it may leave VMs out: a search takes it from there."""
    try:
        return [_heuristic(method, instance, clock, replace(options, allow_unprotected=True))]
    except NoPlan:
        return []


def _heuristic(method: str, instance: Instance, clock: Clock, options: Options) -> Placement:
    if method == "greedy":
        found = greedy(
            instance,
            clock,
            max_pieces=options.max_pieces,
            allow_unprotected=options.allow_unprotected,
        )
    else:
        found = level(instance, clock, allow_unprotected=options.allow_unprotected)
    if found.unprotected:  # what was stored for a VM before it was given up serves nobody
        found = trimmed(instance, found)
    if options.stored_limit is not None and found.stored_bytes > options.stored_limit:
        raise NoPlan(
            f"{method} stores {found.stored_bytes} bytes, expected at most "
            f"{options.stored_limit} (stored_limit)",
            "try method 'search' or 'auto'",
        )
    return found


def _search(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    starts: list[Placement],
    executor: Executor | None,
) -> None:
    if clock.limit is None and options.iterations is None:
        options = replace(options, iterations=ITERATIONS)
    solver = f"{DEFAULT} {version(DEFAULT)}"
    improve_by_search(
        instance,
        clock,
        options,
        starts,
        lambda found: best.offer(found, "search", solver),
        executor,
    )


def _combine(
    instance: Instance,
    clock: Clock,
    options: Options,
    best: Best,
    reasons: list[str],
    starts: list[Placement],
    executor: Executor | None,
) -> None:
    """Search, then solve the exact model if it is not too large."""
    pieces = _pieces_that_fit(instance, options.max_pieces)
    part = clock.part(SEARCH_SHARE) if pieces else clock
    _search(instance, part, options, best, starts, executor)
    if clock.over() or best.value == 0:
        return
    if pieces == 0:
        log.info("the exact model is left out: it would have over %d columns", LARGEST_MODEL)
        return
    limited = replace(options, max_pieces=pieces)
    _solve(instance, clock, limited, best, reasons, proves=pieces == options.max_pieces)


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
    if proves and found.infeasible:
        raise Infeasible(what_is_short(instance, clock, options))
    if proves:
        best.bound = max(best.bound, found.bound)
        best.fewest_proven = found.fewest_proven
    if found.placement is not None:
        best.offer(trimmed(instance, found.placement), "milp", found.solver or None)
    else:
        reasons.append(f"{found.solver} found no plan in the time it had")


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
