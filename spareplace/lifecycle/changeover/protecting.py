"""`reprotect`: after a recovery, make every VM survive the next failure, and then improve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Unpack

from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.lifecycle.changeover.plan_change import PlanChange, change_to
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.moving import moved_bytes
from spareplace.options import DEFAULT_TIME_LIMIT, PlanOptions
from spareplace.placement import Placement, Plan
from spareplace.planning import plan
from spareplace.watching import Progress

FIRST = 1000.0
"""The price of a moved byte where as few as possible are to be moved: far above what it can save
in a recovery whose weights add up to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprotection:
    """The state after a recovery, protected again.

    Parameters
    ----------
    schedule
        The recovery that came before.
    cluster
        The servers that are left, with the VMs where they run now.
    change
        The plan for it, and the steps that lead there.
    """

    schedule: RecoverySchedule
    cluster: Cluster
    change: PlanChange


def reprotect(
    cluster: Cluster,
    chosen: Plan | Placement,
    failed: Iterable[str] | RecoverySchedule,
    *,
    move_limit: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> Reprotection:
    """Take the state after a recovery as a new cluster, and protect every VM in it again.

    First the fewest bytes are copied that make every VM survive the next failure; what is stored
    on the server on which a VM runs now no longer serves it. Then, up to the limit, more are
    copied where that lowers the expected transfer.

    Parameters
    ----------
    cluster
        As it was before the failure.
    chosen
        What was stored in it.
    failed
        The servers that failed, or the schedule by which `recover` answered them.
    move_limit
        The most bytes to copy in all; ``None`` for only those that protection needs.
    progress, options
        As for `plan`.

    Raises
    ------
    Infeasible, NoPlan
        If the servers that are left cannot protect every VM, or not within the limit.
    NoRoom
        If no order of steps was found.

    Examples
    --------
    >>> from spareplace import load_cluster, plan, reprotect
    >>> cluster = load_cluster("examples/paper.json")
    >>> again = reprotect(cluster, plan(cluster), ["Sl"], method="search", iterations=9)
    >>> [server.name for server in again.cluster.servers]
    ['Si', 'Sj', 'Sk']
    """
    seed = options.get("seed", 0)
    schedule = (
        failed
        if isinstance(failed, RecoverySchedule)
        else recover(cluster, chosen, failed, seed=seed)
    )
    after, left = after_recovery(cluster, chosen, schedule)
    change = protect(
        after,
        with_targets(after, left, chosen),
        move_limit=move_limit,
        progress=progress,
        **options,
    )
    return Reprotection(schedule=schedule, cluster=after, change=change)


def protect(
    cluster: Cluster,
    before: Placement | Plan,
    *,
    move_limit: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> PlanChange:
    """Protect every VM with the fewest bytes moved, then improve as far as a limit allows.

    The arguments, and what is raised, are those of `reprotect`.
    """
    limit = options.get("time_limit", DEFAULT_TIME_LIMIT)
    share = limit if limit is None or move_limit is None else limit / 2
    timed: PlanOptions = {**options, "time_limit": share}
    first: PlanOptions = {**timed, "objective": "transfer"}  # a price of moves is one of bytes
    fewest = plan(cluster, current=before, move_cost=FIRST, progress=progress, **first)
    spent = moved_bytes(cluster, before, fewest)
    if move_limit is None:
        return change_to(cluster, before, fewest)
    # Where it was not found with so few, it is asked for; what it says is then about the limit.
    known, rest = (fewest, move_limit - spent) if spent <= move_limit else (before, move_limit)
    try:
        found = plan(cluster, current=known, move_limit=rest, progress=progress, **timed)
    except NoPlan as none:
        if known is fewest:
            raise
        raise NoPlan(
            f"no plan was found that moves at most {move_limit} bytes (move_limit); the one that "
            f"was found to move least moves {spent}",
            "raise move_limit to that",
        ) from none
    return change_to(cluster, before, found)


def with_targets(cluster: Cluster, left: Placement, chosen: Plan | Placement) -> Placement:
    """Add the targets that were planned for failures that can still happen."""
    placement = chosen.placement if isinstance(chosen, Plan) else chosen
    names = {failure.name for failure in cluster.failures}
    planned = {name: made for name, made in placement.rebuilds.items() if name in names}
    return replace(left, rebuilds=planned)
