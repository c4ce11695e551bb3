"""The model in bytes of the whole cluster: its bound, and the plan that its rebuilds allow.

It is far smaller than the exact model with pieces, and mostly its bytes can be laid out as a plan
of just that cost: then the plan is proven best. Where they cannot, the exact model cuts and stores
for its targets.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.exact.descent import Watch, descend, request_for
from spareplace.exact.laying import Pieces, amounts_of, laid_out
from spareplace.exact.solving import Found
from spareplace.exact.trust import is_infeasible, proven
from spareplace.holding import merged as merged_extents
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.merging import alike, merged
from spareplace.milp.model import Ints
from spareplace.milp.read import read
from spareplace.milp.storing import pieces_of
from spareplace.options import Options
from spareplace.placement import Extent, Placement, least_piece
from spareplace.solvers.base import Outcome

GOAL_SHARE = 0.7
"""Which share of the time the model in bytes may use for another goal than the transfer, before
the plan for its rebuilds is sought."""

log = logging.getLogger(__name__)


def solve_in_bytes(instance: Instance, clock: Clock, options: Options, watch: Watch) -> Found:
    """Solve the model in bytes, then cut and store for the rebuilds that it chose.

    Every VM is protected, whatever the options say.

    Parameters
    ----------
    instance, clock, options
        As for `solve_exactly`.
    watch
        Told about progress, from any thread; values in bytes are no plans, so only bounds.

    Raises
    ------
    NoPlan, TooLarge
        If the model cannot be built.
    """
    small = build(
        merged(instance.cuttable(), options.max_pieces),
        clock,
        max_pieces=options.max_pieces,
        stored_limit=options.stored_limit,
        stored_cost=options.stored_cost,
        move_limit=options.move_limit,
        move_cost=options.move_cost,
        in_bytes=True,
        goal=options.objective,
        counted=True,
        targets=True,
    )
    if options.objective != "transfer":
        return _solve_for_goal(instance, small, clock, options, watch)
    objective = small.objectives[0]
    request = request_for(
        small.milp, objective, None, clock, options, lambda _, bound: watch(None, bound)
    )
    if request is None:
        return Found(placement=None, bound=Fraction(0), solver="")
    answer = solvers.load(options.solver)(request)
    log.info("in bytes: %s, bound %s", answer.outcome.value, answer.bound)
    if answer.outcome is Outcome.INFEASIBLE:
        impossible = is_infeasible(small.milp, answer, clock, options)
        return Found(placement=None, bound=Fraction(0), solver=answer.solver, infeasible=impossible)
    placement = None
    if answer.values is not None:
        placement = laid(instance, small, answer.values, options)
        if placement is None and not clock.over():
            placement = _stored(instance, small, answer.values, clock, options)
    bound = proven(objective, answer, answer.values)
    return Found(placement=placement, bound=bound, solver=answer.solver)


def _solve_for_goal(
    instance: Instance, small: Model, clock: Clock, options: Options, watch: Watch
) -> Found:
    """Solve for the goal, then for the least transfer with it; then cut and store for that."""
    names = [objective.name for objective in small.objectives]
    untied = replace(small, objectives=small.objectives[: names.index("transfer") + 1])
    part = clock.part(GOAL_SHARE)
    found = descend(untied, part, options, None, lambda _, bound: watch(None, bound))
    placement = None
    if found.values is not None and not clock.over():
        placement = _stored(instance, small, found.values, clock, options)
    return Found(
        placement=placement,
        bound=Fraction(0),
        solver=found.solver or found.last,
        infeasible=found.infeasible,
        least=found.least,
    )


def laid(instance: Instance, small: Model, values: Ints, options: Options) -> Placement | None:
    """Lay out the bytes of a solution as they are; ``None`` if no way is found.

    Parameters
    ----------
    instance
        The cluster in numbers, its diffs not merged.
    small
        Its model in bytes, of merged diffs.
    values
        Of its columns.
    options
        Into how many pieces diffs may be cut.
    """
    cluster, members = instance.cluster, {}
    for diffs in alike(instance.cuttable(), options.max_pieces):
        members[diffs[0]] = diffs
    stored: list[Extent] = []
    for diff, amounts in amounts_of(small, values).items():
        diffs = members.get(diff, [diff])
        pieces = laid_out(
            [instance.size[each] for each in diffs],
            amounts,
            [set(np.flatnonzero(instance.down[f]).tolist()) for f in instance.asked[diff]],
            most=[pieces_of(instance, each, options.max_pieces) for each in diffs],
            least=[least_piece(instance.size[each]) for each in diffs],
        )
        if pieces is None:
            return None
        for each, cut in zip(diffs, pieces, strict=True):
            stored += _extents(cluster, cluster.diffs[each].name, cut)
    # Its targets are those of the model; what is read of it but these has no meaning here.
    rebuilds = read(small, values).rebuilds
    return Placement(stored=merged_extents(stored), rebuilds=rebuilds)


def _extents(cluster: Cluster, diff: str, pieces: Pieces) -> Iterator[Extent]:
    start = 0
    for size, keepers in pieces:
        for server in keepers:
            name = cluster.servers[server].name
            yield Extent(diff=diff, server=name, start=start, stop=start + size)
        start += size


def _stored(
    instance: Instance, small: Model, values: Ints, clock: Clock, options: Options
) -> Placement | None:
    """Let the exact model cut and store for given rebuilds; ``None`` if it finds no way."""
    exact = build(
        instance,
        clock,
        max_pieces=options.max_pieces,
        stored_limit=options.stored_limit,
        stored_cost=options.stored_cost,
        move_limit=options.move_limit,
        move_cost=options.move_cost,
        goal=options.objective,
        counted=True,
    )
    lower, upper = np.array(exact.milp.lower), np.array(exact.milp.upper)
    for key, column in small.columns.rebuild.items():
        same = exact.columns.rebuild[key]
        lower[same] = upper[same] = values[column]
    fixed = replace(exact, milp=replace(exact.milp, lower=lower, upper=upper))
    found = descend(fixed, clock, options, None, lambda *_: None)
    return None if found.values is None else read(fixed, found.values)
