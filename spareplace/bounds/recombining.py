"""Better plans from few targets for each rebuild, with all disk free: those of columns first.

The search frees a few servers and everything on them. Here what all servers store is free at once,
and few rebuilds: each has the target of the best plan, and some have others, first those that the
linear program over columns mixes. What is left of the model in bytes is solved in a second, and is
started from the best plan; its bytes are laid out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from spareplace import solvers
from spareplace.bounds.counting import counted
from spareplace.bounds.likely import Shares, likely
from spareplace.clock import Clock
from spareplace.errors import NoPlan
from spareplace.exact.in_bytes import laid
from spareplace.exact.trust import EXACT_SOLVER
from spareplace.instance import Instance
from spareplace.milp.build import Model, build
from spareplace.milp.merging import merged
from spareplace.milp.model import Ints
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.solvers.base import Outcome, Request, TooLarge

EFFORT, SECONDS = 1.5, 5.0
"""The work for each try, in CP-SAT's deterministic seconds, and how long it may take at most."""

GUESSING = 0.2
"""Which share of the time columns are guessed in, at most."""

UNLIKELY = 0.1
"""What is added to the share of every target before one is drawn."""

SOME, OTHERS = 0.4, 2
"""Which share of the rebuilds gets so many other targets."""

FEW = 0.2
"""Which share of the rebuilds gets all targets, every other time."""

AT_FIRST = 60
"""Up to how many rebuilds these shares are as said at first; with more they are less."""

LESS, MORE = 0.7, 1.05
"""How they change after a try that was cut off, and after one that was not."""

PATIENCE = 60
"""After so many tries in which nothing was gained, it ends."""

LIKELIEST, DRAWN, ALL = "likeliest", "drawn", "all"
"""Which other targets a rebuild gets: the one that columns mix in most, some drawn, or all."""

Target = tuple[int, int, int]
"""Failure, VM and server."""

log = logging.getLogger(__name__)


def recombine(
    instance: Instance,
    clock: Clock,
    options: Options,
    known: Callable[[], Placement | None],
    offer: Callable[[Placement, str], object],
) -> None:
    """Look for plans near the best one, until the time is up or nothing is gained any more.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        When to end.
    options
        Pieces, limits, prices and seed.
    known
        Gives the best plan so far, whoever found it; all starts from there.
    offer
        Told each better plan, and the solver.
    """
    plan = known()
    if plan is None or plan.unprotected:
        return
    try:
        model = build(
            merged(instance.cuttable(), options.max_pieces),
            clock,
            max_pieces=options.max_pieces,
            stored_limit=options.stored_limit,
            stored_cost=options.stored_cost,
            move_limit=options.move_limit,
            move_cost=options.move_cost,
            in_bytes=True,
        )
        _Tries(instance=instance, model=model, clock=clock, options=options).go(known, offer)
    except (NoPlan, TooLarge) as none:
        log.info("nothing is recombined: %s", none)


@dataclass(slots=True, kw_only=True, eq=False)
class _Tries:
    """One try after the other around the best plan.

    Parameters
    ----------
    instance, model, clock, options
        The cluster, its model in bytes, and how long and in what way to go on.
    size
        How large the shares of rebuilds are that get other targets, as a share of what they are
        with few rebuilds at first.
    ways
        For each pair, the servers that may rebuild it.
    """

    instance: Instance
    model: Model
    clock: Clock
    options: Options
    size: float = 1.0
    ways: dict[tuple[int, int], list[int]] = field(init=False, default_factory=dict)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.options.seed)
        for failure, vm, server in self.model.columns.rebuild:
            self.ways.setdefault((failure, vm), []).append(server)
        self.size = min(1.0, AT_FIRST / max(len(self.ways), 1))

    def go(
        self,
        known: Callable[[], Placement | None],
        offer: Callable[[Placement, str], object],
    ) -> None:
        """Try until the time is up or nothing is gained any more."""
        seen, start, shares, tried = None, None, None, 0
        while not self.clock.over() and tried < PATIENCE:
            plan = known()
            if plan is None or plan.unprotected:
                return
            if plan is not seen:
                seen = plan
                start = counted(self.model, self.instance, plan, self.options.max_pieces)
                if start is None:
                    return
                tried = 0
            elif tried == 1 and shares is None:
                part = self.clock.part(GUESSING)
                shares = likely(self.instance, plan, part, self.options)
            assert start is not None
            freed = self.freed(start, tried, shares or {})
            tried += 1
            if not freed and tried > 1:
                continue  # that was tried first
            found = self.solve(start, freed, tried)
            if found is not None:
                offer(*found)

    def freed(self, start: Ints, tried: int, shares: Shares) -> set[Target]:
        """Choose the other targets that rebuilds may have; first none."""
        if tried == 0:
            return set()
        kind = (LIKELIEST, DRAWN, ALL)[(tried - 1) % 3]
        if kind == LIKELIEST and tried > 1 and self.size >= 1:
            kind = DRAWN  # those were tried already, all of them
        part = {LIKELIEST: 1.0, DRAWN: SOME, ALL: FEW}[kind] * self.size
        rebuild, chosen = self.model.columns.rebuild, set[Target]()
        for pair, ways in self.ways.items():
            others = [server for server in ways if not start[rebuild[*pair, server]]]
            if not others or self.random.random() >= part:
                continue
            weight = [shares.get((*pair, server), 0.0) for server in others]
            if kind == LIKELIEST:
                others = [others[int(np.argmax(weight))]] if max(weight) > 0 else []
            elif kind == DRAWN:
                weight = [each + UNLIKELY for each in weight]
                others = self.random.choices(others, weight, k=OTHERS)
            chosen.update((*pair, server) for server in others)
        return chosen

    def solve(self, start: Ints, freed: set[Target], tried: int) -> tuple[Placement, str] | None:
        """Solve with these targets and those of the start; give a plan that costs less."""
        milp, left = self.model.goal, self.clock.left()
        priced = self.options.stored_cost or self.options.move_cost
        upper = milp.upper.copy()
        for key, column in self.model.columns.rebuild.items():
            upper[column] = start[column] or key in freed
        answer = solvers.load(EXACT_SOLVER)(
            Request(
                milp=replace(milp, upper=upper),
                hint=start,
                seconds=SECONDS if left is None else min(left, SECONDS),
                seed=self.random.randrange(2**31),
                effort=EFFORT,
                presolve=not priced,  # see cp_sat
                stop=self.clock.stop,
            )
        )
        if tried > 1:
            grown = self.size * (MORE if answer.outcome is Outcome.OPTIMAL else LESS)
            self.size = min(grown, 1.0 / SOME)
        if answer.values is None or milp.objective @ answer.values >= milp.objective @ start:
            return None
        plan = laid(self.instance, self.model, answer.values, self.options)
        log.debug("%d other targets: %s", len(freed), "laid out" if plan else "not to be laid out")
        return None if plan is None else (plan, answer.solver)
