"""The block of rebuilds: one target for every lost VM, within resources, groups and rule 5."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Limit
from spareplace.milp.kinds import by_kind, kinds_of, most_of


def add_rebuilds(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    labels: Labels,
    *,
    may_skip: bool,
    counted: bool = False,
) -> None:
    """Add ``rebuild[f,v,s]``, and ``skip[f,v]`` where VMs may be left unprotected.

    Where VMs are `counted`, one of each kind stands for all that the failure loses.
    """
    fits = instance.allowed if draft.elastic else instance.fits()
    kinds = kinds_of(instance) if counted else tuple(range(len(instance.chain)))
    for failure, lost in enumerate(instance.lost):
        for vms in by_kind(lost, kinds):
            vm, count, ways = vms[0], len(vms), []
            if count > 1:
                columns.kind[failure, vm] = vms
            names = (labels.failure[failure], labels.vm[vm])
            for server in np.flatnonzero(fits[vm] & ~instance.down[failure]).tolist():
                most = count if draft.elastic else most_of(instance, vm, server, count)
                name = label("rebuild", *names, labels.server[server])
                column = draft.amount(name, 0, most, choice=True)
                columns.rebuild[failure, vm, server] = column
                ways.append((column, 1))
            if may_skip:
                skip = draft.amount(label("skip", *names), 0, count, choice=True)
                columns.skip[failure, vm] = skip
                ways.append((skip, 1))
            draft.equal(label("once", *names), ways, count)
    for (failure, server), users in columns.users().items():
        where = (labels.failure[failure], labels.server[server])
        _within_resources(draft, instance, users, where, (failure, server))
        _apart(draft, instance, users, where, (failure, server))


def _within_resources(
    draft: Draft,
    instance: Instance,
    users: list[tuple[int, int]],
    where: tuple[str, str],
    at: tuple[int, int],
) -> None:
    """Rule 2; the disk has rows of its own, beside what is stored."""
    for resource in range(DISK + 1, len(instance.resources)):
        terms = [
            (column, int(instance.demand[vm, resource]))
            for vm, column in users
            if instance.demand[vm, resource]
        ]
        limit = Limit(
            failure=at[0],
            server=at[1],
            resource=instance.resources[resource],
            available=int(instance.free[at[1], resource]),
            unit=instance.unit[resource],
        )
        draft.capacity(label("capacity", *where, limit.resource), terms, limit)


def _apart(
    draft: Draft,
    instance: Instance,
    users: list[tuple[int, int]],
    where: tuple[str, str],
    at: tuple[int, int],
) -> None:
    """Rule 4, for VMs that are rebuilt in the same failure."""
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for vm, column in users:
        for group in instance.groups[vm]:
            members[group].append((column, 1))
    for group, together in members.items():
        one = Limit(failure=at[0], server=at[1], resource="anti-affinity", available=1)
        draft.capacity(label("apart", *where, group), together, one)
