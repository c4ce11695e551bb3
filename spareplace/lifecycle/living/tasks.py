"""What is to be done before anything is decided: it follows from the life and from what is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from spareplace.lifecycle.living.life import Life
from spareplace.lifecycle.living.observing import Observed, Run, Task
from spareplace.lifecycle.moves.steps import Step
from spareplace.placement import Extent


def next_task(life: Life, observed: Observed) -> Task | None:
    """Give what is to be done now, or ``None`` if something is to be decided, or nothing.

    What nobody knows any more is deleted first, which makes room; then VMs are brought where they
    are to run, in a recovery in the order of its schedule; then moves are made. A server that is
    drained loses its VMs last, when their data is where they go.

    Parameters
    ----------
    life
        As it is.
    observed
        What the hypervisor says.

    Examples
    --------
    >>> from spareplace import VM, Cluster, Server
    >>> cluster = Cluster(servers=(Server(name="a", disk=50),), vms=(VM(name="web", server="a"),))
    >>> next_task(Life(cluster=cluster), Observed())
    Run(vm='web', server='a')
    >>> next_task(Life(cluster=cluster), Observed(running={"web": "a"})) is None
    True
    """
    if life.is_alarmed:
        return None
    moves = life.moves if life.recovery is None else ()
    tasks: Iterator[Task] = chain(_deletions(life, observed), _runs(life, observed), moves)
    return next(tasks, None)


def task_done(life: Life, task: Task) -> Life:
    """Give the life after a task was done. To be called after that, and not before.

    Parameters
    ----------
    life
        As it was when the task was given.
    task
        What `next_task` gave.
    """
    if task in life.untrue:
        return replace(life, untrue=tuple(it for it in life.untrue if it != task))
    return replace(life, moves=life.moves[1:]) if life.moves[:1] == (task,) else life


def deletion(extent: Extent) -> Step:
    """Give the step that deletes an extent."""
    return Step(
        action="delete",
        diff=extent.diff,
        server=extent.server,
        start=extent.start,
        stop=extent.stop,
    )


def _deletions(life: Life, observed: Observed) -> Iterator[Step]:
    """Give what servers that are up hold in vain: it goes before its name can mean other bytes."""
    failed = life.recovery.failed if life.recovery is not None else ()
    up = {server.name for server in life.cluster.servers}.difference(failed)
    diffs = {diff.name for diff in life.cluster.diffs}
    yield from (step for step in life.untrue if step.server in up)
    for extent in observed.stored:
        if extent.server in up and extent.diff not in diffs:
            yield deletion(extent)


def _runs(life: Life, observed: Observed) -> Iterator[Run]:
    """Give the VMs that do not run where they are to."""
    cluster = life.cluster if life.goal is None or life.moves else life.goal
    homes = [(vm.name, vm.server) for vm in cluster.vms]
    if life.recovery is not None:
        homes = [(rebuild.vm, rebuild.server) for rebuild in life.recovery.rebuilds]
    for vm, server in homes:
        if observed.running.get(vm) != server:
            yield Run(vm=vm, server=server)
