"""Near the best plan: what is found costs less and keeps every rule, and starts are told right."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings

from spareplace.bounds import recombining
from spareplace.bounds.counting import counted
from spareplace.bounds.likely import likely
from spareplace.bounds.recombining import recombine
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.generate import generate_cluster
from spareplace.goals import judged
from spareplace.heuristics.greedy import greedy
from spareplace.heuristics.level import level
from spareplace.instance import number
from spareplace.milp.build import Model, build
from spareplace.milp.merging import merged
from spareplace.options import Options
from spareplace.placement import Placement, Unprotected
from spareplace.recovery import Needs
from spareplace.testing import feasible_clusters
from spareplace.watching import Best
from tests.examples import violations


def in_bytes(cluster: Cluster, max_pieces: int = 4) -> Model:
    small = merged(number(cluster).cuttable(), max_pieces)
    return build(small, Clock(), max_pieces=max_pieces, in_bytes=True)


def expected(cluster: Cluster, plan: Placement) -> Fraction:
    return judged("transfer", Needs.of(cluster), plan)[0]


def recombined(cluster: Cluster, start: Placement, **options: object) -> Best:
    """Give the best plan near a start, after a few tries."""
    best = Best(cluster=cluster)
    best.offer(start, "start")
    recombine(
        number(cluster),
        Clock(limit=20.0),
        Options(workers=1, **options),  # type: ignore[arg-type]
        lambda: best.placement,
        lambda plan, solver: best.offer(plan, "near", solver),
    )
    return best


@pytest.mark.parametrize("method", [greedy, level])
@settings(max_examples=30)
@given(cluster=feasible_clusters())
def test_a_plan_is_a_solution_of_the_model_in_bytes_at_its_own_cost(
    method: Callable[..., Placement], cluster: Cluster
) -> None:
    instance, model = number(cluster), in_bytes(cluster)
    try:
        plan = method(instance, Clock())
    except NoPlan:
        return
    values = counted(model, instance, plan, 4)
    assert values is not None
    goal = model.objectives[0]
    cost = int(goal.coefficients @ values) * goal.unit
    assert cost == expected(cluster, plan) or (not goal.exact and cost < expected(cluster, plan))


TIGHT = generate_cluster(servers=4, vms_per_server=3, disk_slack=1.0, load=0.5, seed=3)


def start_of(cluster: Cluster) -> Placement:
    """Give the plan of level, which is far from the best."""
    return level(number(cluster), Clock())


def test_what_is_found_costs_less_and_keeps_every_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recombining, "PATIENCE", 8)
    start = start_of(TIGHT)
    best = recombined(TIGHT, start)
    assert best.method == "near"
    assert best.value is not None
    assert best.placement is not None
    assert best.value < expected(TIGHT, start)
    assert violations(TIGHT, best.placement) == ()


def test_limits_and_prices_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recombining, "PATIENCE", 4)
    start = start_of(TIGHT)
    limit = start.stored_bytes
    for options in ({"stored_limit": limit}, {"stored_cost": 0.01}, {"max_pieces": 1}):
        best = recombined(TIGHT, start, **options)
        assert best.placement is not None
        assert best.placement.stored_bytes <= limit or "stored_limit" not in options
        assert violations(TIGHT, best.placement) == ()


def test_each_rebuild_keeps_its_target_and_few_have_others() -> None:
    plan, instance, model = start_of(TIGHT), number(TIGHT), in_bytes(TIGHT)
    tries = recombining._Tries(
        instance=instance, model=model, clock=Clock(limit=20.0), options=Options()
    )
    start = counted(model, instance, plan, 4)
    assert start is not None
    shares = likely(instance, plan, Clock(limit=20.0), Options())
    pairs = len(tries.ways)
    assert tries.freed(start, 0, shares) == set()
    mixed = tries.freed(start, 1, shares)
    assert mixed <= set(shares)
    assert 0 < len(mixed) <= pairs
    for tried in range(1, 6):
        freed = tries.freed(start, tried, shares)
        assert freed <= set(model.columns.rebuild)
        assert not any(start[model.columns.rebuild[key]] for key in freed)
        assert len(freed) < len(model.columns.rebuild) - pairs


def test_the_shares_of_a_rebuild_add_up_to_one() -> None:
    shares = likely(number(TIGHT), start_of(TIGHT), Clock(limit=20.0), Options())
    total: dict[tuple[int, int], float] = {}
    for (failure, vm, _), share in shares.items():
        total[failure, vm] = total.get((failure, vm), 0.0) + share
    assert len(total) == 12
    assert all(0.99 < each < 1.5 for each in total.values())


def test_without_time_or_with_too_many_rebuilds_nothing_is_likely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = start_of(TIGHT)
    assert likely(number(TIGHT), start, Clock(limit=0.0), Options()) == {}
    monkeypatch.setattr("spareplace.bounds.likely.MOST_PAIRS", 11)
    assert likely(number(TIGHT), start, Clock(limit=20.0), Options()) == {}


def test_where_there_is_no_whole_plan_nothing_is_done() -> None:
    left = Unprotected(vm=TIGHT.vms[0].name, failure=TIGHT.failures[0].name, reason="")
    for plan in (None, Placement(unprotected=(left,))):
        recombine(
            number(TIGHT),
            Clock(limit=5.0),
            Options(),
            lambda plan=plan: plan,  # type: ignore[misc]
            lambda *_: pytest.fail("a plan"),
        )
