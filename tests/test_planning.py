from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import Infeasible, InvalidInput, NoPlan, SolverUnavailable
from spareplace.generate import generate_cluster
from spareplace.options import Method
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Plan
from spareplace.planning import plan
from spareplace.solvers import SOLVERS, load
from spareplace.testing import clusters, feasible_clusters
from spareplace.watching import Progress
from tests.brute_force import best_by_enumeration, best_leaving_out
from tests.examples import GB, paper, three_servers

Item = TypeVar("Item")


def _exactly(cluster: Cluster, max_pieces: int) -> Plan:
    return plan(cluster, method="milp", time_limit=30, workers=1, max_pieces=max_pieces)


@settings(max_examples=120)
@given(cluster=clusters())
def test_milp_with_whole_copies_equals_enumeration(cluster: Cluster) -> None:
    """In the expected transfer, and among plans that have it in the bytes stored."""
    best = best_by_enumeration(cluster)
    if best is None:
        with pytest.raises(Infeasible):
            _exactly(cluster, max_pieces=1)
        return
    found = _exactly(cluster, max_pieces=1)
    assert found.status == "optimal"
    assert (found.expected_transfer_bytes, found.stored_bytes) == (float(best[0]), best[1])


@settings(max_examples=40)
@given(cluster=clusters())
def test_milp_with_pieces_is_never_worse_than_with_whole_copies(cluster: Cluster) -> None:
    best = best_by_enumeration(cluster)
    assume(best is not None)
    assert best is not None
    found = _exactly(cluster, max_pieces=3)
    assert found.status == "optimal"
    assert found.expected_transfer_bytes <= float(best[0])


@settings(max_examples=60)
@given(cluster=clusters())
def test_the_fewest_vms_are_left_out_at_the_highest_priority_first(cluster: Cluster) -> None:
    """Then least is transferred, and of plans alike in both, least is stored."""
    counts, value, stored = best_leaving_out(cluster)
    found = plan(
        cluster, method="milp", time_limit=30, workers=1, max_pieces=1, allow_unprotected=True
    )
    priority = {vm.name: vm.priority for vm in cluster.vms}
    levels = sorted({vm.priority for vm in cluster.vms if vm.protect}, reverse=True)
    left_out = [priority[pair.vm] for pair in found.unprotected]
    assert tuple(left_out.count(level) for level in levels) == counts
    assert found.status == "optimal"
    assert (found.expected_transfer_bytes, found.stored_bytes) == (float(value), stored)
    assert all(pair.reason for pair in found.unprotected)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_proves_the_papers_example_free_of_transfers(solver: str) -> None:
    _skip_if_absent(solver)
    found = plan(paper(), method="milp", solver=solver, time_limit=60)
    assert found.status == "optimal"
    assert found.expected_transfer_bytes == found.lower_bound_bytes == 0
    assert found.solver is not None
    assert found.solver.startswith(solver)


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "cp-sat"])
@settings(max_examples=6)
@given(cluster=feasible_clusters())
def test_every_solver_agrees_on_the_value(solver: str, cluster: Cluster) -> None:
    _skip_if_absent(solver)
    expected = _exactly(cluster, max_pieces=2)
    found = plan(cluster, method="milp", solver=solver, time_limit=30, workers=1, max_pieces=2)
    assert found.expected_transfer_bytes == pytest.approx(expected.expected_transfer_bytes)
    assert found.status == "optimal"


def _skip_if_absent(solver: str) -> None:
    try:
        load(solver)
    except SolverUnavailable as absent:
        pytest.skip(str(absent))


@settings(max_examples=40)
@given(cluster=feasible_clusters(), more=st.integers(0, 30), data=st.data())
def test_more_disk_never_costs_more(cluster: Cluster, more: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(cluster.servers) - 1))
    before = _exactly(cluster, max_pieces=2)
    servers = list(cluster.servers)
    servers[at] = replace(servers[at], disk=servers[at].disk + more * 2**20)
    after = _exactly(replace(cluster, servers=tuple(servers)), max_pieces=2)
    assert after.expected_transfer_bytes <= before.expected_transfer_bytes


@settings(max_examples=40)
@given(cluster=feasible_clusters(), seed=st.integers(0, 999))
def test_renaming_and_reordering_leave_the_proven_value_unchanged(
    cluster: Cluster, seed: int
) -> None:
    changed = _renamed(cluster, random.Random(seed))
    assert (
        _exactly(cluster, max_pieces=2).expected_transfer_bytes
        == _exactly(changed, max_pieces=2).expected_transfer_bytes
    )


def _renamed(cluster: Cluster, chance: random.Random) -> Cluster:
    def shuffled(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(chance.sample(items, len(items)))

    return Cluster(
        servers=shuffled(
            tuple(
                replace(
                    server,
                    name=f"S {server.name}",
                    resident=tuple(f"D {d}" for d in server.resident),
                )
                for server in cluster.servers
            )
        ),
        diffs=shuffled(
            tuple(
                replace(diff, name=f"D {diff.name}", parent=diff.parent and f"D {diff.parent}")
                for diff in cluster.diffs
            )
        ),
        vms=shuffled(
            tuple(
                replace(
                    vm,
                    name=f"V {vm.name}",
                    server=f"S {vm.server}",
                    diff=vm.diff and f"D {vm.diff}",
                    groups=tuple(f"G {group}" for group in vm.groups),
                    allowed_servers=vm.allowed_servers
                    and tuple(f"S {name}" for name in vm.allowed_servers),
                )
                for vm in cluster.vms
            )
        ),
        failures=shuffled(
            tuple(
                replace(
                    failure,
                    name=f"F {failure.name}",
                    servers=tuple(f"S {name}" for name in failure.servers),
                )
                for failure in cluster.failures
            )
        ),
    )


@settings(max_examples=30)
@given(cluster=clusters())
def test_auto_is_never_worse_than_greedy(cluster: Cluster) -> None:
    try:
        greedy = plan(cluster, method="greedy")
    except (NoPlan, Infeasible):
        return
    auto = plan(cluster, time_limit=20, workers=1)
    assert auto.expected_transfer_bytes <= greedy.expected_transfer_bytes


def test_the_same_seed_gives_the_same_plan_when_no_clock_cut_it() -> None:
    def once() -> Plan:
        return replace(plan(paper(), time_limit=None, workers=1, seed=7), seconds=0.0)

    assert once() == once()


def test_methods_of_the_paper_cost_what_the_design_says() -> None:
    costs: dict[Method, float] = {"level": 27.5, "greedy": 15.0, "milp": 0.0}
    for method, expected in costs.items():
        assert plan(paper(), method=method).expected_transfer_bytes == expected * GB


def test_a_plan_says_which_method_and_solver_made_it() -> None:
    assert (plan(paper(), method="greedy").method, plan(paper(), method="greedy").solver) == (
        "greedy",
        None,
    )
    for method in ("milp", "search"):
        found = plan(paper(), method=method)
        assert found.method == method
        assert found.solver is not None
        assert found.solver.startswith("cp-sat")


def test_the_bound_is_always_reported() -> None:
    assert plan(paper(), method="greedy").lower_bound_bytes == 0


def test_splitting_stores_what_no_server_has_room_for_whole() -> None:
    """In MiB: b and c have 39 each, base takes 40, web 10 where it is rebuilt.

    Its server has room for 29 of the 45 of its chain; the other 16 are transferred, in one
    failure of three.
    """
    mib = 2**20
    cluster = Cluster(
        servers=tuple(
            Server(name=name, disk=disk * mib) for name, disk in (("a", 100), ("b", 39), ("c", 39))
        ),
        diffs=(Diff(name="base", size=40 * mib), Diff(name="top", size=5 * mib, parent="base")),
        vms=(VM(name="web", server="a", diff="top", disk=10 * mib),),
    )
    with pytest.raises(Infeasible):
        _exactly(cluster, max_pieces=1)
    found = _exactly(cluster, max_pieces=2)
    assert found.status == "optimal"
    assert found.recovery("a").transfer_bytes == 16 * mib


def test_weights_count_as_the_decimals_that_they_are_written_as() -> None:
    cluster = three_servers(b=14, c=49)
    failures = (Failure(name="a", servers=("a",), weight=0.1),)
    cluster = replace(
        cluster,
        failures=failures,
        servers=(
            cluster.servers[0],
            cluster.servers[1],
            replace(cluster.servers[2], accept_rebuilds=False),
        ),
    )
    # c keeps both diffs (45 of 49) and b, with 4 left beside web, nothing: 45 are transferred.
    found = _exactly(cluster, max_pieces=1)
    assert Fraction(repr(found.expected_transfer_bytes)) == Fraction(45, 10)


@pytest.mark.parametrize(
    ("change", "failure", "server", "resource", "missing"),
    [
        (lambda: three_servers(b=30, c=5), "a", None, "disk", "5"),
        (lambda: _with_memory(4, 3, 3), "a", "b", "memory", "1"),
        (lambda: _with_memory(4, 0, 0), "a", "b", "memory", "4"),
    ],
)
def test_what_is_short_is_named_with_its_amount(
    change: Callable[[], Cluster], failure: str, server: str | None, resource: str, missing: str
) -> None:
    with pytest.raises(Infeasible) as caught:
        plan(change())
    first = caught.value.shortages[0]
    assert (first.failure, first.server, first.resource) == (failure, server, resource)
    assert first.missing == Decimal(missing)
    assert resource in str(caught.value)


def _with_memory(demand: int, on_b: int, on_c: int) -> Cluster:
    """VM web needs memory; a has plenty, b and c as much as said."""
    amounts = {"a": 100, "b": on_b, "c": on_c}
    return Cluster(
        servers=tuple(
            Server(name=name, disk=100, capacity={"memory": amount})
            for name, amount in amounts.items()
        ),
        vms=(VM(name="web", server="a", demand={"memory": demand}),),
    )


def test_a_packing_that_does_not_go_is_proven_and_its_excess_is_least() -> None:
    """3 + 3 + 2 and 5 + 3 leave room in sum, yet three VMs of 3 go into 5 and 4 only once each."""
    cluster = Cluster(
        servers=(
            Server(name="a", disk=1, capacity={"memory": 9}),
            Server(name="b", disk=1, capacity={"memory": 5}),
            Server(name="c", disk=1, capacity={"memory": 4}),
        ),
        vms=tuple(VM(name=f"vm{n}", server="a", demand={"memory": 3}) for n in range(3)),
        failures=(Failure(name="a", servers=("a",), weight=1.0),),
    )
    with pytest.raises(Infeasible) as caught:
        plan(cluster)
    (shortage,) = caught.value.shortages
    # Two of them take 6: on b that is one too many, on c two.
    assert (shortage.server, shortage.resource, shortage.missing) == ("b", "memory", Decimal(1))


def _packing() -> Cluster:
    """Five VMs of 10^14 times 5, 4, 3, 6, 6 and some 10^-30 fill two servers to the last digit."""
    exact = Context(prec=100)

    def amount(large: int, small: int) -> Decimal:
        return exact.add(Decimal(large * 10**14), exact.multiply(Decimal(small), Decimal("1e-30")))

    pairs = ((5, 1), (4, 2), (3, 3), (6, 3), (6, 3))
    room = {"cpu": amount(12, 6)}
    return Cluster(
        servers=(
            Server(name="x", disk=1),
            Server(name="y", disk=1, capacity=room),
            Server(name="z", disk=1, capacity=room),
        ),
        vms=tuple(
            VM(name=f"vm{at}", server="x", demand={"cpu": amount(*pair)})
            for at, pair in enumerate(pairs)
        ),
        failures=(Failure(name="x", servers=("x",), weight=1.0),),
    )


@pytest.mark.parametrize("allow_unprotected", [False, True])
def test_amounts_of_45_digits_are_packed_to_the_last_one(allow_unprotected: bool) -> None:
    found = plan(_packing(), method="milp", allow_unprotected=allow_unprotected)
    assert (found.status, found.unprotected) == ("optimal", ())


def test_what_running_vms_take_too_much_is_part_of_what_is_short() -> None:
    """On b run 20 of 10: to take 5 more it lacks 15."""
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=1, capacity={"cpu": 10}) for name in "ab"),
        vms=(
            VM(name="web", server="a", demand={"cpu": 5}),
            VM(name="crowd", server="b", demand={"cpu": 20}, protect=False),
        ),
    )
    with pytest.raises(Infeasible) as caught:
        plan(cluster)
    assert caught.value.shortages[0].missing == 15


def test_a_weight_of_the_smallest_float_makes_a_plan() -> None:
    failures = (Failure(name="a", servers=("a",), weight=5e-324),)
    assert plan(replace(three_servers(b=14), failures=failures)).unprotected == ()


def test_a_failure_of_all_servers_leaves_no_survivors() -> None:
    cluster = replace(
        three_servers(), failures=(Failure(name="all", servers=("a", "b", "c"), weight=1.0),)
    )
    with pytest.raises(Infeasible, match="no server survives"):
        plan(cluster)
    found = plan(cluster, allow_unprotected=True)
    assert [(pair.vm, pair.failure) for pair in found.unprotected] == [("web", "all")]
    assert found.status == "optimal"


def test_an_overcommitted_server_is_no_reason_to_refuse_and_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cluster = three_servers()
    crowd = VM(name="crowd", server="c", disk=200, protect=False)
    cluster = replace(cluster, vms=(*cluster.vms, crowd))
    with caplog.at_level(logging.WARNING):
        found = plan(cluster)
    assert "'c' lacks 100 of disk" in caplog.text
    assert found.stored_on("c") == ()


def test_a_limit_on_what_is_stored_is_kept() -> None:
    assert plan(paper(), stored_limit=210 * GB, workers=1).stored_bytes <= 210 * GB
    with pytest.raises(Infeasible, match="stored_limit"):
        plan(paper(), stored_limit=100 * GB)


@pytest.mark.parametrize(("price", "stored", "transferred"), [(0.0, 90, 0), (0.7, 45, 90)])
def test_a_price_on_storage_buys_only_copies_that_save_more_than_they_cost(
    price: float, stored: int, transferred: int
) -> None:
    """b takes no rebuilds: a and c need the 45 of the chain once each, in one failure of three.

    One copy of it on b costs 45 x 0.7 + 2 x 45 / 3 = 61.5; copies on a and c cost 90 x 0.7 = 63.
    """
    cluster = Cluster(
        servers=(
            Server(name="a", disk=200),
            Server(name="b", disk=200, accept_rebuilds=False),
            Server(name="c", disk=200),
        ),
        diffs=(Diff(name="base", size=40), Diff(name="top", size=5, parent="base")),
        vms=(VM(name="web", server="a", diff="top"), VM(name="db", server="c", diff="top")),
    )
    found = plan(cluster, stored_cost=price)
    assert found.stored_bytes == stored
    assert sum(recovery.transfer_bytes for recovery in found.recoveries) == transferred
    assert found.status == "optimal"


def test_a_limit_of_no_time_gives_no_plan_at_once() -> None:
    with pytest.raises(NoPlan):
        plan(paper(), time_limit=0)


def test_options_that_cannot_be_are_all_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(paper(), method="gredy", time_limit=-1, max_pieces=0)  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [
        "method",
        "time_limit",
        "max_pieces",
    ]
    assert "did you mean 'greedy'?" in str(caught.value)


def test_an_unknown_solver_is_refused_before_anything_is_planned() -> None:
    with pytest.raises(SolverUnavailable, match="cp-sat"):
        plan(paper(), solver="cp-sta")


def test_progress_is_told_and_may_stop_the_search() -> None:
    told: list[Progress] = []

    def watch(progress: Progress) -> bool:
        told.append(progress)
        return progress.incumbent is not None

    found = plan(paper(), progress=watch)
    assert told[-1].incumbent is not None
    assert found.expected_transfer_bytes <= 15 * GB


def test_it_can_be_called_from_several_threads() -> None:
    found: list[float] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(plan(paper(), workers=1).expected_transfer_bytes)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0, 0, 0]
    assert threading.active_count() < 5


def test_nothing_is_written_to_stdout_or_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    plan(paper())
    assert capfd.readouterr() == ("", "")


def test_without_a_time_limit_auto_ends_with_its_iterations() -> None:
    """The models of this cluster are not solved in minutes, and it is no tiny one."""
    cluster = generate_cluster(servers=5, vms_per_server=4, disk_slack=1.0, seed=3)
    found = plan(cluster, iterations=0, time_limit=None, workers=1)
    assert found.status == "feasible"
