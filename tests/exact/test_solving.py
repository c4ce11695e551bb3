from __future__ import annotations

from dataclasses import dataclass, replace

from spareplace.clock import Clock
from spareplace.exact.solving import solve_exactly
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.options import Options
from tests.examples import three_servers


@dataclass(frozen=True, slots=True, kw_only=True)
class _OverAtThirdLook(Clock):
    """A clock that runs out once the model of whole copies is built and solved."""

    looks: list[int]

    def over(self) -> bool:
        self.looks.append(1)
        return len(self.looks) > 2


def test_what_whole_copies_gave_is_kept_when_the_larger_model_is_not_built_in_time() -> None:
    """Both models look at the clock at their first column; the start leaves nothing to solve."""
    instance = number(three_servers())
    start = greedy(instance, Clock())
    clock = _OverAtThirdLook(looks=[1])
    found = solve_exactly(instance, clock, Options(workers=1), start, lambda *_: None)
    assert found.placement is not None
    assert found.placement.stored == start.stored
    assert found.bound == 0
    assert not found.fewest_proven
    assert replace(found, placement=None).infeasible is False
