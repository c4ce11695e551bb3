"""No bound is above the best plan: over all rules, in whole copies and in pieces, and priced."""

from __future__ import annotations

import logging
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace import plan
from spareplace.bounds import at_once, by_groups, by_rooms
from spareplace.bounds.relaxation import bound_over
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.heuristics.greedy import greedy
from spareplace.instance import Instance, number
from spareplace.options import Options
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Placement
from spareplace.testing import clusters_with_placements, feasible_clusters
from spareplace.units import exact_weight
from tests.brute_force import best_by_enumeration
from tests.examples import paper
from tests.milp.equals import with_equals

Bound = Callable[[Instance, Clock, Options], Fraction]

BOUNDS: list[Bound] = [at_once, by_groups, by_rooms]


def _options(max_pieces: int, stored_cost: float = 0.0, solver: str = "cp-sat") -> Options:
    return Options(workers=1, max_pieces=max_pieces, stored_cost=stored_cost, solver=solver)


@settings(max_examples=50)
@given(cluster=feasible_clusters() | with_equals(), bound=st.sampled_from(BOUNDS))
def test_no_bound_is_above_the_best_plan_of_whole_copies(cluster: Cluster, bound: Bound) -> None:
    best = best_by_enumeration(cluster)
    assume(best is not None)
    assert best is not None
    assert 0 <= bound(number(cluster), Clock(limit=20), _options(1)) <= best[0]


@settings(max_examples=25)
@given(
    cluster=feasible_clusters(max_servers=3, max_vms=4, max_diffs=4),
    bound=st.sampled_from(BOUNDS),
    price=st.sampled_from((0.0, 0.0, 0.01)),
)
def test_no_bound_is_above_the_best_plan_with_pieces(
    cluster: Cluster, bound: Bound, price: float
) -> None:
    best = plan(cluster, method="milp", workers=1, max_pieces=2, stored_cost=price, time_limit=20)
    stored = sum(extent.size for extent in best.stored)
    value = exact_weight(best.expected_transfer_bytes) + exact_weight(price) * stored
    found = bound(number(cluster), Clock(limit=20), _options(2, price))
    assert found <= value * (1 + Fraction(1, 10**12))


@settings(max_examples=6)
@given(cluster=feasible_clusters(max_servers=3, max_vms=3), bound=st.sampled_from(BOUNDS))
def test_neither_is_one_in_fractions(cluster: Cluster, bound: Bound) -> None:
    """HiGHS takes sets of VMs in fractions, which is what makes the bound by rooms fast."""
    best = best_by_enumeration(cluster)
    assert best is not None
    found = bound(number(cluster), Clock(limit=20), _options(1, solver="highs"))
    assert found <= best[0] * (1 + Fraction(1, 10**9))


@settings(max_examples=30)
@given(cluster=feasible_clusters())
def test_groups_prove_what_the_whole_relaxation_does_once_they_are_one(cluster: Cluster) -> None:
    instance = number(cluster)
    told: list[Fraction] = []
    found = by_groups(instance, Clock(), _options(2), told.append)
    assert found == at_once(instance, Clock(), _options(2))
    assert told == sorted(set(told))
    assert found == (told[-1] if told else 0)


@settings(max_examples=30)
@given(made=clusters_with_placements(), price=st.sampled_from((0.0, 0.01)))
def test_a_known_plan_says_where_groups_look_and_changes_nothing_in_the_end(
    made: tuple[Cluster, Placement], price: float
) -> None:
    cluster, known = made
    assume(not known.unprotected)
    instance, options = number(cluster), _options(1, price)
    found = by_groups(instance, Clock(), options, known=lambda: known)
    assert found == at_once(instance, Clock(), options)


def _models(caplog: pytest.LogCaptureFixture, known: Placement | None) -> int:
    """Count the models that groups of failures of the paper's example take."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "spareplace.bounds.relaxation"):
        assert by_groups(number(paper()), Clock(), _options(4), known=lambda: known) == 0
    return caplog.text.count("bound of")


def test_where_a_known_plan_transfers_nothing_there_is_nothing_to_prove(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The greedy plan transfers something when Sk or Sl fails, nothing when Si or Sj does.

    So there are models of Sk and of Sl, of both, then with one more failure and with all. Of a plan
    that is known to be the best there is none.
    """
    instance = number(paper())
    found = plan(paper(), method="search", iterations=20, workers=1)
    best = Placement(
        stored=found.stored, rebuilds={each.failure: each.rebuilds for each in found.recoveries}
    )
    assert found.expected_transfer_bytes == 0
    assert _models(caplog, None) == 4 + 3
    assert _models(caplog, greedy(instance, Clock(), max_pieces=4)) == 2 + 3
    assert _models(caplog, best) == 0


@settings(max_examples=30)
@given(cluster=feasible_clusters(), data=st.data())
def test_bounds_of_any_two_groups_add_up(cluster: Cluster, data: st.DataObject) -> None:
    instance, options = number(cluster), _options(1)
    one = {f for f in range(len(instance.lost)) if data.draw(st.booleans())}
    other = set(range(len(instance.lost))) - one
    parts = [bound_over(instance, Clock(), options, group).bytes for group in (one, other)]
    best = best_by_enumeration(cluster)
    assert best is not None
    assert sum(parts) <= best[0]


def _narrow() -> Cluster:
    """Two VMs of one master on `a`, and room on `b` and on `c` for one of them each, no more.

    A whole copy of the master beside a VM takes 10 + 10 of 15, so it is kept on `d`, which
    rebuilds nothing, and sent to both when `a` fails: 20 bytes, in one failure of four.
    """
    return Cluster(
        servers=(
            Server(name="a", disk=20),
            Server(name="b", disk=15),
            Server(name="c", disk=15),
            Server(name="d", disk=100, accept_rebuilds=False),
        ),
        diffs=(Diff(name="base", size=10),),
        vms=tuple(VM(name=f"v{n}", server="a", diff="base", disk=10) for n in range(2)),
    )


@pytest.mark.parametrize("bound", BOUNDS)
def test_what_two_targets_lack_is_counted_twice(bound: Bound) -> None:
    """Of the 15 bytes on `b` and on `c`, 5 each are left for whole copies of 10: for none."""
    assert bound(number(_narrow()), Clock(), _options(1)) == Fraction(20, 4)


@pytest.mark.parametrize("bound", BOUNDS)
def test_what_meets_a_plan_ends_the_work(bound: Bound) -> None:
    told: list[Fraction] = []
    zero = Fraction(0)
    if bound is at_once:
        assert at_once(number(_narrow()), Clock(), _options(1), zero) == 0
    else:
        bound(number(_narrow()), Clock(), _options(1), told.append, zero)  # type: ignore[call-arg]
        assert len(told) <= 1


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_clock_that_is_over_gives_nothing_and_no_error(bound: Bound) -> None:
    clock = Clock()
    clock.stop.set()
    assert bound(number(paper()), clock, _options(4)) == 0
