from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.generate import generate_cluster
from spareplace.lifecycle.simulating.chances import moments, weighted
from spareplace.lifecycle.simulating.events import Arrives, Fails, Leaves, Renews, Returns, kind_of
from spareplace.lifecycle.simulating.rates import Rates
from spareplace.lifecycle.simulating.script import draw_script
from spareplace.parts import Failure

CLUSTER = generate_cluster(servers=3, vms_per_server=2, load=0.4, disk_slack=1.6)


def test_the_same_seed_gives_the_same_script_and_another_one_another() -> None:
    assert draw_script(CLUSTER, Rates(), 1) == draw_script(CLUSTER, Rates(), 1)
    assert draw_script(CLUSTER, Rates(), 1) != draw_script(CLUSTER, Rates(), 2)


def test_another_rate_of_new_vms_changes_no_failure_and_no_drain() -> None:
    def outages(rates: Rates) -> list[object]:
        script = draw_script(CLUSTER, rates, 3)
        return [event for event in script if kind_of(event) in ("failure", "return", "drain")]

    assert outages(Rates(registrations_per_day=0)) == outages(Rates(registrations_per_day=5))


def test_events_stand_in_the_order_of_time_and_before_the_end() -> None:
    rates = Rates(months=3, failures_per_month=9)
    hours = [event.hours for event in draw_script(CLUSTER, rates, 4)]
    assert hours == sorted(hours)
    assert 0 < hours[0] < hours[-1] < rates.hours


def test_a_return_comes_after_its_failure() -> None:
    script = draw_script(CLUSTER, Rates(failures_per_month=20, repair_hours=0), 5)
    gone = set()
    for event in script:
        if isinstance(event, Fails):
            gone.add(event.outage)
        elif isinstance(event, Returns) and event.outage % 2 == 0:
            assert event.outage in gone


def test_who_changes_or_leaves_was_there_and_stays_away() -> None:
    present = {vm.name for vm in CLUSTER.vms}
    diffs = {diff.name for diff in CLUSTER.diffs}
    for event in draw_script(CLUSTER, Rates(registrations_per_day=2, departures_per_day=2), 6):
        if isinstance(event, Arrives):
            assert event.vm.name not in present
            assert event.diff is not None
            assert event.diff.name not in diffs
            assert event.diff.parent in diffs
            present.add(event.vm.name)
            diffs.add(event.diff.name)
        elif isinstance(event, Renews):
            assert event.vm in present
            assert event.diff not in diffs
            diffs.add(event.diff)
        elif isinstance(event, Leaves):
            present.remove(event.vm)


def test_new_names_are_nobody_elses() -> None:
    taken = replace(CLUSTER.vms[0], name="new vm 1")
    cluster = replace(CLUSTER, vms=(taken, *CLUSTER.vms[1:]))
    arrivals = [it for it in draw_script(cluster, Rates(), 0) if isinstance(it, Arrives)]
    assert arrivals[0].vm.name == "new vm 2"


def test_without_a_weight_above_0_nothing_fails() -> None:
    failures = (Failure(name="a", servers=(CLUSTER.servers[0].name,), weight=0.0),)
    cluster = replace(CLUSTER, failures=failures)
    script = draw_script(cluster, Rates(failures_per_month=100), 0)
    assert not [event for event in script if isinstance(event, Fails)]


@given(st.lists(st.integers(0, 3), min_size=1).filter(any), st.integers(0, 99))
def test_what_has_no_weight_is_never_drawn(weights: list[int], seed: int) -> None:
    found = weighted(Random(seed), range(len(weights)), weights)
    assert weights[found]


def test_heavier_failures_come_more_often() -> None:
    """Of 4,000 draws with weights 1 and 3, a quarter has a standard deviation of 27."""
    random = Random(0)
    drawn = [weighted(random, "xy", [1.0, 3.0]) for _ in range(4000)]
    assert abs(drawn.count("x") - 1000) < 150


def test_events_come_at_their_rate() -> None:
    """In 10,000 hours 1,000 are due, with a standard deviation of 32."""
    assert abs(len(list(moments(Random(0), 0.1, 10_000.0))) - 1000) < 160
    assert not list(moments(Random(0), 0, 10_000.0))


def test_rates_that_make_no_sense_are_all_listed() -> None:
    with pytest.raises(InvalidInput) as caught:
        Rates(months=0, failures_per_month=-1, repair_hours=float("nan"), drain_hours=True)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["months", "failures_per_month", "repair_hours", "drain_hours"]


def test_more_events_than_memory_holds_are_refused() -> None:
    with pytest.raises(InvalidInput, match="events in the mean"):
        Rates(months=1200, generations_per_day=1000)
