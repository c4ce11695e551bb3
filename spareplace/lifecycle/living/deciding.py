"""`decide`: what an event leads to, for a cluster as it is and what is stored in it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Unpack

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput, NoPlan, NoRoom, SpareplaceError
from spareplace.lifecycle.changeover import PlanChange, drain, replan
from spareplace.lifecycle.changeover.protecting import protect
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.living.coming_back import stored_now, with_returned
from spareplace.lifecycle.living.events import ClusterEvent, EventKind
from spareplace.lifecycle.living.failing import answered, recovered
from spareplace.lifecycle.living.life import TICK, Away, Life, Told
from spareplace.lifecycle.living.observing import Observed
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.recovering.answering import DEFAULT_TIME_LIMIT
from spareplace.lifecycle.recovering.standing import known_extents
from spareplace.lifecycle.registering.admission import problems_with
from spareplace.lifecycle.registering.registration import Registration
from spareplace.lifecycle.registering.standing import register
from spareplace.options import PlanOptions
from spareplace.placement import DEFAULT_MAX_PIECES, Placement, Plan
from spareplace.watching import Progress


def decide(
    life: Life,
    observed: Observed,
    *,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[PlanOptions],
) -> Told:
    """Decide on the most urgent thing: failed servers, then what is under way, then one event.

    It changes nothing and waits for nobody, so it may run in any thread. To be called when
    `next_task` has nothing to do. An event that cannot be followed is done with, and the reason
    is among the remarks; so is every VM that is lost, or that the plan does not protect.

    Parameters
    ----------
    life
        As it is.
    observed
        What the hypervisor says.
    progress
        As for `plan`. Where a true answer of it ends planning, the life stays as it was, so that
        the event is decided on again.
    options
        For everything that plans, as for `plan`. Without `allow_unprotected`, events are refused
        after which not every VM can be protected. With ``time_limit=None`` the targets of a
        recovery are chosen without a limit, too.

    Returns
    -------
    tuple
        What the life becomes, and remarks to be logged.

    Examples
    --------
    >>> from spareplace import load_cluster
    >>> first = Life(cluster=load_cluster("examples/paper.json"))
    >>> planned, _ = decide(first, Observed(), method="greedy")
    >>> planned.plan.expected_transfer_bytes, len(planned.moves), planned.waiting
    (15000000000.0, 28, ())
    """
    if life.is_alarmed:
        unlimited = options.get("time_limit", DEFAULT_TIME_LIMIT) is None
        return answered(life, observed, time_limit=None if unlimited else DEFAULT_TIME_LIMIT)
    if life.recovery is not None:
        return recovered(life)
    if life.goal is not None:
        return _without_drained(life, life.goal), ()
    if not life.waiting:
        return life, ()
    event, *later = life.waiting
    ways = _Ways(observed=observed, asked=progress, options=options)
    rest = replace(life, waiting=tuple(later))
    try:
        found = _BY_KIND[event.kind](rest, event, ways)
    except SpareplaceError as error:
        found, refusal = rest, [f"refused: {event}: {error}"]
    else:
        refusal = []
    if ways.stopped:
        return life, ()
    return found, (*refusal, *_left_out(found.plan if found.plan is not life.plan else None))


@dataclass(slots=True, kw_only=True)
class _Ways:
    """What an event is decided with: what is seen, how to plan, and whether that was stopped."""

    observed: Observed
    asked: Callable[[Progress], object] | None
    options: PlanOptions
    stopped: bool = field(default=False)

    def progress(self, so_far: Progress) -> bool:
        """Ask whether planning is still of use."""
        self.stopped = self.stopped or bool(self.asked is not None and self.asked(so_far))
        return self.stopped


def _registered(life: Life, event: ClusterEvent, ways: _Ways) -> Life:
    """Take in what comes and leaves; plan anew where it finds no room beside what is stored."""
    news = event.registration
    cluster = _with(life.cluster, news)
    now = _now(life, cluster, ways)
    if life.plan is not None and _is_of(life.plan, life.cluster):
        pieces = ways.options.get("max_pieces", DEFAULT_MAX_PIECES)
        try:
            cluster, found = register(life.cluster, life.plan, news, max_pieces=pieces)
            moves = moves_between(cluster, now, found).steps
            return replace(life, cluster=cluster, plan=found, moves=moves)
        except (NoPlan, NoRoom):
            pass  # not unless something else moves
    change = replan(cluster, now, progress=ways.progress, **ways.options)
    return _changed(replace(life, cluster=cluster), change)


def _repaired(life: Life, event: ClusterEvent, ways: _Ways) -> Life:
    """Let servers come back, and see whether all are protected with them."""
    back = with_returned(life, event.servers, ways.observed)
    return replace(back, waiting=(TICK, *back.waiting))


def _drained(life: Life, event: ClusterEvent, ways: _Ways) -> Life:
    """Begin to empty a server. It stays in the cluster, and the event waits, until it is empty."""
    now = _now(life, life.cluster, ways)
    way = drain(life.cluster, now, *event.servers, progress=ways.progress, **ways.options)
    return replace(life, moves=way.moves.steps, goal=way.cluster, waiting=(event, *life.waiting))


def _without_drained(life: Life, goal: Cluster) -> Life:
    """Let a server go, now that its data and its VMs are elsewhere."""
    stay = {server.name for server in goal.servers}
    gone = [server.name for server in life.cluster.servers if server.name not in stay]
    away = (*life.away, *(Away(server=name, cluster=life.cluster) for name in gone))
    waiting = (TICK, *life.waiting[1:])
    return replace(life, cluster=goal, goal=None, away=away, waiting=waiting)


def _replanned(life: Life, _: ClusterEvent, ways: _Ways) -> Life:
    """Look for a better plan; of what is best already nothing changes."""
    current = _current(life, _now(life, life.cluster, ways))
    return _changed(life, replan(life.cluster, current, progress=ways.progress, **ways.options))


def _checked(life: Life, _: ClusterEvent, ways: _Ways) -> Life:
    """Protect every VM with the fewest bytes moved, unless what is stored protects them."""
    now = _now(life, life.cluster, ways)
    current = _current(life, now)
    whole = isinstance(current, Plan) and not current.unprotected
    if whole and protection_status(life.cluster, current).holds:
        return life
    return _changed(life, protect(life.cluster, now, progress=ways.progress, **ways.options))


_BY_KIND: Mapping[EventKind, Callable[[Life, ClusterEvent, _Ways], Life]] = {
    "register": _registered,
    "repaired": _repaired,
    "drain": _drained,
    "replan": _replanned,
    "tick": _checked,
}


def _now(life: Life, cluster: Cluster, ways: _Ways) -> Placement:
    """Give what is stored of a cluster and where it is up, and the targets that are planned."""
    placement = stored_now(life, ways.observed)
    failures = {failure.name for failure in cluster.failures}
    return Placement(
        stored=known_extents(cluster, placement.stored),
        rebuilds={name: it for name, it in placement.rebuilds.items() if name in failures},
    )


def _current(life: Life, now: Placement) -> Plan | Placement:
    """Give what is stored as the plan that stands, so that planning sees that it is its own."""
    if life.plan is None or not _is_of(life.plan, life.cluster):
        return now
    return replace(life.plan, stored=now.stored)


def _is_of(plan: Plan, cluster: Cluster) -> bool:
    return plan.cluster_sha256 == fingerprint(cluster)


def _changed(life: Life, change: PlanChange) -> Life:
    return replace(life, plan=change.plan, moves=change.moves.steps)


def _left_out(plan: Plan | None) -> list[str]:
    pairs = plan.unprotected if plan is not None else ()
    return [f"VM {it.vm!r} is not protected in failure {it.failure!r}: {it.reason}" for it in pairs]


def _with(cluster: Cluster, news: Registration) -> Cluster:
    """Put what comes into a cluster, and take out what leaves."""
    diffs = {diff.name: diff for diff in cluster.diffs}
    vms = {vm.name: vm for vm in cluster.vms}
    problems = problems_with(news, cluster.servers, diffs, vms)
    if problems:
        raise InvalidInput(problems, source="registration")
    diffs.update((diff.name, diff) for diff in news.diffs)
    vms.update((vm.name, vm) for vm in news.vms)
    return replace(
        cluster,
        diffs=tuple(diff for name, diff in diffs.items() if name not in news.leaving_diffs),
        vms=tuple(vm for name, vm in vms.items() if name not in news.leaving_vms),
    )
