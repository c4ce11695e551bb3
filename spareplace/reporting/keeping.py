"""How each diff is kept: whole on one server, duplicated on several, or split."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from spareplace.cluster import Cluster, chain_of
from spareplace.placement import Placement

Keeping: TypeAlias = Literal["whole", "duplicated", "split", "resident", "not stored"]
"""Stored whole on one server; whole on several; some server holds only a part of it; stored
nowhere but resident somewhere; or nowhere at all."""

KEEPINGS: tuple[Keeping, ...] = get_args(Keeping)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDiff:
    """A diff, and where it is kept.

    Parameters
    ----------
    name, size, parent
        As in the cluster.
    keeping
        How it is kept.
    held
        The bytes of its extents, by server, in the order of the extents.
    resident
        The servers that hold it anyway.
    vms
        The VMs whose chains it is in.
    """

    name: str
    size: int
    parent: str | None
    keeping: Keeping
    held: Mapping[str, int]
    resident: tuple[str, ...]
    vms: int

    @property
    def stored_bytes(self) -> int:
        """The bytes of all its extents."""
        return sum(self.held.values())


def kept_diffs(cluster: Cluster, placement: Placement) -> tuple[KeptDiff, ...]:
    """Tell of each diff where it is kept, in the cluster's order.

    Examples
    --------
    >>> from spareplace import load_cluster, plan
    >>> cluster = load_cluster("examples/paper.json")
    >>> made = plan(cluster, method="greedy")
    >>> found = {it.name: it for it in kept_diffs(cluster, made.placement)}
    >>> found["b0"].keeping, dict(found["b0"].held), found["b0"].vms
    ('split', {'Si': 20000000000, 'Sj': 20000000000}, 4)
    """
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for extent in placement.stored:
        held[extent.diff][extent.server] = held[extent.diff].get(extent.server, 0) + extent.size
    resident: dict[str, list[str]] = defaultdict(list)
    for server in cluster.servers:
        for diff in server.resident:
            resident[diff].append(server.name)
    by_name = {diff.name: diff for diff in cluster.diffs}
    users = Counter(name for vm in cluster.vms for name in chain_of(vm.diff, by_name))
    return tuple(
        KeptDiff(
            name=diff.name,
            size=diff.size,
            parent=diff.parent,
            keeping=_keeping(diff.size, held[diff.name], bool(resident[diff.name])),
            held=held[diff.name],
            resident=tuple(resident[diff.name]),
            vms=users[diff.name],
        )
        for diff in cluster.diffs
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """The diffs of a cluster as trees.

    Parameters
    ----------
    diffs
        All, in the cluster's order.
    children
        The diffs on top of each one; under ``None`` the masters.
    below
        How many diffs there are on top of each one, on top of those, and so on.
    """

    diffs: tuple[KeptDiff, ...]
    children: Mapping[str | None, tuple[KeptDiff, ...]]
    below: Mapping[str, int]

    @property
    def masters(self) -> tuple[KeptDiff, ...]:
        """The diffs without a parent."""
        return self.on(None)

    def on(self, parent: str | None) -> tuple[KeptDiff, ...]:
        """Give the diffs right on top of one."""
        return self.children.get(parent, ())

    def walk(self, tops: Iterable[KeptDiff]) -> Iterator[tuple[int, KeptDiff]]:
        """Give diffs and all on top of them, each with its height above where the walk began.

        Chains may be longer than Python's stack.
        """
        waiting = [(0, diff) for diff in reversed(tuple(tops))]
        while waiting:
            height, diff = waiting.pop()
            yield height, diff
            waiting += [(height + 1, child) for child in reversed(self.on(diff.name))]


def forest_of(cluster: Cluster, placement: Placement) -> Forest:
    """Arrange the diffs of a cluster as trees, each with where a placement keeps it."""
    diffs = kept_diffs(cluster, placement)
    children: dict[str | None, list[KeptDiff]] = defaultdict(list)
    for diff in diffs:
        children[diff.parent].append(diff)
    forest = Forest(
        diffs=diffs,
        children={parent: tuple(found) for parent, found in children.items()},
        below={},
    )
    below = dict.fromkeys((diff.name for diff in diffs), 0)
    for _, diff in reversed(list(forest.walk(forest.masters))):
        if diff.parent is not None:
            below[diff.parent] += 1 + below[diff.name]
    return replace(forest, below=below)


def _keeping(size: int, held: Mapping[str, int], is_resident: bool) -> Keeping:
    if not held:
        return "resident" if is_resident else "not stored"
    if any(part < size for part in held.values()):
        return "split"
    return "whole" if len(held) == 1 else "duplicated"
