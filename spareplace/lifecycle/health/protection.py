"""What is protected and what is not, as values: the answer of ``protection_status``."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.lifecycle.health.pairs import Broken, Retargetable


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """How many (VM, failure) pairs are in each state.

    Parameters
    ----------
    protected
        Rebuilt as planned.
    retargetable
        Rebuilt elsewhere than planned.
    broken
        Not rebuilt.
    given_up
        Not rebuilt, as the plan said.
    """

    protected: int
    retargetable: int
    broken: int
    given_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderCounts:
    """Pairs that can be rebuilt, by how many surviving servers hold their least covered byte.

    Parameters
    ----------
    one, two, three_or_more
        With one, the loss of one more server, or of one extent, loses data.
    no_data
        VMs that need no bytes.
    """

    one: int
    two: int
    three_or_more: int
    no_data: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """A server as it stands without any failure.

    Parameters
    ----------
    server
        Its name.
    stored_bytes
        What is stored on it and still known, cut to the sizes of the diffs.
    disk_left_bytes
        What VMs and extents leave of its disk; below 0 where it is over.
    worst_left_bytes
        The same in the failure that sends it most.
    overfull_bytes
        By how much its disk is over, if it stores anything.
    refused_bytes
        What is stored on it although it accepts no extents.
    overcommitted
        Of what its running VMs alone take more than there is, ``"disk"`` or the resource.
    """

    server: str
    stored_bytes: int
    disk_left_bytes: int
    worst_left_bytes: int
    overfull_bytes: int = 0
    refused_bytes: int = 0
    overcommitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """Where the least share of something is left, over all servers and failures.

    Parameters
    ----------
    resource
        ``"disk"``, or the name of a resource.
    server, failure
        Where and when; ``None`` without any failure.
    left, capacity
        Amounts; bytes for disk. Any growth of VMs there of more than what is left breaks a rule.
    growth
        The share by which all VMs there, running or rebuilt, may grow; ``None`` if they use none.
    """

    resource: str
    server: str
    failure: str | None
    left: float
    capacity: float
    growth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strays:
    """What the placement says of things that the cluster no longer has: none of it counts.

    Parameters
    ----------
    extents, extent_bytes
        Of unknown diffs, on unknown servers, or beyond the end of a diff.
    rebuilds
        Of unknown VMs, or of VMs that the failure does not lose, or in unknown failures.
    """

    extents: int
    extent_bytes: int
    rebuilds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionStatus:
    """What a placement still protects, for a cluster as it is now.

    Parameters
    ----------
    plan_current
        Whether the plan was made for this very cluster; ``None`` for a placement.
    pairs
        The (VM, failure) pairs by state. All that are not listed below are protected.
    holders
        Those that can be rebuilt, by how well their data is covered.
    expected_transfer_bytes
        The objective with the targets found, over the pairs that can be rebuilt.
    planned_transfer_bytes, lower_bound_bytes
        What the plan said of the cluster that it was made for; ``None`` if it did not.
    tightest_disk
        Where disk is tightest; ``None`` if nothing is stored or rebuilt.
    tightest_resources
        The same for each resource that rebuilds use.
    strays
        What was left out of account.
    broken, given_up
        Pairs that cannot be rebuilt; of the second sort the plan said so.
    retargetable
        Pairs that need another target.
    servers
        Every server, in the cluster's order.
    """

    plan_current: bool | None
    pairs: PairCounts
    holders: HolderCounts
    expected_transfer_bytes: float
    planned_transfer_bytes: float | None
    lower_bound_bytes: float | None
    tightest_disk: Tight | None
    tightest_resources: tuple[Tight, ...]
    strays: Strays
    broken: tuple[Broken, ...]
    given_up: tuple[Broken, ...]
    retargetable: tuple[Retargetable, ...]
    servers: tuple[ServerState, ...]

    @property
    def holds(self) -> bool:
        """Whether every VM that the plan protects can be rebuilt, and no stored byte is too many.

        VMs may need other targets than planned.
        """
        return not self.broken and not any(one.overfull_bytes for one in self.servers)

    @property
    def vms_unprotected(self) -> int:
        """How many VMs cannot be rebuilt in some failure, whether the plan said so or not."""
        return len({pair.vm for pair in self.broken + self.given_up})
