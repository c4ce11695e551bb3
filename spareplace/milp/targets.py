"""Rows on how many targets a failure needs: as few servers as its lost VMs can be packed into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from spareplace.affinity import Flags
from spareplace.amounts import Amounts
from spareplace.instance import Instance
from spareplace.milp.columns import Columns, Labels, label
from spareplace.milp.draft import Draft, Term


def add_targets(draft: Draft, columns: Columns, instance: Instance, labels: Labels) -> None:
    """Add ``targets[f,d]``: what needs a diff is rebuilt on so many servers at least.

    Valid where every VM is protected and no limit may be exceeded. Servers that hold the diff
    anyway have no ``need``: they take VMs, too, and are not counted. Of diffs of one chain that
    the same VMs need the lowest has the row: what needs that one needs all of them.
    """
    fits = instance.fits()
    needs: dict[tuple[int, int], list[Term]] = defaultdict(list)
    for (failure, diff, _), column in columns.need.items():
        needs[failure, diff].append((column, 1))
    for failure, lost in enumerate(instance.lost):
        users: dict[int, list[int]] = defaultdict(list)
        for vm in lost:
            for diff in instance.chain[vm]:
                users[diff].append(vm)
        known: dict[tuple[tuple[int, ...], bytes], int] = {}
        for diff in reversed(users):
            if (failure, diff) not in needs:
                continue
            free = instance.resident[diff] & ~instance.down[failure]
            key = tuple(users[diff]), free.tobytes()
            if key in known:
                continue
            least = known[key] = least_targets(
                instance, users[diff], fits & ~instance.down[failure], free
            )
            if least > 1:
                name = label("targets", labels.failure[failure], labels.diff[diff])
                draft.at_least(name, needs[failure, diff], least)


def least_targets(instance: Instance, vms: Sequence[int], fits: Flags, free: Flags) -> int:
    """Give a number of servers, beside some free ones, with less of which the VMs do not do.

    Parameters
    ----------
    instance
        The cluster in numbers.
    vms
        To be rebuilt in one failure.
    fits
        Whether a VM may be rebuilt on a server if nothing else is, shape (VMs, servers).
    free
        The servers that are not counted, shape (servers,).
    """
    rows = list(vms)
    demand, room = instance.demand[rows], instance.free
    alone = fits[rows]
    many = _most_at_once(demand, room, alone)
    for members in _by_group(instance, rows):
        many = np.minimum(many, alone[~members].sum(axis=0) + alone[members].any(axis=0))
    least = _fewest(many[None, :], np.array([len(rows)]), free)
    for members in _by_group(instance, rows):
        one = np.minimum(alone[members].sum(axis=0, keepdims=True), 1)
        least = max(least, _fewest(one, members.sum(keepdims=True), free))
    for resource in range(demand.shape[1]):
        amounts = demand[:, resource]
        total = (alone * amounts[:, None]).sum(axis=0, keepdims=True)
        taken = np.minimum(room[None, :, resource], total)
        least = max(least, _fewest(taken, amounts.sum(keepdims=True), free))
        large, count = _largest_alone(amounts, room[:, resource])
        least = max(least, _fewest(np.minimum(large, many), count, free))
    return least


def _by_group(instance: Instance, vms: list[int]) -> list[Flags]:
    """Mark the members of each group that has two of the VMs."""
    groups = dict.fromkeys(group for vm in vms for group in instance.groups[vm])
    marks = [np.array([group in instance.groups[vm] for vm in vms]) for group in groups]
    return [members for members in marks if members.sum() > 1]


def _most_at_once(demand: Amounts, room: Amounts, alone: Flags) -> Amounts:
    """Bound how many of the VMs a server takes, by each resource for itself, shape (servers,)."""
    many: Amounts = alone.sum(axis=0)
    for resource in range(demand.shape[1]):
        total = np.cumsum(np.sort(demand[:, resource]))
        many = np.minimum(many, np.searchsorted(total, room[:, resource], side="right"))
    return many


def _largest_alone(amounts: Amounts, room: Amounts) -> tuple[Amounts, Amounts]:
    """Bound how many of the n largest a server takes, for each n, shape (VMs, servers); give n."""
    ordered = np.sort(amounts)
    total = np.cumsum(ordered)
    before = total - ordered
    counts = np.searchsorted(total, (room[None, :] + before[:, None]).ravel(), side="right")
    first = np.arange(len(amounts))
    return counts.reshape(len(amounts), -1) - first[:, None], len(amounts) - first


def _fewest(most: Amounts, wanted: Amounts, free: Flags) -> int:
    """Give how many servers it takes to come to what is wanted, the most in any row.

    Parameters
    ----------
    most
        What each server can take, shape (rows, servers).
    wanted
        Shape (rows,).
    free
        The servers that are not counted.
    """
    left = wanted - most[:, free].sum(axis=1)
    falling = -np.sort(-most[:, ~free], axis=1)
    reached = np.cumsum(falling, axis=1)
    short = (reached < left[:, None]).sum(axis=1)
    return int(np.where(left > 0, short + 1, 0).max(initial=0))
