"""How many new VMs fit, and where: what fits is searched, what does not is proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from spareplace.explaining.deciding import Answer, Judge
from spareplace.explaining.homes import Homes, Newcomers, all_homes, homes_of, one_more

LARGEST = 10_000
"""More VMs than that are not counted."""

MOST_WAYS = 2_000
"""So many ways to run one VM more are ruled out one by one, before that is given up."""

OneMore: TypeAlias = Literal["infeasible", "not found", "not counted"]
"""``infeasible``: proven for every choice of the servers that the new VMs would run on. ``not
found``: some choices were not tried, or not answered in time. ``not counted``: 10,000 fit."""


@dataclass(slots=True, kw_only=True, eq=False)
class HomeSearch:
    """What is known of homes: what fits, and what is proven not to."""

    new: Newcomers
    judge: Judge
    answers: dict[Homes, Answer] = field(default_factory=dict)
    impossible: list[Homes] = field(default_factory=list)

    def fits(self, homes: Homes) -> Answer:
        """Tell whether so many new VMs on each server leave everything protected."""
        if homes not in self.answers:
            if any(_within(less, homes) for less in self.impossible):
                self.answers[homes] = False
            else:
                answer = self.judge.is_feasible(self.new.added(homes))
                self.answers[homes] = answer
                if answer is False:
                    self.impossible.append(homes)
        return self.answers[homes]

    def doubled(self) -> Homes:
        """Spread as many VMs as are found to fit: double their number, then halve the steps."""
        servers = len(self.new.most)
        order = self.new.spread(LARGEST)

        def fits(count: int) -> bool:
            return bool(self.fits(homes_of(order[:count], servers)))

        good, step = 0, 1
        while good + step <= len(order) and fits(good + step):
            good, step = good + step, 2 * step
        bad = min(good + step, len(order) + 1)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if fits(middle) else (good, middle)
        return homes_of(order[:good], servers)

    def beyond(self, homes: Homes) -> tuple[Homes | None, OneMore]:
        """Find homes for one VM more, or rule them all out, the nearest ones first."""
        unknown = False
        for near in one_more(homes, self.new.most):
            answer = self.fits(near)
            if answer:
                return near, "not found"
            unknown |= answer is None
        for tried, other in enumerate(all_homes(sum(homes) + 1, self.new.most)):
            if tried >= MOST_WAYS or self.judge.clock.over():
                return None, "not found"
            answer = self.fits(other)
            if answer:
                return other, "not found"
            unknown |= answer is None
        return None, "not found" if unknown else "infeasible"


def _within(less: Homes, more: Homes) -> bool:
    """Tell whether the second has at least as many VMs on every server: it takes no less."""
    return all(one <= other for one, other in zip(less, more, strict=True))
