from __future__ import annotations

from hypothesis import given, settings

from spareplace.cluster import Cluster, chain_of
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement
from spareplace.reporting.keeping import forest_of, kept_diffs
from spareplace.testing import clusters_with_placements
from tests.reporting.clusters import greedy


def _extent(diff: str, server: str, start: int = 0, stop: int = 10) -> Extent:
    return Extent(diff=diff, server=server, start=start, stop=stop)


def test_every_way_of_keeping_has_its_name() -> None:
    names = ("one", "two", "halves", "both", "here", "none", "empty")
    cluster = Cluster(
        servers=(Server(name="a", disk=99, resident=("here", "one")), Server(name="b", disk=99)),
        diffs=tuple(Diff(name=name, size=0 if name == "empty" else 10) for name in names),
    )
    stored = (
        _extent("one", "a"),
        _extent("two", "a"),
        _extent("two", "b"),
        _extent("halves", "a", 0, 5),
        _extent("halves", "b", 5, 10),
        _extent("both", "a"),
        _extent("both", "b", 0, 5),
    )
    found = {it.name: it.keeping for it in kept_diffs(cluster, Placement(stored=stored))}
    assert found == {
        "one": "whole",
        "two": "duplicated",
        "halves": "split",
        "both": "split",
        "here": "resident",
        "none": "not stored",
        "empty": "not stored",
    }


@settings(max_examples=40)
@given(given=clusters_with_placements())
def test_every_diff_is_in_the_forest_once_with_its_bytes_and_users(
    given: tuple[Cluster, Placement],
) -> None:
    cluster, placement = given
    forest = forest_of(cluster, placement)
    walked = [diff for _, diff in forest.walk(forest.masters)]
    assert sorted(diff.name for diff in walked) == sorted(diff.name for diff in cluster.diffs)
    assert sum(diff.stored_bytes for diff in walked) == placement.stored_bytes
    diffs = {diff.name: diff for diff in cluster.diffs}
    chains = {vm.name: chain_of(vm.diff, diffs) for vm in cluster.vms}
    for diff in walked:
        assert diff.vms == sum(diff.name in chain for chain in chains.values())
        assert forest.below[diff.name] == sum(1 for _ in forest.walk([diff])) - 1


def test_a_chain_may_be_longer_than_the_stack() -> None:
    diffs = [Diff(name="0", size=1)]
    diffs += [Diff(name=str(at), size=1, parent=str(at - 1)) for at in range(1, 3000)]
    cluster = Cluster(servers=(Server(name="a", disk=1),), diffs=tuple(diffs))
    forest = forest_of(cluster, Placement())
    assert forest.below["0"] == 2999
    assert max(height for height, _ in forest.walk(forest.masters)) == 2999


def test_the_vms_of_the_paper_need_its_masters() -> None:
    cluster, plan = greedy()
    found = {it.name: it.vms for it in kept_diffs(cluster, plan.placement)}
    assert (found["a0"], found["b0"]) == (6, 4)


def test_a_vm_without_a_diff_needs_none() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=1),), vms=(VM(name="v", server="a"),), diffs=()
    )
    assert kept_diffs(cluster, Placement()) == ()
