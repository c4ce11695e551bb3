"""Remedies, each confirmed by a plan for the changed cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan
from spareplace.explaining.altering import changed
from spareplace.explaining.changes import ClusterChange, amount_shown
from spareplace.explaining.deciding import Judge
from spareplace.options import Method
from spareplace.placement import Plan
from spareplace.planning import plan

CONFIRM_SECONDS = 3.0
"""What planning the changed cluster may take; longer, and the remedy is not shown."""

MOST_NAMED = 4
"""Servers to be enlarged that are named one by one in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Changes after which a plan protects every VM in every failure: one was made and checked.

    Parameters
    ----------
    changes
        All of them are needed together.
    expected_transfer_bytes
        Of the plan that confirmed it, which need not be the best one.
    """

    changes: tuple[ClusterChange, ...]
    expected_transfer_bytes: float

    def __str__(self) -> str:
        if len(self.changes) > MOST_NAMED and all(it.kind == "capacity" for it in self.changes):
            return f"give {'; '.join(_gathered(self.changes))}"
        return ", and ".join(str(change) for change in self.changes)


def _gathered(changes: Sequence[ClusterChange]) -> Iterator[str]:
    """Count the servers that get more of each resource; `changes` has every one of them."""
    amounts: dict[str, list[float]] = defaultdict(list)
    for change in changes:
        amounts[change.resource or ""].append(change.amount or 0)
    for resource, more in amounts.items():
        least, most = (amount_shown(end(more), resource) for end in (min, max))
        much = least if least == most else f"between {least} and {most}"
        who = f"each of {len(more)} servers" if len(more) > 1 else "one server"
        yield f"{who} {much} more {resource}"


def confirmed(cluster: Cluster, changes: tuple[ClusterChange, ...], judge: Judge) -> Remedy | None:
    """Plan the changed cluster: only that counts."""
    if makes_feasible(cluster, changes, judge) is None:
        return None
    return planned_remedy(cluster, changes, judge)


def planned_remedy(
    cluster: Cluster, changes: tuple[ClusterChange, ...], judge: Judge
) -> Remedy | None:
    """Plan the changed cluster, without asking first whether there is a plan."""
    made = planned(changed(cluster, changes), judge)
    if made is None:
        return None
    return Remedy(changes=changes, expected_transfer_bytes=made.expected_transfer_bytes)


def makes_feasible(
    cluster: Cluster, changes: tuple[ClusterChange, ...], judge: Judge
) -> Cluster | None:
    """Give the changed cluster if there is a plan for it."""
    try:
        after = changed(cluster, changes)
    except InvalidInput:  # more than any server can have
        return None
    return after if judge.is_feasible(after) else None


def planned(cluster: Cluster, judge: Judge) -> Plan | None:
    """Make any checked plan, the fastest first; ``None`` if none was found in the time."""
    methods: tuple[Method, ...] = ("greedy", "search", "milp")
    for method in methods:
        left = judge.clock.left()
        if left == 0.0:
            return None
        try:
            return plan(
                cluster,
                method=method,
                gap=1.0,
                time_limit=CONFIRM_SECONDS if left is None else min(left, CONFIRM_SECONDS),
                max_pieces=judge.max_pieces,
                seed=judge.seed,
                progress=lambda heard: heard.incumbent is not None,  # any plan is enough
            )
        except NoPlan:
            continue
        except Infeasible:
            return None
    return None
