"""Changes as text for people: what moves, in which order, and what that brings."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.cli.steps import steps_shown
from spareplace.cli.summary import summary
from spareplace.cluster import Cluster
from spareplace.lifecycle.changeover.draining import Drained
from spareplace.lifecycle.changeover.plan_change import PlanChange
from spareplace.lifecycle.changeover.protecting import Reprotection
from spareplace.units import format_bytes


def change_summary(cluster: Cluster, change: PlanChange) -> str:
    """Describe a change and the plan that it leads to."""
    parts = ["\n".join(_moves(change)), summary(cluster, change.plan)]
    return "\n\n".join(parts)


def reprotection_summary(again: Reprotection) -> str:
    """Describe what came before, then the change."""
    schedule = again.schedule
    rows = [
        ("recovered", f"{len(schedule.rebuilds)} VMs, {format_bytes(schedule.transfer_bytes)}"),
        ("left", f"{len(again.cluster.servers)} servers, {len(again.cluster.vms)} VMs"),
    ]
    lost = [f"lost: {name_shown(one.vm)}: {one}" for one in schedule.lost]
    return "\n\n".join(
        ["\n".join([*table(rows), *lost]), change_summary(again.cluster, again.change)]
    )


def drain_summary(way: Drained) -> str:
    """Describe how a server is emptied."""
    parts = [
        "\n".join(steps_shown(way.moves)) if way.moves.steps else "nothing has to be copied",
        "\n".join(_migrations(way)),
        "\n".join(("then delete", *steps_shown(way.deletions))) if way.deletions.steps else "",
        f"then server {name_shown(way.server)} {_goes(way)}; the plan without it:",
        summary(way.cluster, way.plan),
    ]
    return "\n\n".join(part for part in parts if part)


def _goes(way: Drained) -> str:
    if not way.left:
        return "is empty"
    return f"can go, with {format_bytes(sum(it.size for it in way.left))} that nobody needs"


def _moves(change: PlanChange) -> Iterator[str]:
    if change.is_none:
        yield "no change is needed in what is stored"
        return
    yield f"moved: {format_bytes(change.moved_bytes)}"
    yield from steps_shown(change.moves)


def _migrations(way: Drained) -> Iterator[str]:
    if not way.migrations:
        yield "no VM runs there"
        return
    yield "then migrate"
    rows = [
        (name_shown(it.vm), f"{name_shown(it.source)} to {name_shown(it.target)}")
        for it in way.migrations
    ]
    yield from table(rows)
