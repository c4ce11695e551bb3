"""Explanations as values: of a plan, or of why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spareplace.explaining.candidates import Target
from spareplace.explaining.confirming import Remedy
from spareplace.explaining.copies import CopyWorth
from spareplace.explaining.infeasibility import Infeasibility

Subject: TypeAlias = Literal["plan", "infeasible", "feasible", "unknown"]
"""What is explained: a plan; a cluster that has none; or a cluster that has one, or of which the
time was too short to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCost:
    """What one failure costs.

    Parameters
    ----------
    failure, weight
        As in the cluster.
    rebuilds
        How many VMs are rebuilt.
    transfer_bytes
        What its recovery transfers.
    expected_bytes
        Weight x transfer.
    share
        That, as a share of the expected transfer; 0 if nothing is transferred.
    """

    failure: str
    weight: float
    rebuilds: int
    transfer_bytes: int
    expected_bytes: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where least is left of a resource, in the worst failure.

    Parameters
    ----------
    resource
        ``"disk"``, or the name of a resource.
    server, failure
        Where, and when; ``None`` for no failure.
    left, capacity
        Amounts; bytes for disk.
    """

    resource: str
    server: str
    failure: str | None
    left: float
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExplanation:
    """Why a plan costs what it costs.

    Parameters
    ----------
    expected_transfer_bytes, lower_bound_bytes
        As the plan has them.
    failures
        The costliest first.
    bindings
        For the disk and each resource, the tightest place; the least share left first.
    copies
        Duplicated diffs, what saves most first.
    targets
        The rebuilds that were asked about.
    """

    expected_transfer_bytes: float
    lower_bound_bytes: float | None
    failures: tuple[FailureCost, ...]
    bindings: tuple[Binding, ...]
    copies: tuple[CopyWorth, ...]
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An answer to why.

    Parameters
    ----------
    cluster_sha256
        The cluster that it is about, as `fingerprint` names it.
    subject
        What is explained.
    plan
        Of a plan; else ``None``.
    infeasibility
        Of a cluster without a plan; else ``None``.
    enough
        Where it is unknown whether there is a plan: changes after which there is one. Less may
        do.
    """

    cluster_sha256: str
    subject: Subject
    plan: PlanExplanation | None = None
    infeasibility: Infeasibility | None = None
    enough: tuple[Remedy, ...] = ()
