"""VMs that nothing tells apart: counting them keeps the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.milp.build import build
from spareplace.milp.kinds import by_kind, kinds_of, most_of
from spareplace.milp.read import read, write
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.recovery import expected_transfer, recoveries
from tests.brute_force import best_by_enumeration, best_leaving_out
from tests.examples import violations
from tests.milp.equals import with_equals
from tests.milp.solved import descended


@settings(max_examples=50)
@given(cluster=with_equals())
def test_the_optimum_of_whole_copies_is_that_of_brute_force(cluster: Cluster) -> None:
    model = build(number(cluster), Clock(), max_pieces=1, counted=True)
    found, best = descended(model), best_by_enumeration(cluster)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert found[0] == [*best]
        plan = read(model, found[1])
        assert violations(cluster, plan, 1) == ()
        assert expected_transfer(recoveries(cluster, plan)) == best[0]


@settings(max_examples=30)
@given(cluster=with_equals(max_vms=3))
def test_so_it_is_where_vms_are_left_out(cluster: Cluster) -> None:
    model = build(number(cluster), Clock(), max_pieces=1, counted=True, allow_unprotected=True)
    found = descended(model)
    assert found is not None
    left_out, transfer, stored = best_leaving_out(cluster)
    assert found[0][-2:] == [transfer, stored]
    # A priority that no lost VM has is no objective of the model.
    assert [count for count in found[0][:-2] if count] == [count for count in left_out if count]
    plan = read(model, found[1])
    assert violations(cluster, plan, 1) == ()
    assert len(plan.unprotected) == sum(left_out)


@settings(max_examples=30)
@given(cluster=with_equals(max_vms=3), in_bytes=st.booleans(), now=st.booleans())
def test_with_pieces_and_in_bytes_the_optimum_stays(
    cluster: Cluster, in_bytes: bool, now: bool
) -> None:
    """Also where something is stored today: what may change places there stores the same."""
    instance = number(cluster)
    if now:
        current = np.zeros_like(instance.resident)
        current[:, 0] = True
        instance = replace(instance, current=current)
    plain, small = (
        descended(build(instance, Clock(), max_pieces=2, in_bytes=in_bytes, counted=counted))
        for counted in (False, True)
    )
    assert (plain is None) == (small is None)
    if plain is not None and small is not None:
        assert plain[0] == small[0]


@settings(max_examples=80)
@given(cluster=with_equals(max_vms=5), max_pieces=st.integers(1, 4))
def test_every_plan_can_be_written_at_its_own_cost(cluster: Cluster, max_pieces: int) -> None:
    """Equal VMs may have changed places when it is read again."""
    instance = number(cluster)
    try:
        placement = greedy(instance, Clock(), max_pieces=max_pieces)
    except NoPlan:
        assume(False)
    model = build(instance, Clock(), max_pieces=max_pieces, counted=True)
    values = write(model, placement)
    assert model.milp.holds(values)
    transfer, stored = model.objectives
    cost = expected_transfer(recoveries(cluster, placement))
    assert int(transfer.coefficients @ values) * transfer.unit == cost
    assert int(stored.coefficients @ values) * stored.unit == placement.stored_bytes
    back = read(model, values)
    assert violations(cluster, back, max_pieces) == ()
    assert expected_transfer(recoveries(cluster, back)) == cost


def _racks() -> Cluster:
    """Three equal VMs and a larger one on a and b, which fail together; c to e run nothing."""
    vm = VM(name="v", server="a", diff="base", disk=10)
    return Cluster(
        servers=tuple(Server(name=name, disk=40) for name in "abcde"),
        diffs=(Diff(name="base", size=20),),
        vms=(
            replace(vm, name="u"),
            vm,
            replace(vm, name="w", server="b"),
            replace(vm, name="x", disk=11),
        ),
        failures=(Failure(name="rack", servers=("a", "b"), weight=1.0),),
    )


def test_equal_vms_of_one_failure_are_counted() -> None:
    """Also those of two servers that fail together: on c, d and e there is room for three each."""
    instance = number(_racks())
    assert kinds_of(instance) == (0, 0, 0, 3)
    assert [*by_kind((1, 2, 3), kinds_of(instance))] == [(1, 2), (3,)]
    model = build(instance, Clock(), max_pieces=1, counted=True)
    rebuilds = {name: at for at, name in enumerate(model.milp.columns) if "rebuild" in name}
    assert [*rebuilds] == [f"rebuild[rack,{vm},{server}]" for vm in "ux" for server in "cde"]
    assert model.milp.upper[rebuilds["rebuild[rack,u,c]"]] == 3
    assert model.milp.upper[rebuilds["rebuild[rack,x,c]"]] == 1
    need = model.milp.columns.index("need[rack,base,c]")
    assert model.milp.choice[need]  # a fraction would do for one VM of three


def test_whatever_tells_vms_apart_makes_another_kind() -> None:
    same = VM(name="v", server="a", diff="base", disk=1)
    others = (
        replace(same, name="disk", disk=2),
        replace(same, name="cpu", demand={"cpu": 1}),
        replace(same, name="chain", diff="top"),
        replace(same, name="group", groups=("g",)),
        replace(same, name="servers", allowed_servers=("a", "b")),
        replace(same, name="priority", priority=1),
    )
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=40, capacity={"cpu": 4}) for name in "abc"),
        diffs=(Diff(name="base", size=20), Diff(name="top", size=5, parent="base")),
        vms=(same, *others, replace(same, name="twin")),
    )
    assert kinds_of(number(cluster)) == (0, 1, 2, 3, 4, 5, 6, 0)


def test_of_a_group_one_fits_and_else_as_many_as_the_scarcest_resource_lets() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=40), Server(name="b", disk=35, capacity={"cpu": 2})),
        vms=(
            VM(name="v", server="a", disk=10),
            VM(name="w", server="a", disk=10, demand={"cpu": 1}),
            VM(name="x", server="a", disk=10, groups=("g",)),
            VM(name="y", server="a"),
        ),
    )
    instance = number(cluster)
    assert [most_of(instance, vm, 1, 9) for vm in range(4)] == [3, 2, 1, 9]


def test_a_host_that_can_never_take_a_vm_is_no_target() -> None:
    """b is too small, c accepts none: they may keep copies. d may do neither and has no column."""
    cluster = Cluster(
        servers=(
            Server(name="a", disk=99),
            Server(name="b", disk=30),
            Server(name="c", disk=99, accept_rebuilds=False),
            Server(name="d", disk=19),
            Server(name="e", disk=99),
        ),
        diffs=(Diff(name="base", size=20),),
        vms=(VM(name="v", server="a", diff="base", disk=40),),
    )
    columns = build(number(cluster), Clock(), max_pieces=1).milp.columns
    assert [name for name in columns if name.startswith(("rebuild", "need", "fetch"))] == [
        "rebuild[a,v,e]",
        "need[a,base,e]",
        "fetch[a,base,e]",
    ]
    assert [name for name in columns if name.endswith((",b]", ",c]"))] == [
        "keep[base,0,b]",
        "keep[base,0,c]",
    ]
    assert not [name for name in columns if name.endswith((",d]", "[d]"))]
