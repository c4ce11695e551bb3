"""The life of a cluster as one value: what it is, what is planned, what is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.lifecycle.living.events import LONGEST_SHOWN, ClusterEvent, read_event
from spareplace.lifecycle.moves.steps import Step
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.placement import Plan

REPLAN = read_event('{"event": "replan"}')
TICK = read_event('{"event": "tick"}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A server that failed or was drained, and the cluster that it left."""

    server: str
    cluster: Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that a controller has to know, and to keep, of the cluster that it looks after.

    ``Life(cluster=...)`` is the first one: what waits in it is to plan.

    Parameters
    ----------
    cluster
        As it is. While a recovery is under way, the failed servers are still in it; while a server
        is drained, that server is.
    plan
        Where extents are to lie, and VMs to be rebuilt. It is of an earlier cluster until a plan
        is found for this one; ``None`` before the first.
    taken
        How many lines of events were heard.
    waiting
        The events that are not decided on yet.
    moves
        The steps that are left to reach what the plan stores, or what lets a server go.
    untrue
        Deletions of what servers that came back hold of diffs whose names mean other bytes now.
        Until they are made, it counts as not stored.
    recovery
        The one that is under way.
    goal
        The cluster without the server that is being drained. The event is the first that waits.
    away
        The servers that left and may come back.

    Examples
    --------
    >>> from spareplace import load_cluster
    >>> [event.kind for event in Life(cluster=load_cluster("examples/paper.json")).waiting]
    ['replan']
    """

    cluster: Cluster
    plan: Plan | None = None
    taken: int = 0
    waiting: tuple[ClusterEvent, ...] = (REPLAN,)
    moves: tuple[Step, ...] = ()
    untrue: tuple[Step, ...] = ()
    recovery: RecoverySchedule | None = None
    goal: Cluster | None = None
    away: tuple[Away, ...] = ()

    @property
    def is_alarmed(self) -> bool:
        """Whether it was heard of servers that failed, and not decided what to do."""
        return any(event.kind == "failed" for event in self.waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to decide."""
        return not (self.waiting or self.moves or self.recovery or self.goal)


Told: TypeAlias = tuple[Life, tuple[str, ...]]
"""What a life becomes, and what somebody should know of it, a sentence each."""


def hear(life: Life, lines: Iterable[str]) -> Told:
    """Put the events that new lines tell of among those that wait; bad lines are done with.

    Parameters
    ----------
    life
        As it is.
    lines
        Those after the first ``life.taken`` lines.

    Returns
    -------
    tuple
        The life, and a remark for each line that is refused.

    Examples
    --------
    >>> from spareplace import load_cluster
    >>> life = Life(cluster=load_cluster("examples/paper.json"), waiting=())
    >>> life, remarks = hear(life, ['{"event": "tick"}', '{"event": "tock"}'])
    >>> life.taken, len(life.waiting), remarks[0][:27]
    (2, 1, 'refused: {"event": "tock"}:')
    """
    taken, events, remarks = life.taken, list(life.waiting), []
    for line in lines:
        taken += 1
        try:
            events.append(read_event(line))
        except InvalidInput as error:
            remarks.append(f"refused: {line.strip()[:LONGEST_SHOWN]}: {error}")
    return replace(life, taken=taken, waiting=tuple(events)), tuple(remarks)
