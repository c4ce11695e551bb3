"""Bounds of groups of failures, added up; the groups grow while time lasts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from spareplace.bounds.relaxation import Bound, bound_over
from spareplace.clock import Clock
from spareplace.instance import Instance
from spareplace.options import Options
from spareplace.placement import Placement
from spareplace.recovery import recoveries

ALONE = 0.5
"""Which share of the time left the failures one by one may use, once all and once the hard ones."""

GENEROUS = 2
"""How many times its even part of the time left a joined group may use: most need far less."""

_NOTHING = Bound(bytes=Fraction(0), tight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some failures, and what their transfers are proven to be at least."""

    failures: frozenset[int]
    bound: Bound


@dataclass(slots=True, kw_only=True, eq=False)
class _Partition:
    """The failures divided into groups, and who is told what they add up to."""

    groups: list[Group]
    tell: Callable[[Fraction], object]

    def total(self) -> Fraction:
        return sum((group.bound.bytes for group in self.groups), start=Fraction(0))

    def put(self, group: Group) -> None:
        """Put a group in the place of those that it is made of; its bound is at least theirs."""
        before = self.total()
        parts = [part for part in self.groups if part.failures <= group.failures]
        least = sum((part.bound.bytes for part in parts), start=Fraction(0))
        bound = replace(group.bound, bytes=max(group.bound.bytes, least))
        self.groups = [part for part in self.groups if part not in parts]
        self.groups.append(replace(group, bound=bound))
        if self.total() > before:
            self.tell(self.total())


def by_groups(
    instance: Instance,
    clock: Clock,
    options: Options,
    tell: Callable[[Fraction], object] = lambda _: None,
    upper: Fraction | None = None,
    known: Callable[[], Placement | None] = lambda: None,
) -> Fraction:
    """Bound the expected transfer by what groups of failures transfer at least.

    Each group counts its own transfers only and keeps the rules of all failures, so the bounds
    of groups add up. First each failure is a group; then two are joined, again and again: those
    in which the best plan known transfers anything before all others. Whenever it ends, the best
    sum so far is a bound.

    Parameters
    ----------
    instance
        The cluster in numbers.
    clock
        When to end.
    options
        Pieces, limits, price, solver, workers and seed.
    tell
        Called with each better sum, in bytes.
    upper
        The value of a plan, or ``None``: where the sum meets it there is nothing left to prove.
    known
        Gives the best plan so far, or ``None``; it protects every VM. It says where to look.

    Returns
    -------
    Bytes that no plan that protects every VM in every failure can be below.
    """
    alone = [frozenset({failure}) for failure, vms in enumerate(instance.lost) if vms]
    shared = _shared_bytes(instance)
    partition = _Partition(
        groups=[Group(failures=failures, bound=_NOTHING) for failures in alone], tell=tell
    )

    def done() -> bool:
        return clock.over() or (upper is not None and partition.total() >= upper)

    def solve(failures: frozenset[int], part: Clock) -> None:
        share = Fraction(len(failures), len(alone))
        found = bound_over(instance, part, options, failures, share=share)
        partition.put(Group(failures=failures, bound=found))

    paying = _Paying(instance=instance, known=known)
    for _ in range(2):
        waiting = [group.failures for group in partition.groups if not group.bound.tight]
        part = clock.part(ALONE)
        for number, failures in enumerate(waiting):
            # A plan without transfers there says that the least is 0, but for the price of storage.
            if not done() and (options.stored_cost or failures & paying.failures()):
                solve(failures, part.part(1 / (len(waiting) - number)))
    while len(partition.groups) > 1 and not done():
        pay = [group for group in partition.groups if group.failures & paying.failures()]
        if not pay and not options.stored_cost:
            break
        joins = (len(pay) if len(pay) > 1 else len(partition.groups)) - 1
        solve(_nearest(partition.groups, pay, shared), clock.part(min(GENEROUS / joins, 1)))
    return partition.total()


@dataclass(slots=True, kw_only=True, eq=False)
class _Paying:
    """In which failures the best plan so far transfers anything; in all while there is none."""

    instance: Instance
    known: Callable[[], Placement | None]
    seen: Placement | None = None
    found: frozenset[int] = frozenset()

    def failures(self) -> frozenset[int]:
        plan = self.known()
        if plan is None:
            return frozenset(range(len(self.instance.weight)))
        if plan is not self.seen:
            recovered = recoveries(self.instance.cluster, plan)
            pays = (at for at, recovery in enumerate(recovered) if recovery.transfer_bytes)
            self.seen, self.found = plan, frozenset(pays)
        return self.found


def _shared_bytes(instance: Instance) -> dict[frozenset[int], int]:
    """Give the bytes of diffs that two failures both ask for."""
    shared: dict[frozenset[int], int] = defaultdict(int)
    for diff, pairs in instance.dependents().items():
        for two in combinations(sorted({failure for failure, _ in pairs}), 2):
            shared[frozenset(two)] += instance.size[diff]
    return shared


def _nearest(
    groups: list[Group], pay: list[Group], shared: Mapping[frozenset[int], int]
) -> frozenset[int]:
    """Join the two groups that share most for each failure in them, the small ones first.

    Those that pay come before all others: where nothing is transferred there is little to prove.
    """

    def nearness(two: tuple[Group, Group]) -> tuple[int, int, float]:
        one, other = two[0].failures, two[1].failures
        bytes_ = sum(shared.get(frozenset((a, b)), 0) for a in one for b in other)
        idle = sum(group not in pay for group in two)
        return idle, len(one) + len(other), -bytes_ / (len(one) * len(other))

    one, other = min(combinations(groups, 2), key=nearness)
    return one.failures | other.failures
