from __future__ import annotations

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.lifecycle.recovering import recover
from spareplace.placement import Plan
from spareplace.reporting.times import NEVER, recovery_times
from tests.reporting.clusters import greedy, planned

GB = 10**9


def _with_rates(net_in: int | None, net_out: int | None) -> tuple[Cluster, Plan]:
    cluster, plan = greedy()
    servers = tuple(replace(it, net_in=net_in, net_out=net_out) for it in cluster.servers)
    cluster = replace(cluster, servers=servers)
    return cluster, planned(cluster, plan.placement)


def test_without_rates_there_are_no_times() -> None:
    cluster, plan = greedy()
    assert recovery_times(cluster, plan, frozenset({"Sk"})) == {}


def test_a_server_that_receives_20_gb_at_1_gb_a_second_is_up_after_20_seconds() -> None:
    """In Sk, Si and Sj fetch half of b0 each, from one another."""
    cluster, plan = _with_rates(net_in=GB, net_out=None)
    found = recovery_times(cluster, plan, frozenset({"Si", "Sk"}))
    assert found.keys() == {"Si", "Sk"}
    assert found["Sk"].seconds == pytest.approx(20)
    assert (found["Si"].seconds, set(found["Si"].up)) == (0.0, {"A", "B", "C"})


def test_times_are_those_of_recover_where_it_takes_the_targets_of_the_plan() -> None:
    cluster, plan = _with_rates(net_in=GB, net_out=GB // 2)
    found = recovery_times(cluster, plan, frozenset({"Sk"}))["Sk"]
    asked = recover(cluster, plan, ["Sk"])
    planned_targets = {it.vm: it.server for it in plan.recoveries[2].rebuilds}
    assert {it.vm: it.server for it in asked.rebuilds} == planned_targets
    assert {it.vm: it.seconds for it in asked.rebuilds} == dict(found.up)


def test_data_behind_a_rate_of_0_never_comes() -> None:
    cluster, plan = _with_rates(net_in=None, net_out=0)
    assert recovery_times(cluster, plan, frozenset({"Sk"}))["Sk"].seconds == NEVER
