"""One bound: the relaxation in bytes, with what some of the failures transfer, or all of them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Protocol

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.exact.trust import proven
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.merging import merged
from spareplace.options import Options
from spareplace.solvers.base import Outcome, Request, TooLarge
from spareplace.units import exact_weight

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What is proven.

    Parameters
    ----------
    bytes
        No plan that protects every VM has a smaller expected transfer, plus price of what it
        stores, than this.
    tight
        Whether the relaxation was solved, so that more time would give no more.
    too_large
        Whether there was none to solve: its numbers or columns are too many.
    """

    bytes: Fraction
    tight: bool
    too_large: bool = False


def at_once(
    instance: Instance,
    clock: Clock,
    options: Options,
    upper: Fraction | None = None,
    *,
    solver: str | None = None,
) -> Fraction:
    """Bound the expected transfer by the relaxation in bytes of the whole cluster.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Handed down to the solver.
    options
        Pieces, limits, price, solver, workers and seed.
    upper
        The value of a plan, or ``None``: a larger bound is of no use.
    solver
        Another one than in the options.

    Returns
    -------
    Bytes that no plan that protects every VM in every failure can be below.
    """
    options = options if solver is None else replace(options, solver=solver)
    found = bound_over(instance, clock, options, range(len(instance.weight)))
    return found.bytes if upper is None else min(found.bytes, upper)


def bound_over(
    instance: Instance,
    clock: Clock,
    options: Options,
    failures: Collection[int],
    *,
    share: Fraction = Fraction(1),
) -> Bound:
    """Bound what some failures transfer, plus a share of the price of what is stored.

    Diffs survive the other failures, too, but those have no rebuilds, and nothing to transfer.
    So the bounds of failures divided into groups add up, if the shares add up to 1.

    Parameters
    ----------
    instance, clock, options
        As for `at_once`.
    failures
        Those whose transfers count.
    share
        Of the price of what is stored.
    """
    weight = tuple(
        of if failure in failures else Fraction(0) for failure, of in enumerate(instance.weight)
    )
    if not any(weight) and not options.stored_cost:
        return Bound(bytes=Fraction(0), tight=True)
    lost = tuple(vms if failure in failures else () for failure, vms in enumerate(instance.lost))
    small = merged(replace(instance, weight=weight, lost=lost), options.max_pieces)
    return solved(partial(build, small, in_bytes=True, counted=True), clock, options, share)


class Build(Protocol):
    """Gives a relaxation."""

    def __call__(
        self,
        clock: Clock,
        *,
        max_pieces: int,
        stored_limit: int | None,
        stored_cost: Fraction,
    ) -> Model:
        """Build it; its objective "transfer" is what counts."""
        ...


def solved(build: Build, clock: Clock, options: Options, share: Fraction = Fraction(1)) -> Bound:
    """Solve a relaxation as far as time allows, and give what is proven by it."""
    try:
        model = build(
            clock,
            max_pieces=options.max_pieces,
            stored_limit=options.stored_limit,
            stored_cost=exact_weight(options.stored_cost) * share,
        )
        transfer = next(goal for goal in model.objectives if goal.name == "transfer")
        if clock.over():
            return Bound(bytes=Fraction(0), tight=False)
        answer = solvers.load(options.solver)(
            Request(
                milp=model.milp.with_objective(transfer.coefficients),
                seconds=clock.left(),
                workers=options.workers,
                seed=options.seed,
                stop=clock.stop,
            )
        )
    except (NoPlan, TooLarge) as none:
        log.info("no bound: %s", none)
        return Bound(bytes=Fraction(0), tight=False, too_large=True)
    log.info("bound of %d columns: %s", len(model.milp.columns), answer.outcome.value)
    # What is infeasible has no plan; that is for others to prove, and any bound is right.
    bytes_ = Fraction(0) if answer.bound is None else proven(transfer, answer, None)
    # A solver that ended before its time is done, also where its fractions are no values.
    return Bound(bytes=bytes_, tight=answer.outcome is Outcome.OPTIMAL or not clock.over())
