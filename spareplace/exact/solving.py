"""Find the placement of least expected transfer with the exact model, within one clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.exact.descent import Watch, descend
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.read import read
from spareplace.options import Options
from spareplace.placement import Placement

WHOLE_SHARE = 0.35
"""Which share the smaller model of whole copies may use, before the one with pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the exact model gave.

    Parameters
    ----------
    placement
        The best one found, or ``None``.
    bound
        No plan has a smaller expected transfer, plus price of what it stores, than this.
    solver
        Name and version; empty if none was needed.
    infeasible
        Whether it is proven that there is no placement.
    fewest_proven
        Whether it is proven that no plan leaves fewer VMs unprotected.
    least
        Where another goal was asked for: no plan is below the first, nor, of those that are
        there, below the second in expected transfer. The bound is 0 then.
    """

    placement: Placement | None
    bound: Fraction
    solver: str
    infeasible: bool = False
    fewest_proven: bool = True
    least: tuple[Fraction, Fraction] | None = None


def solve_exactly(
    instance: Instance, clock: Clock, options: Options, start: Placement | None, watch: Watch
) -> Found:
    """Find the placement of least expected transfer, and how little it can be.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Handed down to the solver.
    options
        Pieces, limits, solver, workers and seed.
    start
        A placement that keeps every rule, to start from, or ``None``.
    watch
        Told about progress, from any thread.
    """
    asked: tuple[str, ...] = ()
    if options.max_pieces > 1:
        # Whole copies only make a far smaller model, and a good start for the one with pieces.
        model = _model(instance, clock, replace(options, max_pieces=1))
        part = clock.part(WHOLE_SHARE)
        whole = descend(model, part, options, start, _without_bound(watch))
        start = start if whole.values is None else read(model, whole.values)
        asked = (whole.solver, whole.last)
    try:
        model = _model(instance, clock, options)
    except NoPlan:
        if start is None or not asked:
            raise
        # The time was up before the larger model was built; nothing is proven without it.
        name = next(filter(None, asked), "")
        return Found(placement=start, bound=Fraction(0), solver=name, fewest_proven=False)
    descent = descend(model, clock, options, start, watch)
    return Found(
        placement=None if descent.values is None else read(model, descent.values),
        bound=descent.bound,
        solver=next(filter(None, (descent.solver, *asked, descent.last)), ""),
        infeasible=descent.infeasible,
        fewest_proven=descent.fewest_proven,
        least=descent.least,
    )


def solve_ties(
    instance: Instance, clock: Clock, options: Options, start: Placement
) -> Placement | None:
    """Of plans that cost no more than one, find the one that moves least, then stores least.

    Parameters
    ----------
    instance, clock, options
        As for `solve_exactly`.
    start
        What it is to cost no more than; it keeps every rule.

    Returns
    -------
    Placement | None
        ``None`` if the model cannot say what the start stores.

    Raises
    ------
    NoPlan, TooLarge
        If the model cannot be built.
    """
    model = _model(instance, clock, options)
    found = descend(model, clock, options, start, lambda *_: None, only_ties=True)
    return None if found.values is None else read(model, found.values)


def _model(instance: Instance, clock: Clock, options: Options) -> Model:
    return build(
        instance,
        clock,
        max_pieces=options.max_pieces,
        stored_limit=options.stored_limit,
        stored_cost=options.stored_cost,
        move_limit=options.move_limit,
        move_cost=options.move_cost,
        allow_unprotected=options.allow_unprotected,
        goal=options.objective,
        counted=True,
    )


def _without_bound(watch: Watch) -> Watch:
    """Keep back bounds that hold for whole copies only."""
    return lambda value, _: watch(value, None)
