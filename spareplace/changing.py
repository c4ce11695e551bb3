"""What a plan continues: the placement that runs now, brought into a form that can be counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.dividing import Division, divided
from spareplace.errors import InvalidInput, Problem
from spareplace.heuristics.continuing import continued, marked, well_cut
from spareplace.instance import Instance
from spareplace.moving import relaid, still_held
from spareplace.options import Options
from spareplace.placement import Placement, Plan
from spareplace.verify import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A cluster and what is stored in it now, as the methods are to see them.

    Parameters
    ----------
    cluster
        With diffs divided where they are cut now, if the bytes moved are limited or have a price.
    before
        What is stored now, by the diffs of that cluster, and the targets chosen for it.
    division
        How to get back from there, or ``None`` if nothing is divided.
    method, solver
        What made the placement that runs now.
    """

    cluster: Cluster
    before: Placement
    division: Division | None
    method: str
    solver: str | None

    def noted(self, instance: Instance) -> Instance:
        """Note in an instance of the cluster what is stored now, and what may not be cut again."""
        uncut: frozenset[int] = frozenset()
        if self.division is not None:
            whole = self.division.whole
            uncut = frozenset(
                at for at, diff in enumerate(self.cluster.diffs) if diff.name in whole
            )
        return replace(marked(instance, self.before.stored), uncut=uncut)

    def begun(self, instance: Instance, options: Options) -> Placement:
        """Give what of the placement keeps every rule."""
        return continued(instance, self.before, options.max_pieces, options.stored_limit)

    def answered(self, placement: Placement) -> Placement:
        """Express a plan's decisions by the diffs that were given, and move no byte in vain."""
        if self.division is not None:
            return self.division.together(placement)
        return relaid(self.cluster, placement, self.before)


def change_from(cluster: Cluster, current: Placement | Plan, options: Options) -> Change:
    """Take up a placement that may be of an earlier state of the cluster."""
    now = current.placement if isinstance(current, Plan) else current
    before = replace(now, stored=still_held(cluster, now.stored))
    division = None
    before = replace(before, stored=well_cut(cluster, before.stored, options.max_pieces))
    if options.move_limit is not None or options.move_cost:
        division = divided(cluster, before.stored)
        division = division if division.parts else None
    made = (current.method, current.solver) if isinstance(current, Plan) else ("current", None)
    return Change(
        cluster=cluster if division is None else division.cluster,
        before=before if division is None else division.apart(before),
        division=division,
        method=made[0],
        solver=made[1],
    )


def is_answer(cluster: Cluster, current: Placement | Plan, options: Options) -> bool:
    """Tell whether a plan is what this very call would end with: then nothing is to be moved.

    It is if it was made for this cluster, keeps every rule, and the method asked for is the one
    that made it; a search that goes on for longer may find a better one, and moves bytes for it
    only where the caller says how many, or what they may cost.
    """
    if not isinstance(current, Plan) or current.cluster_sha256 != fingerprint(cluster):
        return False
    asks_more = options.move_limit is not None or options.move_cost or options.stored_cost
    if asks_more or (current.unprotected and not options.allow_unprotected):
        return False
    thorough = options.method == "auto" and current.method not in ("greedy", "level")
    same = current.status == "optimal" or current.method == options.method or thorough
    return same and not check(
        cluster, current, max_pieces=options.max_pieces, stored_limit=options.stored_limit
    )


def refuse_moves_from_nowhere(current: Placement | Plan | None, options: Options) -> None:
    """Refuse a limit or a price for moves where nothing is stored that could be moved.

    Raises
    ------
    InvalidInput
        If so.
    """
    if current is None:
        given = {"move_limit": options.move_limit, "move_cost": options.move_cost or None}
        bad = [
            Problem(
                path=key,
                found=str(value),
                expected="none without a current placement",
                hint="give what is stored now as current",
            )
            for key, value in given.items()
            if value is not None
        ]
        if bad:
            raise InvalidInput(bad)
