"""Why no plan exists: the causes, what is short among them, and what would help."""

from __future__ import annotations

from dataclasses import dataclass

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Shortage
from spareplace.exact.excess import what_is_short
from spareplace.explaining.causes import Cause, all_causes, relaxed
from spareplace.explaining.confirming import Remedy
from spareplace.explaining.deciding import Judge
from spareplace.explaining.figures import figure
from spareplace.explaining.filtering import conflict_in
from spareplace.explaining.remedies import remedies
from spareplace.instance import number
from spareplace.options import Options
from spareplace.shortages import hopeless, totals_short


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is short if nothing but the causes is asked for.

    Parameters
    ----------
    failure, server
        When and where; ``None`` for no failure, and for all surviving servers together.
    resource
        ``"disk"``, the name of a resource, or the rule that leaves no server.
    need, have
        Amounts, bytes for disk: whole numbers where they are, else the nearest float.
    vms
        The VMs that cannot be rebuilt because of it, if they are known.
    text
        The same as a sentence.
    """

    failure: str | None
    server: str | None
    resource: str
    need: int | float
    have: int | float
    vms: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeasibility:
    """Why a cluster has no plan.

    Parameters
    ----------
    causes
        No plan keeps them all: failures, VMs and limits.
    irreducible
        Whether it is proven, by solving, that there would be one without any of them.
    lacks
        What is short among the causes alone.
    remedies
        Each was confirmed by a plan for the changed cluster.
    """

    causes: tuple[Cause, ...]
    irreducible: bool
    lacks: tuple[Lack, ...]
    remedies: tuple[Remedy, ...]


PATIENCE = 1.0
"""Seconds that a single question may take a solver."""


def why_infeasible(cluster: Cluster, judge: Judge) -> Infeasibility:
    """Explain a cluster that is proven to have no plan."""
    conflict = conflict_in(cluster, judge.hurried(0.5, PATIENCE))
    return Infeasibility(
        causes=conflict.causes,
        irreducible=conflict.irreducible,
        lacks=tuple(map(lack_of, _short(cluster, conflict.causes, judge.clock))),
        remedies=remedies(cluster, conflict.causes, judge.hurried(1.0, PATIENCE)),
    )


def _short(cluster: Cluster, causes: tuple[Cause, ...], clock: Clock) -> list[Shortage]:
    kept = set(causes)
    others = [it for kind in all_causes(cluster).values() for it in kind if it not in kept]
    instance = number(relaxed(cluster, others))
    found = dict.fromkeys([*hopeless(instance).values(), *totals_short(instance)])
    if found:
        return list(found)
    return what_is_short(instance, clock.part(0.2), Options())


def lack_of(shortage: Shortage) -> Lack:
    """Make figures to be read of a shortage."""
    return Lack(
        failure=shortage.failure,
        server=shortage.server,
        resource=shortage.resource,
        need=figure(shortage.needed),
        have=figure(shortage.available),
        vms=shortage.vms,
        text=str(shortage),
    )
