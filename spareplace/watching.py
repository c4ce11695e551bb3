"""The best plan so far, and how a caller watches it and asks to stop."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.goals import Goal, judged
from spareplace.holding import holdings
from spareplace.moving import Held, added_bytes
from spareplace.placement import Placement
from spareplace.recovery import Needs
from spareplace.units import exact_weight

NEARLY = 1e-9
"""A bound and a value that differ by less, as a share, are one: floats tell no more."""

POLL_SECONDS = 0.1
"""How often progress is told and a wish to stop is heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a call of `plan` is.

    Parameters
    ----------
    seconds
        Since the call.
    incumbent
        Expected transfer of the best plan so far, in bytes, plus the price of what it stores if
        there is one; ``None`` before there is a plan. With another objective, its value: the
        largest transfer in bytes, or the expected seconds.
    bound
        What no plan is proven to be below, in the same bytes or seconds.
    objective
        What is made least.
    method
        Which made the best plan so far; empty before there is one, and while a running solver
        has a better one.
    """

    seconds: float
    incumbent: float | None
    bound: float
    objective: Goal = "transfer"
    method: str = ""

    @property
    def gap(self) -> float | None:
        """How far the incumbent may be above the least, as a share of it."""
        if self.incumbent is None:
            return None
        return 0.0 if self.incumbent <= self.bound else 1 - self.bound / self.incumbent


_Rank: TypeAlias = tuple[tuple[int, ...], Fraction, Fraction, int, int]
"""VMs left out by priority, the value, what decides where it is alike, bytes moved and stored."""


@dataclass(slots=True, kw_only=True, eq=False)
class Best:
    """The best placement that any method offered, and the best bound.

    Parameters
    ----------
    cluster
        What the placements are for.
    stored_cost
        The price of a stored byte in expected transferred bytes.
    before
        What is stored now, or ``None`` where nothing is to be counted as moved.
    move_limit, move_cost
        The most bytes that may be moved, or ``None``; and the price of one.
    goal
        What is to be least. Only expected transfers have prices beside them, and a `bound`.
    least
        For another goal: no plan is below the first, nor, of those that are there, below the
        second in expected transfer; ``None`` while nothing is proven.
    """

    cluster: Cluster
    stored_cost: float = 0.0
    before: Placement | None = None
    move_limit: int | None = None
    move_cost: float = 0.0
    goal: Goal = "transfer"
    least: tuple[Fraction, Fraction] | None = None
    placement: Placement | None = None
    method: str = ""
    solver: str | None = None
    value: Fraction | None = None
    bound: Fraction = Fraction(0)
    told_bound: Fraction = Fraction(0)
    fewest_proven: bool = False
    _rank: _Rank = field(default=((), Fraction(0), Fraction(0), 0, 0))
    _held: Held | None = field(init=False, repr=False, default=None)
    _needs: Needs = field(init=False, repr=False)
    _priority: Mapping[str, int] = field(init=False, repr=False)
    _levels: tuple[int, ...] = field(init=False, repr=False)
    """All priorities, the highest first."""
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._needs = Needs.of(self.cluster)
        self._priority = {vm.name: vm.priority for vm in self.cluster.vms}
        self._levels = tuple(sorted(set(self._priority.values()), reverse=True))
        if self.before is not None:
            self._held = holdings(self.cluster, self.before.stored)

    def offer(self, placement: Placement, method: str, solver: str | None = None) -> None:
        """Keep a placement if none before it is better; of two alike the later one stays.

        Where something is continued the earlier one does, and what moves too much is refused. It
        may come from any thread.
        """
        moved = self.moved(placement)
        if self.move_limit is not None and moved > self.move_limit:
            return
        left_out = Counter(self._priority[pair.vm] for pair in placement.unprotected)
        stored = placement.stored_bytes
        value, tie = judged(self.goal, self._needs, placement)
        value += self.price(placement)
        rank = (tuple(left_out[level] for level in self._levels), value, tie, moved, stored)
        with self._lock:
            keep = rank < self._rank or (rank == self._rank and self.before is None)
            if self.placement is None or keep:
                self.placement, self.method, self.solver = placement, method, solver
                self._rank = rank
            self.value = self._rank[1]

    def moved(self, placement: Placement) -> int:
        """Count the bytes that a placement moves; none where nothing is continued."""
        return 0 if self._held is None else added_bytes(self._held, placement.stored)

    def price(self, placement: Placement) -> Fraction:
        """Give what is to be paid for a placement beside what it transfers."""
        stored = exact_weight(self.stored_cost) * placement.stored_bytes
        return stored + exact_weight(self.move_cost) * self.moved(placement)

    def proves(self, bound: Fraction) -> None:
        """Take note of a proven bound."""
        self.bound = max(self.bound, bound)

    def within(self, gap: float) -> bool:
        """Tell whether the best plan is known to be within a share of the least."""
        if self.placement is None or self.value is None or self.placement.unprotected:
            return False
        if self.goal != "transfer":
            least, tie = self.least or (Fraction(0), Fraction(0))
            near = 1 - Fraction(NEARLY)
            reached = least >= self._rank[1] * (1 - Fraction(max(gap, NEARLY)))
            return reached and tie >= self._rank[2] * near
        return self.bound >= self._rank[1] * (1 - Fraction(max(gap, NEARLY)))

    def told(self, value: Fraction | None, bound: Fraction | None) -> None:
        """Take note of what a running solver has, to be shown; it may come from any thread.

        It is no proof: solvers tell floats, and some a bit more than they have proven.
        """
        if value is not None and (self.value is None or value < self.value):
            self.value = value
        if bound is not None and bound > self.told_bound:
            self.told_bound = bound

    def progress(self, clock: Clock) -> Progress:
        """Give what a watcher is told."""
        return Progress(
            seconds=clock.elapsed(),
            incumbent=None if self.value is None else float(self.value),
            bound=float(max(self.bound, self.told_bound)),
            objective=self.goal,
            method=self.method if self.value == self._rank[1] else "",
        )


def run_watched(
    work: Callable[[], None],
    best: Best,
    clock: Clock,
    progress: Callable[[Progress], object] | None,
) -> None:
    """Run the work in a thread of its own, and tell progress in this one until it ends.

    Whatever ends the waiting early, such as Ctrl-C, first ends the work and then goes on.
    """
    errors: list[BaseException] = []
    ended = threading.Event()

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # raised again below, in the caller's thread
            errors.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=guarded, name="spareplace", daemon=True)
    try:
        thread.start()
        # The event, not the thread: a join that Ctrl-C cut short calls a running thread ended.
        while not ended.wait(POLL_SECONDS):
            if progress is not None and progress(best.progress(clock)):
                clock.stop.set()
        if progress is not None:
            progress(best.progress(clock))
    except BaseException:
        clock.stop.set()
        if thread.ident is not None:
            ended.wait()
        raise
    if errors:
        raise errors[0]
