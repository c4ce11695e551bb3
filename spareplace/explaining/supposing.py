"""`what_if`: what a plan would be worth, and what it would take, in a cluster that is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Unpack

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, OtherCluster, Problem
from spareplace.explaining.altering import changed
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.infeasibility import Lack, lack_of
from spareplace.explaining.leaving import leave
from spareplace.goals import has_rates
from spareplace.lifecycle.recovering import recover
from spareplace.moving import moved_bytes
from spareplace.options import PlanOptions
from spareplace.placement import Placement, Plan
from spareplace.planning import plan
from spareplace.watching import Progress

TIMED_FAILURES = 50
"""So many failures, those that transfer most, are timed; the others have less to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The figures of a plan that are compared.

    Parameters
    ----------
    servers, vms
        How many the cluster has.
    expected_transfer_bytes, lower_bound_bytes
        As the plan has them.
    stored_bytes
        What it stores in all.
    worst_failure, worst_transfer_bytes
        The failure that transfers most, and how much; ``None`` and 0 if none does.
    slowest_failure, slowest_seconds
        The failure whose recovery, scheduled over the servers' rates, takes longest; ``None``
        where no server has a rate.
    unprotected
        (VM, failure) pairs without a rebuild.
    """

    servers: int
    vms: int
    expected_transfer_bytes: float
    lower_bound_bytes: float | None
    stored_bytes: int
    worst_failure: str | None
    worst_transfer_bytes: int
    slowest_failure: str | None
    slowest_seconds: float | None
    unprotected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What changes would do.

    Parameters
    ----------
    cluster_sha256
        The cluster as it is.
    changes
        What was supposed.
    before
        Today's plan.
    after
        The plan for the changed cluster, from what is stored now; ``None`` if there is none.
    moved_bytes
        What servers would store then that they do not hold now; 0 without a plan.
    gone_vms
        VMs that a server took with it: `recover` finds no place for them.
    lacks
        What is short where there is no plan.
    plan, cluster
        The plan, and the changed cluster that it is for.
    """

    cluster_sha256: str
    changes: tuple[ClusterChange, ...]
    before: Outlook
    after: Outlook | None
    moved_bytes: int
    gone_vms: tuple[str, ...]
    lacks: tuple[Lack, ...]
    plan: Plan | None
    cluster: Cluster


def what_if(
    cluster: Cluster,
    current: Plan,
    changes: Sequence[ClusterChange],
    *,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> WhatIf:
    """Plan a changed cluster from what is stored now, and compare.

    Parameters
    ----------
    cluster
        As it is.
    current
        Today's plan, of just this cluster.
    changes
        Made one after the other; ``without_server`` first recovers the server's VMs.
    progress, options
        As for `plan`.

    Raises
    ------
    InvalidInput
        If a change names what is not there.
    OtherCluster
        If the plan is of another cluster.
    NoPlan
        If the time was too short to tell.

    Examples
    --------
    >>> from spareplace import ClusterChange, load_cluster, plan, what_if
    >>> cluster = load_cluster("examples/paper.json")
    >>> more = ClusterChange(kind="capacity", server="Sl", resource="disk", amount=40 * 10**9)
    >>> today = plan(cluster, method="greedy")
    >>> found = what_if(cluster, today, [more], method="milp", max_pieces=1)
    >>> found.before.expected_transfer_bytes, found.after.expected_transfer_bytes
    (15000000000.0, 0.0)
    """
    sha256 = fingerprint(cluster)
    if current.cluster_sha256 != sha256:
        raise OtherCluster(sha256, current.cluster_sha256)
    after, stored, gone = _supposed(cluster, current.placement, changes)
    lacks: tuple[Lack, ...] = ()
    made = None
    try:
        made = plan(after, current=stored, progress=progress, **options)
    except Infeasible as infeasible:
        lacks = tuple(map(lack_of, infeasible.shortages))
    return WhatIf(
        cluster_sha256=sha256,
        changes=tuple(changes),
        before=outlook(cluster, current),
        after=None if made is None else outlook(after, made),
        moved_bytes=0 if made is None else moved_bytes(after, stored, made),
        gone_vms=gone,
        lacks=lacks,
        plan=made,
        cluster=after,
    )


def _supposed(
    cluster: Cluster, stored: Placement, changes: Sequence[ClusterChange]
) -> tuple[Cluster, Placement, tuple[str, ...]]:
    gone: tuple[str, ...] = ()
    for change in changes:
        if change.kind == "without_server":
            if change.server not in {server.name for server in cluster.servers}:
                raise InvalidInput(
                    [
                        Problem(
                            path="without_server",
                            found=repr(change.server)[:80],
                            expected="the name of a server",
                        )
                    ]
                )
            cluster, stored, lost = leave(cluster, stored, change.server)
            gone += lost
        else:
            cluster = changed(cluster, (change,))
    return cluster, stored, gone


def outlook(cluster: Cluster, found: Plan) -> Outlook:
    """Give the figures of a plan that are compared."""
    by_transfer = sorted(found.recoveries, key=lambda it: -it.transfer_bytes)
    worst = by_transfer[0] if by_transfer and by_transfer[0].transfer_bytes else None
    slowest, seconds = None, None
    if has_rates(cluster):
        servers = {failure.name: failure.servers for failure in cluster.failures}
        seconds = 0.0
        for recovery in by_transfer[:TIMED_FAILURES]:
            if recovery.transfer_bytes:
                took = recover(cluster, found, servers[recovery.failure], time_limit=0.2).seconds
                if took > seconds:
                    slowest, seconds = recovery.failure, took
    return Outlook(
        servers=len(cluster.servers),
        vms=len(cluster.vms),
        expected_transfer_bytes=found.expected_transfer_bytes,
        lower_bound_bytes=found.lower_bound_bytes,
        stored_bytes=found.stored_bytes,
        worst_failure=None if worst is None else worst.failure,
        worst_transfer_bytes=0 if worst is None else worst.transfer_bytes,
        slowest_failure=slowest,
        slowest_seconds=seconds,
        unprotected=len(found.unprotected),
    )
