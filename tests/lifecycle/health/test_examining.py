from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.lifecycle.health import ProtectionStatus, protection_status
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Unprotected
from spareplace.planning import plan
from spareplace.recovery import expected_transfer, recoveries
from spareplace.testing import clusters_with_placements
from spareplace.verify import check
from tests.examples import GB, paper

from .drifting import drifted
from .rebuilding import lost_bytes, lost_vms, some_way, works


def _plan_of(cluster: Cluster, placement: Placement) -> Plan:
    recovered = recoveries(cluster, placement)
    return Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="test",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=float(expected_transfer(recovered)),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
        unprotected=placement.unprotected,
    )


def _rebuilt(
    status: ProtectionStatus, cluster: Cluster, placement: Placement
) -> dict[tuple[str, str], str]:
    """Give the server on which every pair is rebuilt that the status says can be."""
    moved = {(one.failure, one.vm): one.server for one in status.retargetable}
    down = {(one.failure, one.vm) for one in status.broken + status.given_up}
    found: dict[tuple[str, str], str] = {}
    for failure in cluster.failures:
        planned: dict[str, str] = {}
        for rebuild in placement.rebuilds.get(failure.name, ()):
            planned.setdefault(rebuild.vm, rebuild.server)
        for vm in lost_vms(cluster, failure):
            pair = failure.name, vm.name
            if pair not in down:
                found[pair] = moved[pair] if pair in moved else planned[vm.name]
    return found


@given(clusters_with_placements())
def test_everything_is_protected_by_a_plan_that_is_right(case: tuple[Cluster, Placement]) -> None:
    cluster, placement = case
    right = _plan_of(cluster, placement)
    assume(not check(cluster, right))
    status = protection_status(cluster, right)
    pairs = sum(len(lost_vms(cluster, failure)) for failure in cluster.failures)
    assert status.pairs.protected == pairs == sum(len(one.rebuilds) for one in right.recoveries)
    assert not status.retargetable + status.broken + status.given_up
    assert status.holds
    assert status.plan_current
    assert status.expected_transfer_bytes == status.planned_transfer_bytes
    assert not any(one.overfull_bytes or one.refused_bytes for one in status.servers)


@settings(max_examples=150)
@given(drifted())
def test_what_is_said_agrees_with_every_assignment_tried(case: tuple[Cluster, Placement]) -> None:
    cluster, placement = case
    status = protection_status(cluster, placement)
    broken = {(one.failure, one.vm): one for one in status.broken + status.given_up}
    rebuilt = _rebuilt(status, cluster, placement)
    for failure in cluster.failures:
        lost = lost_vms(cluster, failure)
        for vm in lost:
            gone = lost_bytes(cluster, placement, failure, vm)
            one = broken.get((failure.name, vm.name))
            # broken by data if and only if bytes are lost, and these
            assert {it.diff: it.size for it in (one.lost if one else ())} == gone
            assert (one is not None and one.cause == "data") == bool(gone)
        # whatever is said to be rebuilt can be, all of it together
        here = [
            (vm, rebuilt[failure.name, vm.name])
            for vm in lost
            if (failure.name, vm.name) in rebuilt
        ]
        assert works(cluster, placement, failure, here)
        alive = [vm for vm in lost if not lost_bytes(cluster, placement, failure, vm)]
        if not some_way(cluster, placement, failure, alive):
            assert any((failure.name, vm.name) in broken for vm in alive)
        for vm in alive:
            one = broken.get((failure.name, vm.name))
            if one is not None and not one.crowded_out:  # it is said to be certain
                assert not some_way(cluster, placement, failure, [vm])


@given(drifted())
def test_every_pair_has_one_state(case: tuple[Cluster, Placement]) -> None:
    cluster, placement = case
    status = protection_status(cluster, placement)
    pairs = sum(len(lost_vms(cluster, failure)) for failure in cluster.failures)
    count = status.pairs
    assert count.protected + count.retargetable + count.broken + count.given_up == pairs
    holders = status.holders
    rebuilt = holders.one + holders.two + holders.three_or_more + holders.no_data
    assert rebuilt == count.protected + count.retargetable
    assert count.retargetable == len(status.retargetable)
    assert all(one.server != one.planned for one in status.retargetable)
    assert (count.broken, count.given_up) == (len(status.broken), len(status.given_up))


def _three(**more: object) -> Cluster:
    """Servers a, b and c of 100 bytes; web on a, of 10 bytes, with base of 40."""
    web = VM(name="web", server="a", diff="base", disk=10)
    return Cluster(
        servers=tuple(Server(name=name, disk=100) for name in "abc"),
        diffs=(Diff(name="base", size=40),),
        vms=(replace(web, **more),),  # type: ignore[arg-type]
        failures=(Failure(name="a", servers=("a",), weight=0.1),),
    )


def _on_b(*servers: str, start: int = 0, stop: int = 40) -> Placement:
    return Placement(
        stored=tuple(Extent(diff="base", server=at, start=start, stop=stop) for at in servers),
        rebuilds={"a": (Rebuild(vm="web", server="b"),)},
    )


def test_lost_bytes_are_counted_by_diff() -> None:
    """Of base, 40 bytes, b holds 30: 10 are lost with a."""
    (pair,) = protection_status(_three(), _on_b("b", stop=30)).broken
    assert (pair.vm, pair.failure, pair.cause) == ("web", "a", "data")
    assert [(it.diff, it.size) for it in pair.lost] == [("base", 10)]


def test_what_is_missing_is_said_of_the_server_that_comes_nearest() -> None:
    """Web, grown to 90: b stores 40 and lacks 30; c, with 60 of its own running, lacks 50."""
    cluster = _three(disk=90)
    cluster = replace(cluster, vms=(*cluster.vms, VM(name="db", server="c", disk=60)))
    (pair,) = protection_status(cluster, _on_b("b")).broken
    assert (pair.cause, pair.server, pair.resource, pair.missing) == ("room", "b", "disk", 30)
    assert not pair.crowded_out


def test_a_vm_that_has_grown_is_rebuilt_where_there_is_room() -> None:
    """Web, grown to 70, fits beside nothing on c, not beside the 40 stored on b; c fetches 40."""
    status = protection_status(_three(disk=70), _on_b("b"))
    (pair,) = status.retargetable
    assert (pair.planned, pair.why, pair.server) == ("b", "no room", "c")
    assert status.holds
    assert status.expected_transfer_bytes == 4.0


def test_a_vm_that_moved_has_no_planned_target_where_it_is_now() -> None:
    """The plan rebuilds web for the loss of a; now it runs on b, where its data is, too."""
    cluster = replace(_three(server="b"), failures=(Failure(name="b", servers=("b",)),))
    status = protection_status(cluster, _on_b("b", "c"))
    assert [(pair.why, pair.planned) for pair in status.retargetable] == [("none planned", None)]
    assert status.strays.rebuilds == 1


def test_holders_are_counted_where_they_are_fewest() -> None:
    """c holds the first half of base too: the second half has one holder left, b."""
    placement = _on_b("b")
    half = Extent(diff="base", server="c", start=0, stop=20)
    status = protection_status(_three(), replace(placement, stored=(*placement.stored, half)))
    assert (status.holders.one, status.holders.two) == (1, 0)
    assert protection_status(_three(), _on_b("b", "c")).holders.two == 1


def test_what_is_of_another_cluster_holds_nothing() -> None:
    placement = Placement(
        stored=(
            Extent(diff="base", server="b", start=0, stop=50),  # 10 bytes beyond its end
            Extent(diff="base", server="gone", start=0, stop=40),
            Extent(diff="gone", server="b", start=0, stop=5),
        ),
        rebuilds={"a": (Rebuild(vm="gone", server="b"),), "gone": (Rebuild(vm="web", server="b"),)},
    )
    status = protection_status(_three(), placement)
    assert (status.strays.extents, status.strays.extent_bytes) == (3, 10 + 40 + 5)
    assert status.strays.rebuilds == 2
    assert [one.stored_bytes for one in status.servers] == [0, 40, 0]
    assert status.pairs.retargetable == 1


def test_a_planned_target_that_is_gone_is_told_from_none() -> None:
    placement = replace(_on_b("b"), rebuilds={"a": (Rebuild(vm="web", server="gone"),)})
    (pair,) = protection_status(_three(), placement).retargetable
    assert (pair.planned, pair.why) == (None, "unknown server")


def test_the_larger_vm_stays_where_not_all_planned_ones_fit() -> None:
    """b has room for 60 beside base: web, now 50, stays; db, now 20, goes to c."""
    cluster = _three(disk=50)
    cluster = replace(cluster, vms=(*cluster.vms, VM(name="db", server="a", disk=20)))
    placement = _on_b("b")
    both = (*placement.rebuilds["a"], Rebuild(vm="db", server="b"))
    status = protection_status(cluster, replace(placement, rebuilds={"a": both}))
    assert [(pair.vm, pair.why, pair.server) for pair in status.retargetable] == [
        ("db", "no room", "c")
    ]


def test_one_that_works_makes_room_if_then_every_vm_has_a_place() -> None:
    """Planned: web, 10, on b. Big, 95, may go to b alone, and c takes web."""
    cluster = _three(diff=None)
    big = VM(name="big", server="a", disk=95, allowed_servers=("a", "b"))
    status = protection_status(replace(cluster, vms=(*cluster.vms, big)), _on_b())
    assert [(pair.vm, pair.why, pair.server) for pair in status.retargetable] == [
        ("web", "makes room", "c"),
        ("big", "none planned", "b"),
    ]
    assert status.holds


def test_a_vm_that_others_leave_no_room_is_said_to_be_crowded_out() -> None:
    """Two of 60 fit one each on b and c; the third would fit alone."""
    cluster = replace(
        _three(), vms=tuple(VM(name=f"v{at}", server="a", disk=60) for at in range(3)), diffs=()
    )
    status = protection_status(cluster, Placement())
    (pair,) = status.broken
    assert (pair.missing, pair.crowded_out) == (20, True)


def test_what_the_plan_gave_up_breaks_nothing_and_comes_last() -> None:
    cluster = _three(diff=None, disk=200)
    given_up = Unprotected(vm="web", failure="a", reason="it is too large")
    status = protection_status(cluster, Placement(unprotected=(given_up,)))
    assert (status.pairs.broken, status.pairs.given_up) == (0, 1)
    assert status.holds
    assert status.vms_unprotected == 1
    shrunk = protection_status(_three(diff=None), Placement(unprotected=(given_up,)))
    assert [pair.why for pair in shrunk.retargetable] == ["none planned"]


def test_a_disk_that_extents_put_over_does_not_hold_one_over_as_given_does() -> None:
    """db on c has grown to 101 of 100 bytes; then the same on b, which stores 40."""
    cluster = _three()
    over = replace(cluster, vms=(*cluster.vms, VM(name="db", server="c", disk=101)))
    status = protection_status(over, _on_b("b"))
    assert status.holds
    assert status.servers[2].overcommitted == ("disk",)
    asked = replace(cluster, vms=(*cluster.vms, VM(name="db", server="b", disk=101)))
    status = protection_status(asked, _on_b("b"))
    assert status.servers[1].overfull_bytes == 41
    assert not status.holds


def test_extents_where_none_are_accepted_are_told_and_still_hold() -> None:
    cluster = _three()
    a, b, c = cluster.servers
    draining = replace(cluster, servers=(a, replace(b, accept_extents=False), c))
    status = protection_status(draining, _on_b("b"))
    assert (status.servers[1].refused_bytes, status.holds) == (40, True)
    assert status.pairs.protected == 1


def test_the_papers_example_without_the_extents_of_a_server() -> None:
    """`greedy` keeps a0 to a14 on Sl alone: without it, A to F, which need them, are lost."""
    cluster = paper()
    whole = plan(cluster, method="greedy")
    assert protection_status(cluster, whole).pairs.protected == 10
    rest = replace(whole, stored=tuple(it for it in whole.stored if it.server != "Sl"))
    status = protection_status(cluster, rest)
    assert not status.holds
    assert status.plan_current
    assert {pair.vm: pair.cause for pair in status.broken} == dict.fromkeys("ABCDEF", "data")
    masters = [it.size for pair in status.broken for it in pair.lost if it.diff == "a0"]
    assert set(masters) == {40 * GB}


@given(clusters_with_placements(features=("vm_disks", "resources", "groups")))
def test_one_byte_more_than_is_left_at_the_tightest_place_breaks_the_plan(
    case: tuple[Cluster, Placement],
) -> None:
    cluster, placement = case
    tight = protection_status(cluster, placement).tightest_disk
    assume(tight is not None and tight.failure is not None)
    assert tight is not None
    assert tight.failure is not None
    there = [
        one.vm for one in placement.rebuilds[tight.failure] if one.server == tight.server
    ]  # at least one of them has a disk
    name = next(vm.name for vm in cluster.vms if vm.name in there and vm.disk)
    grown = tuple(
        replace(vm, disk=vm.disk + int(tight.left) + 1) if vm.name == name else vm
        for vm in cluster.vms
    )
    status = protection_status(replace(cluster, vms=grown), placement)
    assert status.pairs.retargetable + status.pairs.broken > 0
