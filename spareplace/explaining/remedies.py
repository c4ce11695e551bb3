"""What would make an infeasible cluster feasible, each confirmed by a plan for the changed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice

from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.explaining.causes import Cause, CauseKind, has
from spareplace.explaining.changes import ChangeKind, ClusterChange, more_of
from spareplace.explaining.confirming import CONFIRM_SECONDS, Remedy, confirmed, makes_feasible
from spareplace.explaining.deciding import Judge
from spareplace.explaining.enlarging import more_disk, new_servers
from spareplace.explaining.raising import least_raise, least_raises
from spareplace.explaining.suggestions import left_groups, moves, new_allowed, settings
from spareplace.planning import plan

MOST_TIMES = 2
"""No server is to have more than so many times what the largest one has: nobody could buy it."""

MOST_OF_A_KIND = 3
"""Remedies of one kind that are shown."""

MOST_GIVEN_UP = 5
"""VMs that are left unprotected together: to leave out more is no remedy."""

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
    early = replace(judge, clock=judge.clock.part(0.6))
    for share, candidates in (
        (0.3, settings(causes)),
        (0.3, new_allowed(cluster, causes)),
        (0.3, left_groups(cluster, causes)),
        (0.3, _ending(causes, "failure")),
        (0.3, _ending(causes, "VM")),
        (0.3, moves(cluster, causes)),
        (0.7, _raises(cluster, causes, early)),
    ):
        part = replace(early, clock=early.clock.part(share))
        tried = (confirmed(cluster, (change,), part) for change in candidates)
        found += islice((it for it in tried if it is not None), MOST_OF_A_KIND)
    if not any(_is_bought_or_set(remedy) for remedy in found):
        found += _together(cluster, judge)
    found += _first_of(cluster, new_servers(cluster), judge)
    if not any(_is_bought_or_set(remedy) for remedy in found):
        found += more_disk(cluster, judge)
    if not found:
        found += _given_up(cluster, judge)
    return tuple(sorted(found, key=lambda remedy: _ORDER.index(remedy.changes[0].kind)))


def _first_of(
    cluster: Cluster, ways: Iterable[tuple[ClusterChange, ...]], judge: Judge
) -> Iterator[Remedy]:
    tried = (confirmed(cluster, changes, judge) for changes in ways)
    return islice((remedy for remedy in tried if remedy is not None), 1)


def _is_bought_or_set(remedy: Remedy) -> bool:
    return any(it.kind not in ("drop_failure", "unprotect") for it in remedy.changes)


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
        if not makes_feasible(cluster, (largest,), part):
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
    remedy = confirmed(cluster, changes, judge)
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
    remedy = confirmed(
        cluster, tuple(ClusterChange(kind="unprotect", vm=name) for name in names), judge
    )
    if remedy is not None:
        yield remedy
