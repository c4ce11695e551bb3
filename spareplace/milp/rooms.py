"""A relaxation by rooms: which sets of VMs a server rebuilds, and how much room it keeps for them.

The relaxation of the plain rows is 0 because every server rebuilds a fraction of every VM. Here a
column stands for a whole set of VMs that fits on a server in a failure, so a diff is needed as
often as sets with its VMs are rebuilt; and the choices are how much room each server keeps free
for rebuilds, which are few. See ``docs/bounds.md`` for why no plan is below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from spareplace.amounts import DISK
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.instance import Instance
from spareplace.milp.build import Model, add_price, finished, refuse_uncountable
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Limit
from spareplace.milp.kinds import by_kind, kinds_of
from spareplace.milp.merging import merged
from spareplace.milp.relaxing import add_bytes
from spareplace.milp.transferring import add_transfers

MOST_SETS = 20_000
"""The most sets of VMs in a model: with more, its relaxation alone takes minutes."""

Ways: TypeAlias = dict[tuple[int, int], dict[tuple[int, ...], int]]
"""By failure and server, the sets of VMs that fit there, each with its column."""


def build_rooms(
    instance: Instance,
    clock: Clock,
    *,
    max_pieces: int,
    levels: int,
    stored_limit: int | None = None,
    stored_cost: float | Fraction = 0.0,
) -> Model:
    """Build the relaxation; its only objective is the expected transfer.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        Looked at while the model grows.
    max_pieces
        Into how many pieces a diff may be cut; 1 for whole copies only.
    levels
        How many sizes of room are told apart on each server.
    stored_limit, stored_cost
        As for the exact model.

    Raises
    ------
    NoPlan
        If there are too many sets of VMs, or bytes, or the time is up.
    """
    refuse_uncountable(instance, max_pieces)
    instance = merged(instance, max_pieces)
    draft, columns = Draft(clock=clock), Columns()
    labels = Labels.of(instance.cluster)
    add_bytes(draft, columns, instance, labels, max_pieces=max_pieces)
    ways = _add_ways(draft, instance, labels)
    _add_needs(draft, columns, instance, labels, ways)
    _add_rooms(draft, columns, instance, labels, ways, levels)
    transfer = add_transfers(draft, columns, instance, labels)
    transfer += add_price(draft, columns, stored_limit, stored_cost)
    return finished(draft, columns, instance, [("transfer", transfer)])


def _add_ways(draft: Draft, instance: Instance, labels: Labels) -> Ways:
    """Add a column for each set of VMs that fits; each VM is in one set, each server has one.

    A set stands for all with as many VMs of each kind: it has the first of them.
    """
    ways: Ways = {}
    fits, left = instance.fits(), MOST_SETS
    kinds = kinds_of(instance)
    for failure, lost in enumerate(instance.lost):
        by_vm: dict[int, dict[int, int]] = {vms[0]: {} for vms in by_kind(lost, kinds)}
        for server in np.flatnonzero(~instance.down[failure]).tolist():
            where = (labels.failure[failure], labels.server[server])
            here = [vm for vm in lost if fits[vm, server]]
            sets = _that_fit(instance, here, kinds, server, left)
            left -= len(sets)
            ways[failure, server] = {}
            for vms in sets:
                column = draft.amount(label("set", *where, *(labels.vm[vm] for vm in vms)), 0, 1)
                ways[failure, server][vms] = column
                for same in by_kind(vms, kinds):
                    by_vm[same[0]][column] = len(same)
            ones = [(column, 1) for column in ways[failure, server].values()]
            if len(ones) > 1:
                draft.at_most(label("one", *where), ones, 1)
        for same in by_kind(lost, kinds):
            name = label("once", labels.failure[failure], labels.vm[same[0]])
            draft.equal(name, [*by_vm[same[0]].items()], len(same))
    return ways


def _that_fit(
    instance: Instance, vms: list[int], kinds: tuple[int, ...], server: int, most: int
) -> list[tuple[int, ...]]:
    """List the sets of VMs that keep rules 2, 3 and 4 on a server where nothing is stored."""
    before = {vm: one for same in by_kind(vms, kinds) for one, vm in pairwise(same)}
    found: list[tuple[int, ...]] = []
    growing: list[tuple[tuple[int, ...], int]] = [((), 0)]
    while growing:
        held, start = growing.pop()
        for at in range(start, len(vms)):
            if vms[at] in before and before[vms[at]] not in held:
                continue  # the same as with that one
            larger = (*held, vms[at])
            groups = [group for vm in larger for group in instance.groups[vm]]
            need = instance.demand[list(larger)].sum(axis=0)
            # What nobody demands may be overcommitted.
            if len(groups) == len(set(groups)) and (need <= instance.free[server]).all():
                found.append(larger)
                growing.append((larger, at + 1))
                if len(found) > most:
                    raise NoPlan(f"over {MOST_SETS} sets of VMs fit on servers", "use groups")
    return found


def _add_needs(
    draft: Draft, columns: Columns, instance: Instance, labels: Labels, ways: Ways
) -> None:
    """Say that a diff is needed where a set is rebuilt in which a VM needs it."""
    for (failure, server), sets in ways.items():
        if not instance.weight[failure]:
            continue
        users: dict[int, list[int]] = defaultdict(list)
        for vms, column in sets.items():
            for diff in dict.fromkeys(diff for vm in vms for diff in instance.chain[vm]):
                if not instance.resident[diff, server]:
                    users[diff].append(column)
        for diff, among in users.items():
            names = (labels.failure[failure], labels.diff[diff], labels.server[server])
            need = draft.amount(label("need", *names), 0, 1)
            columns.need[failure, diff, server] = need
            terms = [(column, -1) for column in among]
            draft.at_least(label("needs", *names), [(need, 1), *terms], 0)


def _add_rooms(
    draft: Draft,
    columns: Columns,
    instance: Instance,
    labels: Labels,
    ways: Ways,
    levels: int,
) -> None:
    """Add ``room[s,k]``: at least so much is kept free on a server, for all failures."""
    for server in range(len(instance.free)):
        here = {at[0]: sets for at, sets in ways.items() if at[1] == server}
        loads = {vms: _bytes(instance, vms) for sets in here.values() for vms in sets}
        steps = _steps(sorted({load for load in loads.values() if load}), levels)
        stored = [(columns.stored[server], 1)] if server in columns.stored else []
        name, free = labels.server[server], int(instance.free[server, DISK])
        rooms = [draft.choose(label("room", name, step)) for step in steps]
        for number in range(1, len(rooms)):
            pair = [(rooms[number], 1), (rooms[number - 1], -1)]
            draft.at_most(label("larger room", name, steps[number]), pair, 0)
        more = np.diff([0, *steps]).tolist()
        kept = [*stored, *zip(rooms, more, strict=True)]
        limit = Limit(failure=None, server=server, resource="disk", available=free)
        if stored:
            draft.capacity(label("disk", name, "rooms"), kept, limit)
        for failure, sets in here.items():
            where = (labels.failure[failure], name)
            _within(draft, where, sets, loads, dict(zip(steps, rooms, strict=True)))
            terms = [(column, loads[vms]) for vms, column in sets.items() if loads[vms]]
            if terms:
                draft.capacity(label("disk", *where), [*terms, *stored], limit)


def _within(
    draft: Draft,
    where: tuple[str, str],
    sets: Mapping[tuple[int, ...], int],
    loads: Mapping[tuple[int, ...], int],
    rooms: Mapping[int, int],
) -> None:
    """Rebuild a set only where so much room is kept."""
    for step, room in rooms.items():
        large = [(column, 1) for vms, column in sets.items() if loads[vms] >= step]
        if large:
            draft.at_most(label("room", *where, step), [*large, (room, -1)], 0)


def _bytes(instance: Instance, vms: tuple[int, ...]) -> int:
    return sum(int(instance.demand[vm, DISK]) for vm in vms)


def _steps(loads: list[int], levels: int) -> list[int]:
    """Choose some of the loads, from the least to the largest, evenly among them."""
    if len(loads) <= levels:
        return loads
    return [loads[number * (len(loads) - 1) // (levels - 1)] for number in range(levels)]
