from __future__ import annotations

from spareplace.clock import Clock
from spareplace.exact.descent import descend
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.milp.build import build
from spareplace.options import Options
from spareplace.placement import Placement, Unprotected
from tests.examples import three_servers


def test_a_stop_before_the_first_solve_proves_nothing() -> None:
    model = build(number(three_servers()), Clock(), max_pieces=1, allow_unprotected=True)
    clock = Clock()
    clock.stop.set()
    left_out = Placement(unprotected=(Unprotected(vm="web", failure="a", reason="a test"),))
    found = descend(model, clock, Options(allow_unprotected=True), left_out, lambda *_: None)
    assert not found.fewest_proven
    assert found.bound == 0


def test_an_objective_that_is_nothing_needs_no_solver() -> None:
    """The start stores both diffs on b and transfers nothing; only ties are left to solve."""
    instance = number(three_servers())
    start = greedy(instance, Clock())
    model = build(instance, Clock(), max_pieces=1)
    found = descend(model, Clock(), Options(solver="a solver that is not there"), start, _silent)
    assert found.values is not None
    assert found.bound == 0


def _silent(*_: object) -> None:
    pass
