"""What a decision starts from beside the state, and what all decisions end with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from examples.controller.state import State
from spareplace import Cluster, Extent, Placement, Plan, Progress, Step
from spareplace.options import PlanOptions

log = logging.getLogger("controller")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a decision needs besides the state.

    Parameters
    ----------
    running, stored
        What the hypervisor says of all servers, failed ones among them.
    options
        For everything that plans.
    recovery_limit
        Seconds for the choice of targets when servers failed, or ``None``.
    stopped
        Tells whether the decision is of no use any more.
    """

    running: Mapping[str, str]
    stored: tuple[Extent, ...]
    options: PlanOptions
    recovery_limit: float | None
    stopped: Callable[[], bool]

    def progress(self, _: Progress) -> bool:
        """Let planning stop when it is of no use any more."""
        return self.stopped()

    def now(self, state: State, cluster: Cluster, down: Collection[str] = ()) -> Placement:
        """Give what servers that are up store: the state may be one step behind."""
        up = {server.name for server in cluster.servers}.difference(down)
        stored = tuple(extent for extent in self.stored if extent.server in up)
        return Placement(stored=stored, rebuilds=state.plan.placement.rebuilds)

    def changed(
        self,
        state: State,
        cluster: Cluster,
        found: Plan,
        steps: tuple[Step, ...],
        believed: Placement,
    ) -> State:
        """Let a plan stand, and first delete what lies around and was not planned with.

        Such are the old diffs on a server that comes back: their names may mean other bytes now.
        """
        for pair in found.unprotected:
            log.warning("%s is not protected in failure %s: %s", pair.vm, pair.failure, pair.reason)
        servers = {server.name for server in cluster.servers}
        diffs = {diff.name for diff in cluster.diffs}
        known = {(it.diff, it.server) for it in believed.stored if it.diff in diffs}
        strays = tuple(
            Step(action="delete", diff=it.diff, server=it.server, start=it.start, stop=it.stop)
            for it in self.stored
            if it.server in servers and (it.diff, it.server) not in known
        )
        return replace(state, cluster=cluster, plan=found, moves=(*strays, *steps))


Decision: TypeAlias = Callable[[State, Asked], State]
"""It changes nothing and waits for nobody, so it may run in any thread."""
