"""What the controller knows: one value, in one file that is replaced whole or stays as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from examples.controller.events import Event, read_event
from spareplace import Cluster, Plan, RecoverySchedule, Step
from spareplace.files import cluster_text, plan_text, read_cluster, read_plan, write_whole
from spareplace.lifecycle.recovering.schedule_file import read_recovery, recovery_text


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that has to outlive the process.

    Parameters
    ----------
    cluster
        As it is. While a recovery is under way, its failed servers are still there.
    plan
        Where extents are to lie, and VMs to be rebuilt. It is of this cluster, but for the time
        of a recovery.
    taken
        How many lines of events were taken in.
    waiting
        Those of them that are not handled yet.
    moves
        The steps that are left to reach what the plan stores.
    recovery
        The one that is under way.
    goal
        The cluster and the plan to which the drain that is under way leads; its event is the
        first that waits.
    away
        For each server that left, the cluster that it left.
    """

    cluster: Cluster
    plan: Plan
    taken: int = 0
    waiting: tuple[Event, ...] = ()
    moves: tuple[Step, ...] = ()
    recovery: RecoverySchedule | None = None
    goal: tuple[Cluster, Plan] | None = None
    away: Mapping[str, Cluster] = field(default_factory=dict)


def save_state(state: State, path: Path) -> None:
    """Write a state; `load_state` gives an equal one. Files of the library are in it as text."""
    document = {
        "taken": state.taken,
        "waiting": [event.line for event in state.waiting],
        "moves": [asdict(step) for step in state.moves],
        "recovery": state.recovery and recovery_text(state.recovery),
        "standing": _texts(state.cluster, state.plan),
        "goal": state.goal and _texts(*state.goal),
        "away": {name: cluster_text(left) for name, left in state.away.items()},
    }
    write_whole(path, json.dumps(document))


def load_state(path: Path) -> State:
    """Read a state. The library checks its own parts again."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    cluster, plan = _pair(document["standing"])
    return State(
        cluster=cluster,
        plan=plan,
        taken=document["taken"],
        waiting=tuple(read_event(line) for line in document["waiting"]),
        moves=tuple(Step(**step) for step in document["moves"]),
        recovery=document["recovery"] and read_recovery(document["recovery"]),
        goal=document["goal"] and _pair(document["goal"]),
        away={name: read_cluster(text) for name, text in document["away"].items()},
    )


def _texts(cluster: Cluster, plan: Plan) -> tuple[str, str]:
    return cluster_text(cluster), plan_text(plan)


def _pair(texts: tuple[str, str]) -> tuple[Cluster, Plan]:
    cluster, plan = texts
    return read_cluster(cluster), read_plan(plan)
