"""A life that is led in memory: every task is done, everything is decided."""

from __future__ import annotations

import json
from typing import Unpack

from spareplace.lifecycle.living.deciding import decide
from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.observing import Observed, apply_task
from spareplace.lifecycle.living.tasks import next_task, task_done
from spareplace.options import PlanOptions


def event(kind: str, *servers: str, **more: object) -> str:
    """Write the line of an event."""
    named = {"servers": servers} if servers else {}
    return json.dumps({"event": kind, **named, **more})


def step(
    life: Life, world: Observed, **options: Unpack[PlanOptions]
) -> tuple[Life, Observed, tuple[str, ...]]:
    """Do or decide one thing."""
    task = next_task(life, world)
    if task is not None:
        return task_done(life, task), apply_task(world, task), ()
    life, remarks = decide(life, world, **options)
    return life, world, remarks


def lived(
    life: Life, world: Observed, *lines: str, **options: Unpack[PlanOptions]
) -> tuple[Life, Observed, tuple[str, ...]]:
    """Hear lines, one after the other, and after each do all that there is to do."""
    asked: PlanOptions = {"method": "greedy", "time_limit": None, **options}
    told: tuple[str, ...] = ()
    for line in (None, *lines):
        life, remarks = hear(life, () if line is None else [line])
        told += remarks
        while not life.is_idle or next_task(life, world) is not None:
            life, world, remarks = step(life, world, **asked)
            told += remarks
    return life, world, told
