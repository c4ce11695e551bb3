"""What one plan stores and rebuilds otherwise than another, as a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spareplace.cluster import Cluster
from spareplace.goals import largest_transfer
from spareplace.holding import Span, merged
from spareplace.lifecycle.moves.ordering import moves_between
from spareplace.lifecycle.moves.ranges import outside
from spareplace.lifecycle.moves.steps import Moves
from spareplace.placement import Extent, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildChange:
    """A VM that is rebuilt elsewhere in some failure.

    Parameters
    ----------
    failure, vm
        Which VM, and when.
    before, after
        The servers; ``None`` for a plan that does not rebuild it.
    """

    failure: str
    vm: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """What a second plan does otherwise than a first one.

    Parameters
    ----------
    same_cluster
        Whether both are plans for one cluster.
    expected_transfer_bytes_before, expected_transfer_bytes_after
        What each says of itself.
    largest_transfer_bytes_before, largest_transfer_bytes_after
        The largest transfer of a failure of weight above 0: plans that were made for different
        objectives differ in both figures, and no plan says which was its own.
    copied_bytes, deleted_bytes
        The bytes of the extents below.
    copied, deleted
        What only the second plan stores, and what only the first one does.
    rebuilds
        The VMs with another target.
    moves
        The steps from the first to the second, if they were asked for. They may copy more: where
        there is little room, some bytes are moved twice.
    """

    same_cluster: bool
    expected_transfer_bytes_before: float
    expected_transfer_bytes_after: float
    largest_transfer_bytes_before: int
    largest_transfer_bytes_after: int
    copied_bytes: int
    deleted_bytes: int
    copied: tuple[Extent, ...] = ()
    deleted: tuple[Extent, ...] = ()
    rebuilds: tuple[RebuildChange, ...] = ()
    moves: Moves | None = None

    @property
    def is_none(self) -> bool:
        """Whether both store the same and rebuild every VM on the same servers."""
        return not (self.copied or self.deleted or self.rebuilds)


def plan_difference(before: Plan, after: Plan, cluster: Cluster | None = None) -> PlanDifference:
    """Compare two plans, which may be of different clusters.

    Parameters
    ----------
    before, after
        The plans.
    cluster
        If given, the steps that lead from the first to the second are worked out for it, as
        `moves_between` does.

    Raises
    ------
    InvalidInput, NoRoom
        As `moves_between` does; without a cluster nothing is refused.
    """
    copied = tuple(_only_in(after.stored, before.stored))
    deleted = tuple(_only_in(before.stored, after.stored))
    return PlanDifference(
        same_cluster=before.cluster_sha256 == after.cluster_sha256,
        expected_transfer_bytes_before=before.expected_transfer_bytes,
        expected_transfer_bytes_after=after.expected_transfer_bytes,
        largest_transfer_bytes_before=largest_transfer(before.recoveries),
        largest_transfer_bytes_after=largest_transfer(after.recoveries),
        copied_bytes=sum(extent.size for extent in copied),
        deleted_bytes=sum(extent.size for extent in deleted),
        copied=copied,
        deleted=deleted,
        rebuilds=tuple(_changes(before, after)),
        moves=None if cluster is None else moves_between(cluster, before, after),
    )


def _only_in(stored: Iterable[Extent], other: Iterable[Extent]) -> Iterator[Extent]:
    held: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for extent in merged(other):
        held[extent.diff, extent.server].append((extent.start, extent.stop))
    for extent in merged(stored):
        for start, stop in outside(extent, held.get((extent.diff, extent.server), ())):
            yield Extent(diff=extent.diff, server=extent.server, start=start, stop=stop)


def _changes(before: Plan, after: Plan) -> Iterator[RebuildChange]:
    first, second = _targets(before), _targets(after)
    for failure, vm in {**first, **second}:
        was, will = first.get((failure, vm)), second.get((failure, vm))
        if was != will:
            yield RebuildChange(failure=failure, vm=vm, before=was, after=will)


def _targets(plan: Plan) -> dict[tuple[str, str], str]:
    return {
        (recovery.failure, rebuild.vm): rebuild.server
        for recovery in plan.recoveries
        for rebuild in recovery.rebuilds
    }
