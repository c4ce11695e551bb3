"""What is believed of what is stored, and what servers that come back hold that is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spareplace.lifecycle.changeover import rejoin
from spareplace.lifecycle.living.life import Life
from spareplace.lifecycle.living.observing import Observed
from spareplace.lifecycle.living.tasks import deletion
from spareplace.lifecycle.moves.steps import apply_step
from spareplace.placement import Extent, Placement


def stored_now(life: Life, observed: Observed) -> Placement:
    """Give what is stored and is what its name says now, and the targets that are planned."""
    rebuilds = life.plan.placement.rebuilds if life.plan is not None else {}
    return Placement(stored=_believed(life, observed), rebuilds=rebuilds)


def with_returned(life: Life, servers: Sequence[str], observed: Observed) -> Life:
    """Let servers come back with what they still hold.

    What is not true any more is to be deleted; until it is, nobody believes in it.

    Raises
    ------
    InvalidInput
        If one of them is in the cluster, or never was.
    """
    left = {it.server: it.cluster for it in life.away}
    there = {server.name for server in life.cluster.servers}
    held = _believed(life, observed)
    cluster = life.cluster
    now = Placement(stored=tuple(it for it in held if it.server in there))
    for name in servers:
        old = left.get(name, life.cluster)
        cluster, now = rejoin(
            cluster, now, [name], old_cluster=old, old_chosen=Placement(stored=held)
        )
    true = {(it.diff, it.server) for it in now.stored}
    untrue = [it for it in held if it.server in servers and (it.diff, it.server) not in true]
    return replace(
        life,
        cluster=cluster,
        untrue=(*life.untrue, *map(deletion, untrue)),
        away=tuple(it for it in life.away if it.server not in servers),
    )


def _believed(life: Life, observed: Observed) -> tuple[Extent, ...]:
    stored = observed.stored
    for step in life.untrue:
        stored = apply_step(stored, step)
    return stored
