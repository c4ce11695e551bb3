"""What `replan`, `reprotect` and `drain` answer, as JSON; parts keep their own formats."""

from __future__ import annotations

from spareplace.canonical import JSON, cluster_document
from spareplace.files.decode_plan import PLAN
from spareplace.files.decoding import PLAN_FORMAT
from spareplace.files.encode import shaped_document
from spareplace.lifecycle.changeover.draining import Drained
from spareplace.lifecycle.changeover.plan_change import PlanChange
from spareplace.lifecycle.changeover.protecting import Reprotection
from spareplace.lifecycle.moves.moves_file import MOVES_FILE, MOVES_FORMAT
from spareplace.lifecycle.recovering.schedule_file import RECOVERY, RECOVERY_FORMAT

CHANGE_FORMAT = "spareplace/change/1"
REPROTECTION_FORMAT = "spareplace/reprotection/1"
DRAIN_FORMAT = "spareplace/drain/1"


def change_document(change: PlanChange) -> dict[str, JSON]:
    """Give a change: what it moves, its steps, and the plan that it leads to."""
    return {"format": CHANGE_FORMAT, **_change(change)}


def reprotection_document(again: Reprotection) -> dict[str, JSON]:
    """Give the recovery that came before, the cluster that is left, and the change."""
    return {
        "format": REPROTECTION_FORMAT,
        "recovery": shaped_document(RECOVERY, RECOVERY_FORMAT, again.schedule),
        **_change(again.change),
        "cluster": cluster_document(again.cluster),
    }


def drain_document(way: Drained) -> dict[str, JSON]:
    """Give the moves and the migrations that empty a server, and what is left without it."""
    return {
        "format": DRAIN_FORMAT,
        "server": way.server,
        "moved_bytes": way.moved_bytes,
        "moves": shaped_document(MOVES_FILE, MOVES_FORMAT, way.moves),
        "migrations": [
            {"vm": migration.vm, "from": migration.source, "to": migration.target}
            for migration in way.migrations
        ],
        "deletions": shaped_document(MOVES_FILE, MOVES_FORMAT, way.deletions),
        "left": [
            {"diff": it.diff, "server": it.server, "start": it.start, "stop": it.stop}
            for it in way.left
        ],
        "plan": shaped_document(PLAN, PLAN_FORMAT, way.plan),
        "cluster": cluster_document(way.cluster),
    }


def _change(change: PlanChange) -> dict[str, JSON]:
    return {
        "moved_bytes": change.moved_bytes,
        "moves": shaped_document(MOVES_FILE, MOVES_FORMAT, change.moves),
        "plan": shaped_document(PLAN, PLAN_FORMAT, change.plan),
    }
