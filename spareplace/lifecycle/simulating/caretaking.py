"""How a policy keeps the VMs protected: by its method, with whatever has no other way given up."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.errors import NoRoom
from spareplace.lifecycle.changeover.plan_change import PlanChange, change_to
from spareplace.lifecycle.changeover.protecting import protect
from spareplace.lifecycle.simulating.policies import Policy
from spareplace.options import PlanOptions
from spareplace.placement import Placement, Plan
from spareplace.planning import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Caretaker:
    """A policy with all that its plans depend on.

    Parameters
    ----------
    policy
        Its method, and whether it replans.
    move_limit
        The most bytes that a month's replan may move.
    options
        For every plan: no time limit, one worker, so that the seed alone decides.
    """

    policy: Policy
    move_limit: int
    options: PlanOptions


def caretaker(policy: Policy, *, move_limit: int, iterations: int, seed: int) -> Caretaker:
    """Let a policy take care of a cluster."""
    return Caretaker(
        policy=policy,
        move_limit=move_limit,
        options={
            "method": policy.method,
            "time_limit": None,
            "iterations": iterations,
            "workers": 1,
            "seed": seed,
            "allow_unprotected": True,
        },
    )


def protected_again(taker: Caretaker, cluster: Cluster, before: Placement) -> PlanChange:
    """Protect every VM that can be, with the fewest bytes moved that the method finds.

    Where no order of steps is found for them, nothing is moved: what is stored stays, and VMs
    that it does not protect are given up.
    """
    try:
        return protect(cluster, before, **taker.options)
    except NoRoom:
        return change_to(cluster, before, unmoved(taker, cluster, before))


def unmoved(taker: Caretaker, cluster: Cluster, before: Placement) -> Plan:
    """Plan with what is stored where it is."""
    return plan(cluster, current=before, move_limit=0, **taker.options)
