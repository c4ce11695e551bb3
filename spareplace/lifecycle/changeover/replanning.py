"""`replan`: a better plan, or one for a cluster that changed, from what is stored now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from spareplace.cluster import Cluster
from spareplace.lifecycle.changeover.plan_change import PlanChange, change_to
from spareplace.options import PlanOptions
from spareplace.placement import Placement, Plan
from spareplace.planning import plan
from spareplace.watching import Progress


def replan(
    cluster: Cluster,
    current: Placement | Plan,
    *,
    move_limit: int | None = None,
    move_cost: float = 0.0,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> PlanChange:
    """Plan from what is stored now, and say in which order to get there.

    Parameters
    ----------
    cluster
        As it is now.
    current
        What is stored, by the plan that runs; it may be of an earlier state of the cluster.
    move_limit
        The most bytes to store where they are not now, or ``None``.
    move_cost
        The expected transferred bytes that one of those must save.
    progress, options
        As for `plan`.

    Raises
    ------
    Infeasible, NoPlan
        If no plan was found, as where the limit is too small for the change that is needed.
    NoRoom
        If no order of steps was found.

    Examples
    --------
    >>> from spareplace import load_cluster, plan, replan
    >>> cluster = load_cluster("examples/paper.json")
    >>> now = plan(cluster, method="greedy")
    >>> change = replan(cluster, now, move_limit=20 * 10**9, method="search", iterations=2)
    >>> change.moved_bytes <= 20 * 10**9, change.plan.expected_transfer_bytes < 15 * 10**9
    (True, True)
    >>> replan(cluster, change.plan).is_none
    True
    """
    found = plan(
        cluster,
        current=current,
        move_limit=move_limit,
        move_cost=move_cost,
        progress=progress,
        **options,
    )
    return change_to(cluster, current, found)
