"""What the exact models find and prove, offered among the rest."""

from __future__ import annotations

import logging

from spareplace.bounds.recombining import recombine
from spareplace.clock import Clock
from spareplace.errors import Infeasible, NoPlan
from spareplace.exact import solve_exactly, solve_in_bytes, solve_ties, what_is_short
from spareplace.heuristics.trimming import trimmed
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.solvers.base import TooLarge
from spareplace.watching import Best

log = logging.getLogger(__name__)


def solve_and_lay(instance: Instance, clock: Clock, options: Options, best: Best) -> None:
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


def solve_near(instance: Instance, clock: Clock, options: Options, best: Best) -> None:
    """Look for plans near the best one, with few targets for each rebuild."""
    recombine(
        instance,
        clock,
        options,
        lambda: best.placement,
        lambda found, solver: _offer_solved(instance, found, solver, options, best),
    )


def solve_whole(
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


def settle(instance: Instance, clock: Clock, options: Options, best: Best) -> None:
    """Offer the plan that moves least, then stores least, if none is proven to transfer less.

    The search ends with the first plan that is proven best, whatever it moves and stores.
    """
    if best.placement is None or not best.within(0.0) or clock.over():
        return
    try:
        found = solve_ties(instance, clock, options, best.placement)
    except (NoPlan, TooLarge) as none:
        log.info("ties were not decided: %s", none)
        return
    if found is not None:
        _offer_solved(instance, found, best.solver, options, best)


def _offer_solved(
    instance: Instance, placement: Placement, solver: str | None, options: Options, best: Best
) -> None:
    """Offer what a solver found; what is stored for nothing may still share in the sending."""
    if options.objective == "time":
        best.offer(placement, "milp", solver)
    best.offer(trimmed(instance, placement), "milp", solver)
