"""The smallest sets of causes: each kept cause is needed, which is proven by solving without it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from spareplace.cluster import Cluster
from spareplace.explaining.causes import PHASES, Cause, all_causes, relaxed
from spareplace.explaining.deciding import Answer, Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Causes that no plan can satisfy together.

    Parameters
    ----------
    causes
        In the order failures, VMs, limits.
    irreducible
        Whether it is proven that without any one of them there is a plan for the others.
    """

    causes: tuple[Cause, ...]
    irreducible: bool


def conflict_in(cluster: Cluster, judge: Judge) -> Conflict:
    """Find an irreducible set of causes of an infeasible cluster.

    Divide and conquer over the causes: first as few failures as it takes with all VMs and
    limits, then few VMs, then few limits. A cause that is needed beside many others is needed
    beside fewer, so what an earlier pass keeps stays needed; still each one is tried again.

    Parameters
    ----------
    cluster
        What is proven to have no plan.
    judge
        What it does not answer in time counts as needed, and the set as not proven irreducible.
    """
    found = all_causes(cluster)
    everything = [cause for phase in PHASES for kind in phase for cause in found[kind]]
    asker = _Asker(cluster=cluster, judge=judge, everything=everything)
    asker.answers[frozenset(everything)] = False
    kept = everything
    for phase in PHASES:
        own = [cause for cause in kept if cause.kind in phase]
        rest = [cause for cause in kept if cause.kind not in phase]
        needed = {*rest, *_needed(rest, own, asker, grew=True)}
        kept = [cause for cause in kept if cause in needed]
    proven = asker.is_feasible(kept) is False and all(
        asker.is_feasible([other for other in kept if other != cause]) for cause in kept
    )
    return Conflict(causes=tuple(kept), irreducible=proven)


def _needed(
    fixed: Sequence[Cause], tried: Sequence[Cause], asker: _Asker, *, grew: bool
) -> list[Cause]:
    """Give a least part of `tried` that is infeasible with `fixed`; early ones are preferred.

    This is QuickXplain: as many questions as the part is large, times a logarithm. With `grew`
    the fixed ones are new, and may be infeasible by themselves.
    """
    if grew and asker.is_feasible(fixed) is False:
        return []
    if len(tried) <= 1:
        return list(tried)
    half = len(tried) // 2
    first, second = tried[:half], tried[half:]
    later = _needed([*fixed, *first], second, asker, grew=True)
    return [*_needed([*fixed, *later], first, asker, grew=bool(later)), *later]


@dataclass(slots=True, kw_only=True, eq=False)
class _Asker:
    """Asks about sets of causes, each once."""

    cluster: Cluster
    judge: Judge
    everything: Sequence[Cause]
    answers: dict[frozenset[Cause], Answer] = field(default_factory=dict)

    def is_feasible(self, kept: Collection[Cause]) -> Answer:
        """Tell whether there is a plan if only these causes are there."""
        key = frozenset(kept)
        if key not in self.answers:
            dropped = [cause for cause in self.everything if cause not in key]
            self.answers[key] = self.judge.is_feasible(relaxed(self.cluster, dropped))
        return self.answers[key]
