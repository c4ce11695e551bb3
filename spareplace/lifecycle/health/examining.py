"""Asking whether everything is still protected, now that the cluster has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from spareplace.amounts import DISK
from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.instance import Instance, number
from spareplace.lifecycle.health.judging import Ground, Verdict, verdict
from spareplace.lifecycle.health.known import known_part
from spareplace.lifecycle.health.protection import HolderCounts, PairCounts, ProtectionStatus, Tight
from spareplace.lifecycle.health.server_states import states_of_servers
from spareplace.lifecycle.tightness import DISK as ITS_DISK
from spareplace.lifecycle.tightness import Tightest, tightest
from spareplace.placement import Placement, Plan, Rebuild
from spareplace.recovery import Needs


def protection_status(cluster: Cluster, chosen: Plan | Placement) -> ProtectionStatus:
    """Say what a plan still protects, for a cluster that may have changed since it was made.

    Every protected VM in every failure that loses it is rebuilt as planned, rebuilt elsewhere,
    or not at all, together with all others of that failure. Extents of diffs that are gone, on
    servers that are gone, or beyond the end of a diff hold nothing; rebuilds of VMs that are gone
    are left out.

    Parameters
    ----------
    cluster
        As it is now.
    chosen
        What is stored and planned, perhaps for an earlier state of the cluster. Its figures are
        not judged: that is what `check` does.

    Examples
    --------
    >>> from spareplace.parts import VM, Server
    >>> cluster = Cluster(
    ...     servers=tuple(Server(name=name, disk=disk) for name, disk in
    ...                   (("a", 50), ("b", 50), ("c", 50))),
    ...     vms=(VM(name="web", server="a", disk=30), VM(name="db", server="b", disk=30)),
    ... )
    >>> before = Placement(rebuilds={"a": (Rebuild(vm="web", server="b"),)})
    >>> status = protection_status(cluster, before)
    >>> [(pair.vm, pair.why, pair.server) for pair in status.retargetable]
    [('web', 'no room', 'c'), ('db', 'none planned', 'c')]
    >>> status.holds
    True
    """
    placement = chosen.placement if isinstance(chosen, Plan) else chosen
    instance = number(cluster)
    ground = Ground.of(instance, known_part(instance, placement))
    verdicts = [verdict(ground, failure) for failure in range(len(instance.lost))]
    now = Placement(stored=ground.known.stored, rebuilds=_rebuilds(cluster, verdicts))
    places = tightest(cluster, now)
    plan = chosen if isinstance(chosen, Plan) else None
    return ProtectionStatus(
        plan_current=None if plan is None else plan.cluster_sha256 == fingerprint(cluster),
        pairs=PairCounts(
            protected=sum(one.protected for one in verdicts),
            retargetable=sum(len(one.retargetable) for one in verdicts),
            broken=sum(len(one.broken) for one in verdicts),
            given_up=sum(len(one.given_up) for one in verdicts),
        ),
        holders=_holder_counts(verdicts),
        expected_transfer_bytes=float(Needs.of(cluster).expected(now)),
        planned_transfer_bytes=None if plan is None else plan.expected_transfer_bytes,
        lower_bound_bytes=None if plan is None else plan.lower_bound_bytes,
        tightest_disk=next((_tight(one) for one in places if one.resource == ITS_DISK), None),
        tightest_resources=tuple(_tight(one) for one in places if one.resource != ITS_DISK),
        strays=ground.known.strays,
        broken=tuple(pair for one in verdicts for pair in one.broken),
        given_up=tuple(pair for one in verdicts for pair in one.given_up),
        retargetable=tuple(pair for one in verdicts for pair in one.retargetable),
        servers=states_of_servers(instance, ground.known.stored, _most_rebuilt(instance, verdicts)),
    )


def _rebuilds(cluster: Cluster, verdicts: Sequence[Verdict]) -> dict[str, tuple[Rebuild, ...]]:
    vms = [vm.name for vm in cluster.vms]
    servers = [server.name for server in cluster.servers]
    return {
        failure.name: tuple(
            Rebuild(vm=vms[vm], server=servers[at]) for vm, at in sorted(one.targets.items())
        )
        for failure, one in zip(cluster.failures, verdicts, strict=True)
    }


def _holder_counts(verdicts: Sequence[Verdict]) -> HolderCounts:
    count: Counter[int | None] = Counter()
    for one in verdicts:
        count.update(one.holders)
    return HolderCounts(
        one=count[1],
        two=count[2],
        three_or_more=sum(many for least, many in count.items() if least and least > 2),
        no_data=count[None],
    )


def _most_rebuilt(instance: Instance, verdicts: Sequence[Verdict]) -> list[int]:
    """Give the most disk that the VMs rebuilt on each server take in one failure."""
    most = np.zeros_like(instance.left[:, DISK])
    for one in verdicts:
        added = np.zeros_like(most)
        np.add.at(added, list(one.targets.values()), instance.demand[list(one.targets), DISK])
        np.maximum(most, added, out=most)
    return [int(size) for size in most]


def _tight(place: Tightest) -> Tight:
    return Tight(
        resource="disk" if place.resource == ITS_DISK else place.resource,
        server=place.server,
        failure=place.failure,
        left=max(place.left, 0.0),
        capacity=place.capacity,
        growth=place.growth,
    )
