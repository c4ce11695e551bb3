"""Bounds, proven beside a search: the search ends when there is nothing more to gain."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from spareplace.bounds import by_groups, by_rooms, by_servers
from spareplace.clock import Clock
from spareplace.errors import Infeasible, SpareplaceError
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.watching import Best

Tell: TypeAlias = Callable[[Fraction], object]
Known: TypeAlias = Callable[[], Placement | None]
Proof: TypeAlias = Callable[[Instance, Clock, Options, Tell, Known], Fraction]
"""Gives bytes that no plan can be below, and tells each better bound on the way; the best plan so
far says where to look first."""

HEARD = 0.05
"""Seconds between two looks at whether the caller wants to stop."""

log = logging.getLogger(__name__)


def servers(
    instance: Instance, clock: Clock, options: Options, tell: Tell, _known: Known
) -> Fraction:
    """Bound by what the servers cost when each decides alone."""
    return by_servers(instance.cuttable(), clock, replace(options, workers=1), tell=tell)


def groups(
    instance: Instance, clock: Clock, options: Options, tell: Tell, known: Known
) -> Fraction:
    """Bound by groups of failures."""
    alone = replace(options, workers=1)
    return by_groups(instance.cuttable(), clock, alone, tell, known=known)


def rooms(
    instance: Instance, clock: Clock, options: Options, tell: Tell, _known: Known
) -> Fraction:
    """Bound by the room that servers keep free; HiGHS proves more than CP-SAT there."""
    return by_rooms(instance.cuttable(), clock, replace(options, workers=1, solver="highs"), tell)


@contextmanager
def beside(
    proofs: Sequence[Proof], instance: Instance, clock: Clock, options: Options, best: Best
) -> Iterator[Clock]:
    """Prove bounds in a thread of their own, one method after the other.

    Gives the clock of whoever works meanwhile: it is also over when the gap asked for is reached.

    Raises
    ------
    Infeasible
        At the end, if it is proven that there is no plan.
    """
    enough, left = threading.Event(), threading.Event()
    own = replace(clock, stop=enough)

    def tell(bound: Fraction) -> None:
        best.proves(bound)
        if best.within(options.gap):
            enough.set()

    def prove() -> None:
        for proof in proofs:
            if own.over():
                return
            try:
                tell(proof(instance, own, options, tell, lambda: best.placement))
            except SpareplaceError as error:  # a plan is not lost because a bound is
                if isinstance(error, Infeasible) and best.placement is None:
                    enough.set()
                    raise
                log.warning("a bound was given up: %s", error)

    def listen() -> None:
        while not left.wait(HEARD):
            if clock.stop.is_set() or best.within(options.gap):
                enough.set()

    with ThreadPoolExecutor(2, thread_name_prefix="spareplace-bounds") as threads:
        proven, heard = threads.submit(prove), threads.submit(listen)
        try:
            yield own
        finally:
            enough.set()
            left.set()
        heard.result()
        proven.result()
