"""What is chosen: where extents are stored and VMs rebuilt, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["optimal", "feasible"]
"""``optimal``: the expected transfer is proven least. ``feasible``: every rule is kept."""

DEFAULT_MAX_PIECES = 4
"""Into how many pieces a diff may be cut unless the caller says otherwise."""

LEAST_PIECE = 2**20
"""No piece is smaller, in bytes, unless the whole diff is."""


def least_piece(size: int) -> int:
    """Give the size, in bytes, below which no piece of a diff of that size may be.

    Examples
    --------
    >>> least_piece(40 * 10**9), least_piece(500)
    (1048576, 1)
    """
    return LEAST_PIECE if size >= LEAST_PIECE else min(1, size)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Extent:
    """The bytes from `start` up to, not including, `stop` of a diff, kept on a server."""

    diff: str
    server: str
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """The server on which a VM is rebuilt in some failure."""

    vm: str
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The bytes from `start` up to `stop` of a diff that one server sends to another."""

    diff: str
    source: str
    target: str
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes it sends."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprotected:
    """A VM that is not rebuilt in a failure, and why."""

    vm: str
    failure: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The decisions alone: what is stored where, and where each lost VM is rebuilt.

    Parameters
    ----------
    stored
        Sorted extents; those of one diff on one server neither overlap nor touch.
    rebuilds
        By name of the failure; failures that rebuild nothing may be left out.
    unprotected
        The (VM, failure) pairs that were given up, where that was allowed.
    """

    stored: tuple[Extent, ...] = ()
    rebuilds: Mapping[str, tuple[Rebuild, ...]] = field(default_factory=dict, hash=False)
    unprotected: tuple[Unprotected, ...] = ()

    @property
    def stored_bytes(self) -> int:
        """The bytes of all extents."""
        return sum(extent.size for extent in self.stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What one failure asks for: the rebuilds, and the transfers that they need.

    Parameters
    ----------
    failure, weight
        As in the cluster.
    transfer_bytes
        What the targets need and do not hold; the sum of the transfers, unless data is lost.
    rebuilds
        One for each protected VM lost, but for those listed as unprotected.
    transfers
        They deliver exactly what is missing, once, from surviving holders.
    """

    failure: str
    weight: float
    transfer_bytes: int
    rebuilds: tuple[Rebuild, ...] = ()
    transfers: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan that was checked, with the figures that were recomputed from it.

    Parameters
    ----------
    cluster_sha256
        The cluster that it is for, as `fingerprint` names it.
    status
        Whether the expected transfer is proven least.
    method, solver
        What produced it; the solver with its version, or ``None``.
    seed
        What the random choices were made from.
    seconds
        From the call to the answer.
    expected_transfer_bytes
        The sum over failures of weight x transfer bytes.
    lower_bound_bytes
        The best that was proven: no plan has less. ``None`` if nothing was.
    stored
        Every stored extent.
    recoveries
        One for each failure of the cluster, in its order.
    unprotected
        (VM, failure) pairs without a rebuild; empty unless the caller allowed them.
    """

    cluster_sha256: str
    status: Status
    method: str
    solver: str | None
    seed: int
    seconds: float
    expected_transfer_bytes: float
    lower_bound_bytes: float | None
    stored: tuple[Extent, ...]
    recoveries: tuple[Recovery, ...]
    unprotected: tuple[Unprotected, ...] = ()

    @property
    def gap(self) -> float | None:
        """How far the expected transfer may be above the least one, as a share of it.

        0 when proven least, ``None`` without a bound.
        """
        if self.lower_bound_bytes is None:
            return None
        if self.expected_transfer_bytes <= self.lower_bound_bytes:
            return 0.0
        return 1 - self.lower_bound_bytes / self.expected_transfer_bytes

    @property
    def stored_bytes(self) -> int:
        """The bytes of all stored extents."""
        return sum(extent.size for extent in self.stored)

    @property
    def placement(self) -> Placement:
        """The decisions of the plan, without its figures."""
        rebuilds = {recovery.failure: recovery.rebuilds for recovery in self.recoveries}
        return Placement(stored=self.stored, rebuilds=rebuilds, unprotected=self.unprotected)

    def recovery(self, failure: str) -> Recovery:
        """Give the recovery for the failure of that name.

        Raises
        ------
        KeyError
            If the plan has no such failure.
        """
        for recovery in self.recoveries:
            if recovery.failure == failure:
                return recovery
        known = ", ".join(repr(recovery.failure) for recovery in self.recoveries[:10])
        raise KeyError(f"no failure {failure!r} in this plan; the first ones are {known}")

    def stored_on(self, server: str) -> tuple[Extent, ...]:
        """Give the extents that are stored on a server; none if it stores nothing."""
        return tuple(extent for extent in self.stored if extent.server == server)
