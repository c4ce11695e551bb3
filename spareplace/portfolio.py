"""Which proofs stand beside a search, in which order, and when the search makes way for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from spareplace.bounds.branching import by_branching
from spareplace.clock import Clock
from spareplace.instance import Instance
from spareplace.offering import solve_and_lay, solve_near
from spareplace.options import Options
from spareplace.proving import Known, Proof, Tell, groups, rooms, servers
from spareplace.watching import Best

MANY = 80
"""With more rebuilds, and where groups of failures prove nothing, no other bound was ever above 0:
on 12x10-tight, 120 rebuilds, seeds 1 to 3, that by servers was 0 after a minute."""

SHARE, BRIEF = 0.3, 0.15
"""Which share of the time left a proof may take before the next one begins; and the first one of a
cluster with many rebuilds, to show that there is something to prove."""

BY_SERVERS, BY_GROUPS, NEAR_BEST, BY_BRANCHING, BY_ROOMS = 0.25, 0.05, 0.25, 0.97, 0.5
"""The same where rebuilds are few. Branching gains as long as it may: alone on 8x8-tight, seed 1,
it proves 7.5 GB in 8 s and 11 in 20."""

NEAR = Fraction(1, 4)
"""From which share of the best plan on a bound by groups counts as near it. Measured: it is 0.6
and more where servers have images of public registries, 0 on tight generated clusters."""

LARGEST_ALONE = 20_000
"""The most columns of the model in bytes that the search makes way for."""


def proofs_beside(
    best: Best, promised: threading.Event, columns: int, rebuilds: int
) -> Iterator[Proof]:
    """Give the proofs to try beside a search, one after the other.

    Where groups of failures come near the best plan, the model in bytes of all of them will meet
    it: then the search is ended, for the solver to have all cores. Without a clock it goes on: it
    is to end where its iterations say. Where they do not, that model is solved near the best plan
    alone: it proves nothing, but finds better ones. And where rebuilds are many and groups prove
    nothing, the search is left all cores.

    Parameters
    ----------
    best
        The best plan so far; plans that a proof finds on the way are offered to it.
    promised
        Set when the search is ended for that; if it is set already, no search is.
    columns
        Of the model in bytes.
    rebuilds
        In all failures together.
    """
    beside = _Beside(best=best, promised=promised, columns=columns)
    if rebuilds > MANY:
        yield _within(SHARE, beside.by_groups_if_any)
        for proof in (servers, beside.model, rooms):
            yield beside.hopeful(_within(SHARE, proof))
    else:
        yield _within(BY_SERVERS, servers)
        yield _within(BY_GROUPS, beside.by_groups)
        yield _within(NEAR_BEST, beside.model)
        yield _within(BY_BRANCHING, beside.by_branching)
        yield _within(BY_ROOMS, rooms)
    yield beside.hopeful(beside.near_best)
    yield beside.hopeful(groups)


@dataclass(slots=True, kw_only=True, eq=False)
class _Beside:
    """What proofs know of each other; the parameters are those of `proofs_beside`.

    Parameters
    ----------
    proven
        By groups of failures, so far.
    hopeless
        Whether it has turned out that nothing will be proven.
    """

    best: Best
    promised: threading.Event
    columns: int
    proven: Fraction = Fraction(0)
    hopeless: bool = False

    def near(self) -> bool:
        """Tell whether groups of failures come near the best plan."""
        return self.best.value is not None and self.proven > NEAR * self.best.value

    def hopeful(self, proof: Proof) -> Proof:
        """Leave a proof out if there is no hope."""

        def unless_hopeless(
            instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
        ) -> Fraction:
            if self.hopeless:
                return Fraction(0)
            return proof(instance, clock, options, tell, known)

        return unless_hopeless

    def by_groups(
        self, instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        """Bound by groups of failures."""
        found = groups(instance, clock, options, tell, known)
        self.proven = max(self.proven, found)
        return found

    def by_groups_if_any(
        self, instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        """Bound by groups of failures; if nothing is found soon, there is no hope.

        Where there is no plan yet all is tried, as there may be none; and where there is no clock.
        """
        brief = clock.part(BRIEF / SHARE)
        found = self.by_groups(instance, brief, options, tell, known)
        if brief.over() and not clock.over():
            self.hopeless = self.best.placement is not None and not found
            if not self.hopeless:
                return self.by_groups(instance, clock, options, tell, known)
        return found

    def model(
        self, instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        """Let the search make way for the model in bytes, or solve it here, near the best plan."""
        may = clock.limit is not None and self.columns <= LARGEST_ALONE
        if self.near() and may and not self.promised.is_set():
            self.promised.set()
            clock.stop.set()
            return self.proven
        if self.near() or not may or self.best.value is None:
            solve_and_lay(instance, clock, replace(options, workers=1), self.best)
            return self.best.bound
        return self.near_best(instance, clock, options, tell, known)

    def near_best(
        self, instance: Instance, clock: Clock, options: Options, _tell: Tell, _known: Known
    ) -> Fraction:
        """Look for better plans near the best one."""
        far = self.best.value is not None and not self.near()
        if clock.limit is not None and self.columns <= LARGEST_ALONE and far:
            solve_near(instance, clock, options, self.best)
        return self.best.bound

    def by_branching(
        self, instance: Instance, clock: Clock, options: Options, tell: Tell, _known: Known
    ) -> Fraction:
        """Bound by servers, and by telling apart what they mix."""
        alone = replace(options, workers=1)
        return by_branching(instance.cuttable(), clock, alone, tell, lambda: self.best.value)


def _within(share: float, proof: Proof) -> Proof:
    """Leave time for the other proofs."""

    def with_share(
        instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        return proof(instance, clock.part(share), options, tell, known)

    return with_share
