"""`drain`: what must leave a server, in order, before it can go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, NoPlan, Problem
from spareplace.fields import shown
from spareplace.lifecycle.changeover.meanwhile import stored_meanwhile, with_room_kept
from spareplace.lifecycle.changeover.protecting import protect, with_targets
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.steps import Moves
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.lifecycle.recovering.schedule import RecoverySchedule, TimedRebuild
from spareplace.moving import still_held
from spareplace.options import PlanOptions
from spareplace.parts import Failure
from spareplace.placement import Extent, Placement, Plan, Rebuild
from spareplace.references import nearly
from spareplace.watching import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A VM that moves from one server to another while both are up."""

    vm: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """How to empty a server: moves, then migrations, then deletions; then it can go.

    Parameters
    ----------
    server
        Its name.
    moved_bytes
        What other servers store in the plan and did not hold before.
    moves
        After them every VM is protected, where it is and where it is to go; room is left on the
        targets of the migrations. Copies alone, if there is room for them; else VMs of the
        server may meanwhile lose their protection against failures of several servers.
    migrations
        The VMs that run on it.
    deletions
        What nobody needs on other servers once they are where they go.
    left
        What the server itself stores to the end. It is among neither moves nor deletions: nobody
        needs it any more, so it goes with the server, or is deleted there in any order.
    plan
        The plan for the cluster without the server.
    cluster
        That cluster.
    """

    server: str
    moved_bytes: int
    moves: Moves
    migrations: tuple[Migration, ...]
    deletions: Moves
    left: tuple[Extent, ...]
    plan: Plan
    cluster: Cluster


def drain(
    cluster: Cluster,
    chosen: Plan | Placement,
    server: str,
    *,
    move_limit: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> Drained:
    """Say what must leave a server, in order, so that no VM is unprotected meanwhile.

    Its VMs go where the plan would rebuild them if it failed, and where that says nothing to
    servers with room. What it stores is copied to others as far as protection needs it.

    Parameters
    ----------
    cluster, chosen
        As they are now.
    server
        The server that is to go.
    move_limit, progress, options
        As for `reprotect`.

    Raises
    ------
    InvalidInput
        If there is no such server, or no other one.
    NoPlan
        If a VM has nowhere to go, or no plan was found for the servers that stay.
    Infeasible, NoRoom
        If those cannot protect every VM, or no order of steps was found.

    Examples
    --------
    >>> from spareplace import drain, load_cluster, plan
    >>> cluster = load_cluster("examples/paper.json")
    >>> way = drain(cluster, plan(cluster), "Sl", method="search", iterations=9)
    >>> sorted(migration.vm for migration in way.migrations), len(way.cluster.servers)
    (['J'], 3)
    """
    _refuse_unusable(cluster, server)
    targets = _targets(cluster, chosen, server)
    moving = [vm for vm in cluster.vms if vm.server == server]
    leaving = RecoverySchedule(
        cluster_sha256=fingerprint(cluster),
        failed=(server,),
        transfer_bytes=0,
        seconds=0.0,
        busiest_link=None,
        rebuilds=tuple(
            TimedRebuild(vm=vm.name, server=targets[vm.name], seconds=0.0) for vm in moving
        ),
        transfers=(),
        lost=(),
    )
    after, left = after_recovery(cluster, chosen, leaving)
    before = with_targets(after, left, chosen)
    change = protect(after, before, move_limit=move_limit, progress=progress, **options)
    meanwhile = with_room_kept(cluster, moving, targets)
    middle = stored_meanwhile(meanwhile, chosen, change.plan, server)
    kept = replace(middle, stored=tuple(it for it in middle.stored if it.server != server))
    return Drained(
        server=server,
        moved_bytes=change.moved_bytes,
        moves=moves_between(meanwhile, chosen, middle),
        migrations=tuple(
            Migration(vm=vm.name, source=server, target=targets[vm.name]) for vm in moving
        ),
        deletions=moves_between(after, kept, change.plan),
        left=tuple(it for it in middle.stored if it.server == server),
        plan=change.plan,
        cluster=after,
    )


def _refuse_unusable(cluster: Cluster, server: str) -> None:
    names = {other.name: "" for other in cluster.servers}
    if server not in names:
        hint = nearly(str(server), names)
        problem = Problem(
            path="server", found=shown(server), expected="the name of a server", hint=hint
        )
        raise InvalidInput([problem])
    if len(names) == 1:
        problem = Problem(
            path="server", found="the only server", expected="one of several", hint="add another"
        )
        raise InvalidInput([problem])


def _targets(cluster: Cluster, chosen: Plan | Placement, server: str) -> Mapping[str, str]:
    """Choose where each VM on a server goes: as planned for its failure, where that still works.

    Data is no matter here: the server is up, and sends whatever it has.
    """
    bare = tuple(
        replace(vm, diff=None, protect=vm.protect or vm.server == server) for vm in cluster.vms
    )
    placement = chosen.placement if isinstance(chosen, Plan) else chosen
    open_cluster = replace(cluster, vms=bare)
    moving = {vm.name for vm in cluster.vms if vm.server == server}
    planned = {
        rebuild.vm: rebuild.server
        for failure in cluster.failures
        if set(failure.servers) == {server}
        for rebuild in placement.rebuilds.get(failure.name, ())
        if rebuild.vm in moving
    }
    if planned.keys() == moving and _works(open_cluster, placement, server, planned):
        return planned
    schedule = recover(open_cluster, placement, [server])
    if schedule.lost:
        lost = schedule.lost[0]
        raise NoPlan(
            f"VM {lost.vm!r} cannot leave server {server!r}: {lost}",
            "make room on another server, or move the VM yourself and plan again",
        )
    return {rebuild.vm: rebuild.server for rebuild in schedule.rebuilds}


def _works(cluster: Cluster, placement: Placement, server: str, targets: Mapping[str, str]) -> bool:
    """Tell whether all planned targets keep every rule, as the cluster is now."""
    alone = replace(cluster, failures=(Failure(name=server, servers=(server,), weight=1.0),))
    rebuilds = tuple(Rebuild(vm=vm, server=target) for vm, target in targets.items())
    stored = still_held(cluster, placement.stored)
    status = protection_status(alone, Placement(stored=stored, rebuilds={server: rebuilds}))
    return status.pairs.protected == len(targets)
