"""What the controller knows: one value, in one file that is replaced whole or stays as it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from examples.controller.events import Event, read_event
from spareplace import Cluster, Plan, RecoverySchedule, Step
from spareplace.files import cluster_text, plan_text, read_cluster, read_plan
from spareplace.lifecycle.recovering.schedule_file import read_recovery, recovery_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What stands once the moves of a drain are done and its VMs have left."""

    cluster: Cluster
    plan: Plan


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
        What the drain that is under way leads to; its event is the first that waits.
    away
        For each server that left, the cluster that it left.
    """

    cluster: Cluster
    plan: Plan
    taken: int = 0
    waiting: tuple[Event, ...] = ()
    moves: tuple[Step, ...] = ()
    recovery: RecoverySchedule | None = None
    goal: Goal | None = None
    away: Mapping[str, Cluster] = field(default_factory=dict)


def save_state(state: State, path: Path) -> None:
    """Write a state; `load_state` gives an equal one."""
    goal = state.goal
    document = {
        "taken": state.taken,
        "waiting": [event.line for event in state.waiting],
        "moves": [asdict(step) for step in state.moves],
        "recovery": state.recovery and json.loads(recovery_text(state.recovery)),
        "cluster": json.loads(cluster_text(state.cluster)),
        "plan": json.loads(plan_text(state.plan)),
        "goal": goal
        and {
            "cluster": json.loads(cluster_text(goal.cluster)),
            "plan": json.loads(plan_text(goal.plan)),
        },
        "away": {name: json.loads(cluster_text(left)) for name, left in state.away.items()},
    }
    replace_file(path, json.dumps(document))


def load_state(path: Path) -> State:
    """Read a state. The library checks its own parts again."""
    document = json.loads(path.read_bytes())
    goal, recovery = document["goal"], document["recovery"]
    return State(
        cluster=read_cluster(json.dumps(document["cluster"])),
        plan=read_plan(json.dumps(document["plan"])),
        taken=document["taken"],
        waiting=tuple(read_event(line) for line in document["waiting"]),
        moves=tuple(Step(**step) for step in document["moves"]),
        recovery=recovery and read_recovery(json.dumps(recovery)),
        goal=goal
        and Goal(
            cluster=read_cluster(json.dumps(goal["cluster"])),
            plan=read_plan(json.dumps(goal["plan"])),
        ),
        away={name: read_cluster(json.dumps(left)) for name, left in document["away"].items()},
    )


def replace_file(path: Path, text: str) -> None:
    """Put a text into a file: whoever reads it, also after a crash, finds the old or the new."""
    draft = path.with_name(f"{path.name}.draft")
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # the content is on the disk before the name leads to it
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # so is the name, before anybody acts on it
    finally:
        os.close(folder)
