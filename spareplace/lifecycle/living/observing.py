"""What the hypervisor says and what it is asked to do, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from spareplace.lifecycle.moves.steps import Step, apply_step
from spareplace.placement import Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A VM is to run on a server: it is started, migrated or rebuilt there."""

    vm: str
    server: str


Task: TypeAlias = Run | Step
"""To do one a second time changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the hypervisor says, to be asked for whenever something is decided or done.

    Parameters
    ----------
    running
        The server of each VM. What ran on servers that are down may be among it.
    stored
        All extents, also those on servers that are back: those of a diff that the cluster does
        not have will be deleted. What servers that are down stored may be among it.
    """

    running: Mapping[str, str] = field(default_factory=dict)
    stored: tuple[Extent, ...] = ()


def apply_task(observed: Observed, task: Task) -> Observed:
    """Give what the hypervisor says after a task, as a stand-in for it needs to know.

    Parameters
    ----------
    observed
        What it says before.
    task
        A `Run` or a `Step`. To do it twice is to do it once.

    Examples
    --------
    >>> apply_task(Observed(), Run(vm="web", server="a")).running
    {'web': 'a'}
    """
    if isinstance(task, Run):
        return replace(observed, running={**observed.running, task.vm: task.server})
    return replace(observed, stored=apply_step(observed.stored, task))
