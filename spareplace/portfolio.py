"""Which proofs stand beside a search, in which order, and when the search makes way for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from spareplace.bounds.branching import MOST_PAIRS, by_branching
from spareplace.clock import Clock
from spareplace.instance import Instance
from spareplace.offering import solve_and_lay, solve_near
from spareplace.options import Options
from spareplace.proving import Known, Proof, Tell, groups, rooms, servers
from spareplace.watching import Best

SHARES = (0.25, 0.1, 0.25, 0.9, 0.5)
"""Which share of the time left each proof beside a search may take before the next one begins,
where rebuilds are few. Branching gains as long as it may: alone on 8x8-tight, seed 1, it proves 7.5
GB in 8 s and 11 in 20."""

MANY_SHARES, BRIEF = (0.3, 0.3, 0.3, 0.3), 0.3
"""The same where they are many, and which share of its time the first proof has then to show that
there is something to prove."""

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
    alone: it proves nothing, but finds better ones. And where rebuilds are so many that no bound
    takes servers apart, nothing else was ever proven: the search is left all cores.

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
    by_groups, many = Fraction(0), rebuilds > MOST_PAIRS

    def near() -> bool:
        return best.value is not None and by_groups > NEAR * best.value

    def hopeless() -> bool:
        return many and best.value is not None and not near()

    def grouped(
        instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        nonlocal by_groups
        if many:
            by_groups = groups(instance, clock.part(BRIEF), options, tell, known)
        if not hopeless():
            by_groups = groups(instance, clock, options, tell, known)
        return by_groups

    def model(
        instance: Instance, clock: Clock, options: Options, _tell: Tell, _known: Known
    ) -> Fraction:
        may = clock.limit is not None and columns <= LARGEST_ALONE
        if near() and may and not promised.is_set():
            promised.set()
            clock.stop.set()
            return by_groups
        if near() or not may or best.value is None:
            solve_and_lay(instance, clock, replace(options, workers=1), best)
            return best.bound
        return recombined(instance, clock, options, _tell, _known)

    def recombined(
        instance: Instance, clock: Clock, options: Options, _tell: Tell, _known: Known
    ) -> Fraction:
        some = best.value is not None and not near()
        if clock.limit is not None and columns <= LARGEST_ALONE and some:
            solve_near(instance, clock, options, best)
        return best.bound

    def hopeful(proof: Proof) -> Proof:
        def unless_hopeless(
            instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
        ) -> Fraction:
            return Fraction(0) if hopeless() else proof(instance, clock, options, tell, known)

        return unless_hopeless

    if many:
        first: Sequence[Proof] = (grouped, *map(hopeful, (servers, model, rooms)))
        yield from map(_shared, first, MANY_SHARES)
    else:
        yield from map(_shared, (servers, grouped, model, _branched(best), rooms), SHARES)
    yield from map(hopeful, (recombined, groups))


def _branched(best: Best) -> Proof:
    def branched(
        instance: Instance, clock: Clock, options: Options, tell: Tell, _known: Known
    ) -> Fraction:
        alone = replace(options, workers=1)
        return by_branching(instance.cuttable(), clock, alone, tell, lambda: best.value)

    return branched


def _shared(proof: Proof, share: float) -> Proof:
    """Leave time for the other proofs."""

    def with_share(
        instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
    ) -> Fraction:
        return proof(instance, clock.part(share), options, tell, known)

    return with_share
