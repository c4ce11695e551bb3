from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.heuristics.greedy import greedy
from spareplace.instance import number
from spareplace.milp.build import Model, build
from spareplace.milp.kinds import by_kind, kinds_of
from spareplace.milp.merging import merged
from spareplace.milp.model import Ints
from spareplace.milp.rooms import build_rooms
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Placement
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import clusters
from tests.milp.equals import with_equals


@settings(max_examples=100)
@given(cluster=clusters(), max_pieces=st.integers(1, 4))
def test_every_plan_keeps_the_rows_in_bytes_at_its_own_cost(
    cluster: Cluster, max_pieces: int
) -> None:
    """So no row cuts off a plan: not survival in bytes, nor that bytes are kept twice."""
    placement = _greedy(cluster, max_pieces)
    model = build(number(cluster), Clock(), max_pieces=max_pieces, in_bytes=True)
    values = _rebuilt(model, placement)
    _follow(model, placement, values)
    assert model.milp.holds(values)
    transfer = model.objectives[0]
    cost = int(transfer.coefficients @ values) * transfer.unit
    assert cost == expected_transfer(recoveries(cluster, placement))


@settings(max_examples=100)
@given(
    cluster=clusters() | with_equals(max_vms=5),
    max_pieces=st.integers(1, 4),
    levels=st.integers(2, 9),
)
def test_every_plan_keeps_the_rows_by_rooms_at_its_own_cost(
    cluster: Cluster, max_pieces: int, levels: int
) -> None:
    placement = _greedy(cluster, max_pieces)
    model = build_rooms(number(cluster), Clock(), max_pieces=max_pieces, levels=levels)
    at = {name: column for column, name in enumerate(model.milp.columns)}
    values = np.array(model.milp.lower)
    _rebuilt_in_sets(model, cluster, placement, at, values)
    _follow(model, placement, values)
    assert model.milp.holds(values)
    transfer = model.objectives[0]
    cost = int(transfer.coefficients @ values) * transfer.unit
    expected = expected_transfer(recoveries(cluster, placement))
    assert cost == expected if transfer.exact else cost <= expected


def test_diffs_that_the_same_vms_need_become_one() -> None:
    """`v` alone needs top and leaf, both VMs need base; a copy of leaf is resident nowhere."""
    cluster = Cluster(
        servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9)),
        diffs=(
            Diff(name="base", size=10 * 2**20),
            Diff(name="top", size=5 * 2**20, parent="base"),
            Diff(name="leaf", size=3 * 2**20, parent="top"),
        ),
        vms=(VM(name="v", server="a", diff="leaf"), VM(name="w", server="a", diff="base")),
    )
    small = merged(number(cluster), 4)
    assert small.chain == ((0, 1), (0,))
    assert small.size[:2] == (10 * 2**20, 8 * 2**20)
    assert small.asked == ((0,), (0,), ())
    assert merged(number(cluster), 1).chain == ((0, 1, 2), (0,))


def test_diffs_of_different_vms_stay_apart() -> None:
    """Both are needed by one VM of the same server, and never by the same VM."""
    cluster = Cluster(
        servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9)),
        diffs=(Diff(name="left", size=5 * 2**20), Diff(name="right", size=3 * 2**20)),
        vms=(VM(name="v", server="a", diff="left"), VM(name="w", server="a", diff="right")),
    )
    small = merged(number(cluster), 4)
    assert (small.chain, small.size) == (((0,), (1,)), (5 * 2**20, 3 * 2**20))


def test_what_every_failure_can_take_is_kept_twice() -> None:
    """Halves on three servers outlive each failure in bytes, yet no cut of the diff does that."""
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=10**9) for name in "abc"),
        diffs=(Diff(name="base", size=10**8),),
        vms=tuple(VM(name=f"v{name}", server=name, diff="base") for name in "abc"),
        failures=tuple(Failure(name=name, servers=(name,), weight=0.1) for name in "abc"),
    )
    model = build(number(cluster), Clock(), in_bytes=True)
    row = model.milp.rows.index("twice[base]")
    assert model.milp.row_lower[row] == 2 * 10**8
    held = {server: column for (_, _, server), column in model.columns.part.items()}
    values = np.zeros_like(model.milp.lower)
    values[list(held.values())] = 10**8 // 2
    assert model.milp.activity(values)[row] == 15 * 10**7


def _greedy(cluster: Cluster, max_pieces: int) -> Placement:
    try:
        return greedy(number(cluster), Clock(), max_pieces=max_pieces)
    except NoPlan:
        assume(False)
        raise


def _rebuilt(model: Model, placement: Placement) -> Ints:
    values = np.array(model.milp.lower)
    cluster = model.instance.cluster
    names = {
        (cluster.failures[f].name, cluster.vms[v].name, cluster.servers[s].name): column
        for (f, v, s), column in model.columns.rebuild.items()
    }
    for failure, made in placement.rebuilds.items():
        for rebuild in made:
            values[names[failure, rebuild.vm, rebuild.server]] = 1
            _need(model, failure, (rebuild.vm,), rebuild.server, values)
    return values


def _rebuilt_in_sets(
    model: Model, cluster: Cluster, placement: Placement, at: dict[str, int], values: Ints
) -> None:
    """A set has the first VMs of each kind, as many as are rebuilt."""
    instance = number(cluster)
    kinds, at_vm = kinds_of(instance), {vm.name: at for at, vm in enumerate(cluster.vms)}
    lost = {
        failure.name: [*by_kind(instance.lost[at], kinds)]
        for at, failure in enumerate(cluster.failures)
    }
    disk = {vm.name: vm.disk for vm in cluster.vms}
    largest: dict[str, int] = defaultdict(int)
    for failure, made in placement.rebuilds.items():
        for server in {rebuild.server for rebuild in made}:
            vms = [r.vm for r in made if r.server == server]
            here = {at_vm[vm] for vm in vms}
            first = sorted(one for same in lost[failure] for one in same[: len(here & {*same})])
            named = (cluster.vms[one].name for one in first)
            values[at[f"set[{','.join((failure, server, *named))}]"]] = 1
            largest[server] = max(largest[server], sum(disk[vm] for vm in vms))
            _need(model, failure, tuple(vms), server, values)
    for name, column in at.items():
        kind, _, rest = name.removesuffix("]").partition("[")
        if kind == "room":
            server, _, step = rest.rpartition(",")
            values[column] = largest[server] >= int(step)


def _need(model: Model, failure: str, vms: tuple[str, ...], server: str, values: Ints) -> None:
    cluster, instance = model.instance.cluster, model.instance
    for (f, diff, s), column in model.columns.need.items():
        if (cluster.failures[f].name, cluster.servers[s].name) == (failure, server):
            needed = any(
                diff in instance.chain[at] for at, vm in enumerate(cluster.vms) if vm.name in vms
            )
            values[column] = max(values[column], needed)


def _follow(model: Model, placement: Placement, values: Ints) -> None:
    """Set what follows from rebuilds and extents; merged diffs have the bytes of all."""
    cluster, columns, instance = model.instance.cluster, model.columns, model.instance
    at_server = {server.name: number for number, server in enumerate(cluster.servers)}
    stands_for = _stands_for(model)
    held: dict[tuple[int, int], int] = defaultdict(int)
    for extent in placement.stored:
        held[stands_for[extent.diff], at_server[extent.server]] += extent.size
    for (diff, server), bytes_ in held.items():
        if (diff, 0, server) in columns.part:
            values[columns.part[diff, 0, server]] = bytes_
        elif (diff, 0, server) in columns.keep:
            values[columns.keep[diff, 0, server]] = 1
        if server in columns.stored:
            values[columns.stored[server]] += bytes_
    for key, column in columns.fetch.items():
        if values[columns.need[key]]:
            part = (key[1], 0, key[2]) in columns.part
            whole = instance.size[key[1]]
            missing = whole - held[key[1], key[2]]
            values[column] = missing if part else missing // whole


def _stands_for(model: Model) -> dict[str, int]:
    """Find for each diff the one that has its bytes: the same VMs need it, and it is in a chain."""
    cluster, small = model.instance.cluster, model.instance
    original = number(cluster)
    users = {d: tuple(pairs) for d, pairs in original.dependents().items()}
    left = {d: tuple(pairs) for d, pairs in small.dependents().items()}
    return {
        part.name: at
        if at in left or at not in users
        else next(
            d
            for d, pairs in left.items()
            if pairs == users[at]
            and small.size[d] > original.size[d]
            and (small.resident[d] == small.resident[at]).all()
        )
        for at, part in enumerate(cluster.diffs)
    }
