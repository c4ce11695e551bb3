from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.cli.columns import width
from spareplace.cli.summary import MOST_ROWS, gap_shown, progress_line, summary
from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, NoPlan
from spareplace.failures import pair_failures
from spareplace.parts import VM, Server
from spareplace.placement import Plan, Unprotected
from spareplace.planning import plan
from spareplace.testing import clusters
from spareplace.watching import Progress
from tests.examples import three_servers


def _planned(cluster: Cluster) -> Plan:
    return plan(cluster, method="level")


def test_every_figure_of_a_plan_is_told() -> None:
    """Base lies on b, and so top on c, which is freer then; b lacks top when a fails.

    On b 100 less 40 for base and 10 for web are left.
    """
    cluster = three_servers()
    text = summary(cluster, replace(_planned(cluster), seconds=1.25))
    assert text.splitlines()[:7] == [
        "status             feasible: the expected transfer is not proven least",
        "method             level",
        "expected transfer  1.67 B",
        "lower bound        0 B",
        "gap                100 %",
        "stored             45 B, 1 x the 45 B that rebuilds need",
        "time               1.25 s",
    ]
    assert ["a", "0.3333", "1", "5", "B"] in [line.split() for line in text.splitlines()]
    assert "disk      50 B of 100 B  b          a" in text


def test_the_costliest_failures_come_first_and_the_rest_is_counted() -> None:
    names = [f"s{number:02}" for number in range(8)]
    cluster = Cluster(servers=tuple(Server(name=name, disk=9) for name in names))
    cluster = replace(cluster, failures=pair_failures(cluster.servers))
    found = _planned(cluster)
    costs = {
        recovery.failure: replace(recovery, weight=0.5, transfer_bytes=number)
        for number, recovery in enumerate(found.recoveries)
    }
    text = summary(cluster, replace(found, recoveries=tuple(costs.values())))
    shown = [line for line in text.splitlines() if " + " in line]
    assert len(shown) == MOST_ROWS
    assert shown[0].split() == ["s06", "+", "s07", "0.5", "0", "27", "B"]
    assert "and 8 more failures, each with at most 7 B" in text


def test_a_failure_that_weighs_more_costs_more() -> None:
    cluster = three_servers()
    found = _planned(cluster)
    weights = (0.01, 0.9, 0.09)
    recoveries = tuple(
        replace(recovery, weight=weight, transfer_bytes=100)
        for recovery, weight in zip(found.recoveries, weights, strict=True)
    )
    text = summary(cluster, replace(found, recoveries=recoveries))
    order = [line[0] for line in text.splitlines() if line.endswith("100 B") and line[1] == " "]
    assert order == ["b", "c", "a"]


def test_resources_are_told_without_a_unit() -> None:
    capacity = {"memory": 101 * 10**9, "cpu": 2.5}
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=9, capacity=capacity) for name in "ab"),
        vms=(VM(name="web", server="a", demand={"memory": 99 * 10**9, "cpu": 2}),),
    )
    lines = [line.split("  ") for line in summary(cluster, _planned(cluster)).splitlines()]
    told = {
        line[0]: [cell.strip() for cell in line[1:] if cell] for line in lines if line[-1] == "a"
    }
    assert told == {"memory": ["2 G of 101 G", "b", "a"], "cpu": ["0.5 of 2.5", "b", "a"]}


def test_many_unprotected_vms_are_counted() -> None:
    cluster = three_servers()
    pairs = tuple(
        Unprotected(vm=f"vm{number}", failure="a", reason="no server has room " * 9)
        for number in range(MOST_ROWS + 3)
    )
    text = summary(cluster, replace(_planned(cluster), unprotected=pairs))
    assert "unprotected: 23 (VM, failure) pairs" in text
    assert "  vm19 in a\n" in text
    assert "vm20" not in text
    assert text.count("no server has room") == 9  # once, since the reason is the same
    assert text.endswith("  and 3 more")


def test_a_plan_without_a_bound_says_so() -> None:
    cluster = three_servers()
    text = summary(cluster, replace(_planned(cluster), lower_bound_bytes=None, status="feasible"))
    assert "lower bound        none proven" in text
    assert "gap                unknown" in text
    assert "feasible: the expected transfer is not proven least" in text


def _long_names(name: str) -> tuple[Cluster, Plan]:
    vm = VM(name=name, server=name, disk=1, demand={name: 1})
    capacity = {name: 10**15 + 0.5}
    long = Cluster(
        servers=(
            Server(name=name, disk=10**15, capacity=capacity),
            Server(name=name + "2", disk=10**15, capacity=capacity),
        ),
        vms=(vm,),
    )
    return long, replace(_planned(long), method=name, solver=name)


@settings(max_examples=30)
@given(name=st.text(min_size=1, max_size=100))
def test_any_names_fit_on_80_columns_and_cannot_act(name: str) -> None:
    cluster, found = _long_names(name)
    lines = summary(cluster, found).splitlines()
    assert all(width(line) <= 80 for line in lines)
    assert all(line.isprintable() for line in lines)


@settings(max_examples=40)
@given(cluster=clusters())
def test_every_plan_can_be_told(cluster: Cluster) -> None:
    try:
        found = plan(cluster, method="greedy", allow_unprotected=True)
    except (NoPlan, Infeasible):
        assume(False)
    assert all(width(line) <= 80 for line in summary(cluster, found).splitlines())


@pytest.mark.parametrize(
    ("gap", "shown"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.5, "50 %"), (0.00012, "0.012 %"), (0.00001, "under 0.01 %")],
)
def test_a_gap_is_told_in_percent(gap: float, shown: str) -> None:
    assert gap_shown(gap) == shown


def test_progress_is_one_line() -> None:
    before = Progress(seconds=0.04, incumbent=None, bound=0.0)
    assert progress_line(before) == "0.0 s  best none yet  bound 0 B  gap unknown"
    later = Progress(seconds=61.25, incumbent=27.5e9, bound=22e9)
    assert progress_line(later) == "61.2 s  best 27.5 GB  bound 22 GB  gap 20 %"
