"""Is there any plan at all: the question that explanations ask again and again."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from spareplace import solvers
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, NoPlan
from spareplace.exact.trust import EXACT_SOLVER
from spareplace.heuristics.greedy import greedy
from spareplace.instance import Instance, number
from spareplace.milp.build import build
from spareplace.options import DEFAULT_WORKERS
from spareplace.placement import DEFAULT_MAX_PIECES
from spareplace.planning import plan
from spareplace.shortages import hopeless, totals_short
from spareplace.solvers.base import Outcome, Request, TooLarge

log = logging.getLogger(__name__)

Answer: TypeAlias = bool | None
"""Whether there is a plan; ``None`` if the time was too short to tell."""

SMALL = 2_000
"""Columns up to which one thread of the solver is faster than many."""


SEARCHED = 25
"""Rebuilds in all failures above which the search finds a plan sooner than the exact model."""


@dataclass(slots=True, kw_only=True, eq=False)
class Judge:
    """Answers whether clusters have plans, within one clock, and counts how often it was asked.

    Parameters
    ----------
    clock
        When it is over, nothing more is answered.
    max_pieces
        Into how many pieces a diff may be cut.
    seed
        For the solver.
    patience
        Seconds for each question that takes a solver, or ``None``.
    asked
        How many clusters were judged.
    """

    clock: Clock
    max_pieces: int = DEFAULT_MAX_PIECES
    seed: int = 0
    patience: float | None = None
    asked: int = field(default=0, init=False)

    def is_feasible(self, cluster: Cluster) -> Answer:
        """Tell whether any plan protects every VM in every failure; both answers are proofs.

        By sums first, then by greedy, then by the exact model without anything to be least: the
        relaxation in bytes may prove that there is none, or whole copies may be enough. Where the
        models are large, the search is asked before them.
        """
        self.asked += 1
        if self.clock.over():
            return None
        instance = number(cluster)
        if hopeless(instance) or totals_short(instance):
            return False
        try:
            greedy(instance, self.clock, max_pieces=self.max_pieces)
            return True
        except NoPlan as none:
            log.debug("%s", none.reason)
        return self._by_models(cluster, instance)

    def hurried(self, share: float, patience: float) -> Judge:
        """Give one that has a share of the time, and less of it for each question."""
        return replace(self, clock=self.clock.part(share), patience=patience)

    def _by_models(self, cluster: Cluster, instance: Instance) -> Answer:
        left = self.clock.left()
        limits = [seconds for seconds in (left, self.patience) if seconds is not None]
        clock = Clock(limit=min(limits, default=None), stop=self.clock.stop)
        if self.max_pieces == 1:
            return self._solved(instance, 1, clock)
        if self._solved(instance, self.max_pieces, clock.part(0.5), in_bytes=True) is False:
            return False
        if sum(map(len, instance.lost)) > SEARCHED and self._searched(cluster, clock.part(0.5)):
            return True
        if self._solved(instance, 1, clock.part(0.5)):
            return True
        return self._solved(instance, self.max_pieces, clock)

    def _searched(self, cluster: Cluster, clock: Clock) -> bool:
        """Look for any plan with the search."""
        try:
            plan(
                cluster,
                method="search",
                time_limit=clock.left(),
                progress=lambda heard: heard.incumbent is not None,  # any plan is enough
                max_pieces=self.max_pieces,
                seed=self.seed,
            )
        except (Infeasible, NoPlan) as none:
            log.info("%s", none)
            return False
        return True

    def _solved(
        self, instance: Instance, max_pieces: int, clock: Clock, *, in_bytes: bool = False
    ) -> Answer:
        """Let the exact solver look for any values of a model."""
        try:
            model = build(instance, clock, max_pieces=max_pieces, in_bytes=in_bytes)
            left = clock.left()
            if left == 0.0:
                return None
            answer = solvers.load(EXACT_SOLVER)(
                Request(
                    milp=model.milp,
                    seconds=left,
                    workers=1 if len(model.milp.columns) <= SMALL else DEFAULT_WORKERS,
                    seed=self.seed,
                    stop=clock.stop,
                )
            )
        except (NoPlan, TooLarge) as none:
            log.info("%s", none)
            return None
        if answer.outcome is Outcome.INFEASIBLE:
            return False
        return None if answer.values is None else True
