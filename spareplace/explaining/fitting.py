"""`capacity`: how many more VMs of one shape fit while everything stays protected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from spareplace.canonical import fingerprint
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, NoPlan, Problem, Shortage
from spareplace.exact.excess import what_is_short
from spareplace.explaining.altering import changed
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.deciding import Judge
from spareplace.explaining.filling import LARGEST, HomeSearch, OneMore
from spareplace.explaining.homes import Homes, Newcomers, one_more
from spareplace.explaining.infeasibility import Lack, lack_of
from spareplace.explaining.leaving import leave
from spareplace.instance import number
from spareplace.options import Options
from spareplace.parts import VM
from spareplace.placement import DEFAULT_MAX_PIECES, Plan
from spareplace.planning import plan
from spareplace.references import nearly
from spareplace.shortages import hopeless, totals_short

DEFAULT_TIME_LIMIT = 30.0
"""Seconds."""

MOST_LACKING = 4
"""Servers on which one VM more is run, to see what it lacks."""

LACKING_SECONDS = 1.0
"""Seconds for each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """How many of the new VMs run on a server."""

    server: str
    vms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many more VMs fit.

    Parameters
    ----------
    cluster_sha256
        The cluster that they are added to, after the changes.
    vms
        How many fit.
    homes
        Where they would run; servers that run none are left out.
    one_more
        What is known about one more.
    runs_out
        What is short for one more, run where it lacks least; what it lacks most of comes first.
        Empty if no server has room to run it, or that was not found in the time.
    expected_transfer_bytes
        Of the plan with all of them.
    plan, cluster
        That plan, and the enlarged cluster that it is for.
    """

    cluster_sha256: str
    vms: int
    homes: tuple[Home, ...]
    one_more: OneMore
    runs_out: tuple[Lack, ...]
    expected_transfer_bytes: float
    plan: Plan
    cluster: Cluster


def capacity(
    cluster: Cluster,
    like: VM | str,
    *,
    own_diff: int = 0,
    changes: Iterable[ClusterChange] = (),
    time_limit: float | None = DEFAULT_TIME_LIMIT,
    max_pieces: int = DEFAULT_MAX_PIECES,
    seed: int = 0,
) -> Capacity:
    """Count how many VMs of one shape can be added while every VM stays protected.

    Where they run is chosen, too: a server runs no more than it has disk and resources for, and
    drained ones run none. First they are spread, and their number is doubled and halved; then
    one is added wherever it fits; then every way to run one more is tried or ruled out.

    Parameters
    ----------
    cluster
        One that can be protected in full.
    like
        A VM, or the name of one: each new one has its disk, demand, diff and allowed servers. It
        is in no anti-affinity group.
    own_diff
        Bytes of a new diff on top of that one for each of them; 0 if they have none of their own.
    changes
        Made to the cluster first. ``without_server`` plans it, and recovers the server's VMs.
    time_limit
        Seconds for all of it, or ``None``.
    max_pieces, seed
        As for `plan`.

    Raises
    ------
    Infeasible, NoPlan
        If not even the cluster as it is can be planned.
    InvalidInput
        If `like` or a change names what is not there.

    Examples
    --------
    >>> from spareplace import Cluster, Server, VM, capacity
    >>> cluster = Cluster(
    ...     servers=(Server(name="a", disk=100), Server(name="b", disk=100)),
    ...     vms=(VM(name="web", server="a", disk=40),),
    ... )
    >>> found = capacity(cluster, "web")
    >>> found.vms, found.one_more, found.runs_out[0].resource
    (1, 'infeasible', 'disk')
    """
    options = Options(time_limit=time_limit, max_pieces=max_pieces, seed=seed)
    clock = Clock(limit=time_limit)
    shape = _shape(cluster, like)
    base = _changed(cluster, changes, clock, options)
    _planned(base, clock.part(0.3), options)  # without a plan there is nothing to be counted
    new = Newcomers.of(base, shape, own_diff, LARGEST)
    judge = Judge(clock=clock.part(0.8), max_pieces=max_pieces, seed=seed)
    homes, verdict = _filled(HomeSearch(new=new, judge=judge))
    enlarged = new.added(homes)
    made = _planned(enlarged, clock, options)
    return Capacity(
        cluster_sha256=fingerprint(base),
        vms=sum(homes),
        homes=tuple(
            Home(server=server.name, vms=count)
            for server, count in zip(base.servers, homes, strict=True)
            if count
        ),
        one_more=verdict,
        runs_out=_runs_out(new, homes, clock, options),
        expected_transfer_bytes=made.expected_transfer_bytes,
        plan=made,
        cluster=enlarged,
    )


def _filled(search: HomeSearch) -> tuple[Homes, OneMore]:
    """Say where as many run as can be found room for, and what is known about one more."""
    homes = search.doubled()
    verdict: OneMore = "not counted"
    while sum(homes) < LARGEST:
        better, verdict = search.beyond(homes)
        if better is None:
            break
        homes = better
    return homes, verdict


def _shape(cluster: Cluster, like: VM | str) -> VM:
    if isinstance(like, VM):
        return like
    for vm in cluster.vms:
        if vm.name == like:
            return vm
    known = {vm.name: "" for vm in cluster.vms}
    problem = Problem(
        path="like", found=repr(like)[:80], expected="the name of a VM", hint=nearly(like, known)
    )
    raise InvalidInput([problem])


def _changed(
    cluster: Cluster, changes: Iterable[ClusterChange], clock: Clock, options: Options
) -> Cluster:
    for change in changes:
        if change.kind == "without_server" and change.server is not None:
            placement = _planned(cluster, clock.part(0.3), options).placement
            cluster, _, _ = leave(cluster, placement, change.server)
        else:
            cluster = changed(cluster, (change,))
    return cluster


def _planned(cluster: Cluster, clock: Clock, options: Options) -> Plan:
    """Make a checked plan, not the best one: greedy's if there is one."""
    try:
        return plan(cluster, method="greedy", max_pieces=options.max_pieces, time_limit=None)
    except NoPlan:
        left = clock.left()
        return plan(
            cluster,
            method="milp",
            gap=1.0,
            time_limit=None if left is None else max(left, 1.0),
            max_pieces=options.max_pieces,
            seed=options.seed,
        )


def _runs_out(new: Newcomers, homes: Homes, clock: Clock, options: Options) -> tuple[Lack, ...]:
    """Say what one more VM lacks, where it lacks the least share of the largest capacity."""
    best: tuple[float, list[Lack]] | None = None
    for near in islice(one_more(homes, new.most), MOST_LACKING):
        instance = number(new.added(near))
        found = list(dict.fromkeys([*hopeless(instance).values(), *totals_short(instance)]))
        left = clock.left()
        if not found:
            seconds = LACKING_SECONDS if left is None else min(left, LACKING_SECONDS)
            found = what_is_short(instance, Clock(limit=seconds, stop=clock.stop), options)
        largest = dict(zip(instance.resources, instance.capacity.max(axis=0), strict=True))
        shares = {it: _share(it, largest) for it in found}
        if found and (best is None or sum(shares.values()) < best[0]):
            worst = sorted(found, key=lambda it: -shares[it])
            best = sum(shares.values()), [lack_of(it) for it in worst]
    if best is not None:
        return tuple(best[1])
    return ()


def _share(shortage: Shortage, largest: Mapping[str, object]) -> float:
    return float(shortage.missing) / max(float(str(largest.get(shortage.resource, 1))), 1.0)
