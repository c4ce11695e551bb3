"""The rows on how many targets a failure needs: no plan has fewer, and often that many will do."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.affinity import Flags
from spareplace.clock import Clock
from spareplace.cluster import Cluster
from spareplace.instance import Instance, number
from spareplace.milp.build import build
from spareplace.milp.targets import least_targets
from spareplace.parts import VM, Diff, Server
from spareplace.testing import clusters, feasible_clusters
from tests.brute_force import best_by_enumeration
from tests.milp.solved import least


def _fewest(instance: Instance, vms: list[int], free: Flags) -> int | None:
    """Try every way to rebuild VMs where nothing is stored; give the fewest targets not free."""
    servers = np.flatnonzero(instance.fits()[vms].any(axis=0)).tolist()
    counts = []
    for targets in product(servers, repeat=len(vms)):
        if all(_takes(instance, vms, targets, server) for server in set(targets)):
            counts.append(len({server for server in targets if not free[server]}))
    return min(counts, default=None)


def _takes(instance: Instance, vms: list[int], targets: tuple[int, ...], server: int) -> bool:
    there = [vm for vm, target in zip(vms, targets, strict=True) if target == server]
    groups = [group for vm in there for group in instance.groups[vm]]
    need = instance.demand[there].sum(axis=0)
    within = all(not a or a <= b for a, b in zip(need, instance.free[server], strict=True))
    allowed = bool(instance.allowed[there, server].all())
    return within and allowed and len(groups) == len(set(groups))


@settings(max_examples=150)
@given(cluster=clusters(min_servers=2, max_servers=4, min_vms=1, max_vms=5), data=st.data())
def test_no_way_to_rebuild_has_fewer_targets(cluster: Cluster, data: st.DataObject) -> None:
    """Over resources, disk, groups, allowed servers, and servers that are not counted."""
    instance = number(cluster)
    vms = [vm for vm in range(len(cluster.vms)) if data.draw(st.booleans())] or [0]
    free = np.array([data.draw(st.booleans()) for _ in cluster.servers])
    fewest = _fewest(instance, vms, free)
    if fewest is not None:
        assert 0 <= least_targets(instance, vms, instance.fits(), free) <= fewest


@settings(max_examples=40)
@given(cluster=feasible_clusters(max_servers=4, max_vms=5, max_diffs=4))
def test_the_rows_never_cut_off_the_best_plan(cluster: Cluster) -> None:
    best = best_by_enumeration(cluster)
    assert best is not None
    assert least(build(number(cluster), Clock(), max_pieces=1, targets=True)) == best[0]


TEN_EACH = tuple(VM(name=f"v{at}", server="a", diff="base", disk=10) for at in range(5))


def _cluster(vms: tuple[VM, ...], *servers: Server) -> Cluster:
    return Cluster(
        servers=(Server(name="a", disk=100, capacity={"cpu": 100}), *servers),
        diffs=(Diff(name="base", size=1),),
        vms=vms,
    )


def _targets_row(cluster: Cluster) -> int | None:
    milp = build(number(cluster), Clock(), targets=True).milp
    named = dict(zip(milp.rows, milp.row_lower.tolist(), strict=True))
    return named.get("targets[a,base]")


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (100, None),  # all five on one server: no row
        (49, 2),  # 50 bytes in all, 49 on the freest
        (25, 3),  # two whole VMs each, though 25 + 25 bytes would be all of them
        (10, 5),
    ],
)
def test_disk_is_taken_as_if_nothing_were_stored(room: int, expected: int | None) -> None:
    servers = [Server(name=name, disk=room) for name in "bcdef"]
    assert _targets_row(_cluster(TEN_EACH, *servers)) == expected


def test_the_roomiest_servers_are_taken_first() -> None:
    """Three on b, one on each of the others: five VMs take b and two more."""
    servers = [
        Server(name=name, disk=disk) for name, disk in zip("bcde", (30, 19, 10, 10), strict=True)
    ]
    assert _targets_row(_cluster(TEN_EACH, *servers)) == 3


def test_large_vms_need_servers_of_their_own() -> None:
    """Of 6, 6, 6, 1, 1 CPUs on servers of 10 no two of the large ones go together: 20 would do."""
    vms = tuple(
        VM(name=f"v{at}", server="a", diff="base", demand={"cpu": cpu})
        for at, cpu in enumerate((6, 6, 6, 1, 1))
    )
    servers = [Server(name=name, disk=10, capacity={"cpu": 10}) for name in "bcd"]
    assert _targets_row(_cluster(vms, *servers)) == 3


def test_a_group_needs_as_many_servers_as_it_has_members() -> None:
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abcd"),
        diffs=(Diff(name="base", size=1),),
        vms=tuple(
            VM(name=name, server=at, diff="base", groups=("g",)) for name, at in ("va", "wb")
        ),
    )
    both = number(cluster)
    fits = np.ones((2, 4), dtype=bool)
    assert least_targets(both, [0, 1], fits, np.zeros(4, dtype=bool)) == 2
    assert least_targets(both, [0, 1], fits, np.array([True, False, False, False])) == 1


def test_servers_that_hold_the_diff_anyway_are_not_counted() -> None:
    """b takes two of the five and has the diff: the rest take three servers of 10 bytes."""
    servers = [Server(name="b", disk=20, resident=("base",))]
    servers += [Server(name=name, disk=10) for name in "cdef"]
    assert _targets_row(_cluster(TEN_EACH, *servers)) == 3


def test_there_is_no_such_row_where_vms_may_be_left_out_or_limits_exceeded() -> None:
    servers = [Server(name=name, disk=10) for name in "bcdef"]
    instance = number(_cluster(TEN_EACH, *servers))
    for model in (
        build(instance, Clock(), targets=True, allow_unprotected=True),
        build(instance, Clock(), targets=True, elastic=True),
        build(instance, Clock()),
    ):
        assert not [row for row in model.milp.rows if row.startswith("targets")]
