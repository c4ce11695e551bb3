"""What would make an infeasible cluster feasible, each confirmed by a plan for the changed one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count, islice

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan
from spareplace.explaining.altering import changed
from spareplace.explaining.causes import Cause, CauseKind, has
from spareplace.explaining.changes import ChangeKind, ClusterChange, more_of
from spareplace.explaining.deciding import Judge
from spareplace.explaining.raising import least_raise, least_raises
from spareplace.explaining.suggestions import left_groups, moves, new_allowed, settings
from spareplace.options import Method
from spareplace.placement import Plan
from spareplace.planning import plan

MOST_TIMES = 2
"""No server is to have more than so many times what the largest one has: nobody could buy it."""

MOST_OF_A_KIND = 3
"""Remedies of one kind that are shown."""

MOST_SERVERS = 4
"""Servers that are added together."""

MOST_GIVEN_UP = 5
"""VMs that are left unprotected together: to leave out more is no remedy."""

CONFIRM_SECONDS = 3.0
"""What planning the changed cluster may take; longer, and the remedy is not shown."""

_ORDER: tuple[ChangeKind, ...] = (
    "accept_rebuilds",
    "accept_extents",
    "allow",
    "leave_group",
    "move",
    "capacity",
    "add_server",
    "drop_failure",
    "unprotect",
)
"""Settings, moves, what must be bought, what is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Changes after which a plan protects every VM in every failure: one was made and checked.

    Parameters
    ----------
    changes
        All of them are needed together.
    expected_transfer_bytes
        Of the plan that confirmed it, which need not be the best one.
    """

    changes: tuple[ClusterChange, ...]
    expected_transfer_bytes: float

    def __str__(self) -> str:
        return ", and ".join(str(change) for change in self.changes)


def remedies(cluster: Cluster, causes: Sequence[Cause], judge: Judge) -> tuple[Remedy, ...]:
    """Find remedies: single changes where one is enough, else several together.

    Settings come first, then VMs that move, then what must be bought, then what is given up; of
    one kind, the least first, at most three.

    Parameters
    ----------
    cluster
        What has no plan.
    causes
        An irreducible set: whatever makes the cluster feasible takes one of them away.
    judge
        Its clock bounds the search.
    """
    found: list[Remedy] = []
    for share, candidates in (
        (0.3, settings(causes)),
        (0.3, new_allowed(cluster, causes)),
        (0.3, left_groups(cluster, causes)),
        (0.3, _ending(causes, "failure")),
        (0.3, _ending(causes, "VM")),
        (0.3, moves(cluster, causes)),
        (0.7, _raises(cluster, causes, judge)),
    ):
        part = replace(judge, clock=judge.clock.part(share))
        confirmed = (_confirmed(cluster, (change,), part) for change in candidates)
        found += islice((it for it in confirmed if it is not None), MOST_OF_A_KIND)
    if not any(_is_bought_or_set(remedy) for remedy in found):
        found += _together(cluster, judge)
    found += islice(_new_servers(cluster, judge), 1)
    if not found:
        found += _given_up(cluster, judge)
    return tuple(sorted(found, key=lambda remedy: _ORDER.index(remedy.changes[0].kind)))


def _is_bought_or_set(remedy: Remedy) -> bool:
    return any(it.kind not in ("drop_failure", "unprotect") for it in remedy.changes)


def _confirmed(cluster: Cluster, changes: tuple[ClusterChange, ...], judge: Judge) -> Remedy | None:
    """Plan the changed cluster: only that counts."""
    after = _makes_feasible(cluster, changes, judge)
    if after is None:
        return None
    made = planned(after, judge)
    if made is None:
        return None
    return Remedy(changes=changes, expected_transfer_bytes=made.expected_transfer_bytes)


def _makes_feasible(
    cluster: Cluster, changes: tuple[ClusterChange, ...], judge: Judge
) -> Cluster | None:
    """Give the changed cluster if there is a plan for it."""
    try:
        after = changed(cluster, changes)
    except InvalidInput:  # more than any server can have
        return None
    return after if judge.is_feasible(after) else None


def planned(cluster: Cluster, judge: Judge) -> Plan | None:
    """Make any checked plan, the fastest first; ``None`` if none was found in the time."""
    methods: tuple[Method, ...] = ("greedy", "milp")
    for method in methods:
        left = judge.clock.left()
        if left == 0.0:
            return None
        try:
            return plan(
                cluster,
                method=method,
                gap=1.0,
                time_limit=CONFIRM_SECONDS if left is None else min(left, CONFIRM_SECONDS),
                max_pieces=judge.max_pieces,
                seed=judge.seed,
            )
        except NoPlan:
            continue
        except Infeasible:
            return None
    return None


def _raises(cluster: Cluster, causes: Sequence[Cause], judge: Judge) -> list[ClusterChange]:
    """Give a server more of what it lacks, the least share of what it has first.

    How much is worked out only where as much as may be proposed is enough.
    """
    found: list[tuple[Decimal, ClusterChange]] = []
    part = replace(judge, clock=judge.clock.part(0.6))
    for cause in causes:
        if cause.kind != "capacity":
            continue
        most = MOST_TIMES * max(has(server, cause.resource) for server in cluster.servers)
        own = next(has(it, cause.resource) for it in cluster.servers if it.name == cause.name)
        largest = more_of(cause.name, cause.resource, most - own)
        if not _makes_feasible(cluster, (largest,), part):
            continue
        more = _least(cluster, cause, part)
        if more is not None and 0 < more <= most - own:
            found.append((more / most, more_of(cause.name, cause.resource, more)))
    return [change for _, change in sorted(found, key=lambda it: it[0])]


def _least(cluster: Cluster, cause: Cause, judge: Judge) -> Decimal | None:
    """Whole copies first, whose model is small; then in pieces, which may need less."""
    amounts = []
    for pieces in dict.fromkeys((1, judge.max_pieces)):
        clock = judge.clock.part(0.2)
        more = least_raise(cluster, cause, clock, max_pieces=pieces)
        amounts += [] if more is None else [more]
    return min(amounts, default=None)


def _new_servers(cluster: Cluster, judge: Judge) -> Iterator[Remedy]:
    """Add servers like the one that has most disk, as few as it takes."""
    largest = max(cluster.servers, key=lambda server: server.disk)
    names = {server.name for server in cluster.servers}
    free = (name for number in count(len(names) + 1) if (name := f"server {number}") not in names)
    changes: tuple[ClusterChange, ...] = ()
    for name in islice(free, min(MOST_SERVERS, len(names))):
        changes += (ClusterChange(kind="add_server", server=name, like=largest.name),)
        remedy = _confirmed(cluster, changes, judge)
        if remedy is not None:
            yield remedy


def _ending(causes: Sequence[Cause], kind: CauseKind) -> Iterator[ClusterChange]:
    """Give up to be ready for a failure, or to protect a VM."""
    for cause in causes:
        if cause.kind == kind == "failure":
            yield ClusterChange(kind="drop_failure", failure=cause.name)
        elif cause.kind == kind == "VM":
            yield ClusterChange(kind="unprotect", vm=cause.name)


def _together(cluster: Cluster, judge: Judge) -> Iterator[Remedy]:
    """Enlarge several servers at once, where no single change is enough."""
    raises = least_raises(cluster, judge.clock.part(0.3))
    if not raises:
        return
    for (name, resource), more in raises.items():
        most = MOST_TIMES * max(has(server, resource) for server in cluster.servers)
        own = next(has(server, resource) for server in cluster.servers if server.name == name)
        if own + more > most:
            return
    changes = tuple(more_of(name, key, more) for (name, key), more in sorted(raises.items()))
    remedy = _confirmed(cluster, changes, judge)
    if remedy is not None:
        yield remedy


def _given_up(cluster: Cluster, judge: Judge) -> Iterator[Remedy]:
    """Leave as few VMs unprotected as it takes, where that is a handful."""
    left = judge.clock.left()
    if left == 0.0:
        return
    try:
        made = plan(
            cluster,
            method="milp",
            allow_unprotected=True,
            time_limit=CONFIRM_SECONDS if left is None else min(left, CONFIRM_SECONDS),
            max_pieces=1,
            seed=judge.seed,
        )
    except NoPlan:
        return
    names = dict.fromkeys(pair.vm for pair in made.unprotected)
    if len(names) > MOST_GIVEN_UP:
        return
    remedy = _confirmed(
        cluster, tuple(ClusterChange(kind="unprotect", vm=name) for name in names), judge
    )
    if remedy is not None:
        yield remedy
