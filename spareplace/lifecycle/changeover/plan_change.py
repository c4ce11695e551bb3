"""The next plan, and how to get there from what is stored now."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.steps import Moves
from spareplace.moving import moved_bytes
from spareplace.placement import Placement, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """A plan that continues what is stored, and the steps that lead to it.

    Parameters
    ----------
    moved_bytes
        What servers store in the plan and did not hold before.
    moves
        The steps, in an order in which each of them is safe. They copy more than `moved_bytes`
        only where room has to be made first.
    plan
        The plan that is reached.
    """

    moved_bytes: int
    moves: Moves
    plan: Plan

    @property
    def is_none(self) -> bool:
        """Whether nothing has to be copied or deleted."""
        return not self.moves.steps


def change_to(cluster: Cluster, before: Placement | Plan, plan: Plan) -> PlanChange:
    """Work out the steps from what is stored now to a plan for the cluster.

    Raises
    ------
    NoRoom
        If no order of steps was found that keeps every VM protected and every disk within.
    """
    return PlanChange(
        moved_bytes=moved_bytes(cluster, before, plan),
        moves=moves_between(cluster, before, plan),
        plan=plan,
    )
