"""What the ledger finds after each change equals what the full check finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster, each_server
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Recovery, Unprotected
from spareplace.recovery import Needs
from spareplace.testing import clusters, clusters_with_placements, placements
from spareplace.verify import Violation, check
from spareplace.verify.delta import Delta
from spareplace.verify.ledger import Ledger

from .plans import extent, plan_of

NOT_KEPT = {"transfers", "figures", "stored-limit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A cluster, a placement of it, and a change after which it still is a cluster."""

    cluster: Cluster
    placement: Placement
    delta: Delta

    def after(self) -> Case:
        """Make the change here, in a way that shares nothing with the ledger."""
        cluster, placement, delta = self.cluster, self.placement, self.delta
        diffs = {diff.name: diff for diff in cluster.diffs if diff.name not in delta.gone_diffs}
        diffs |= {diff.name: diff for diff in delta.diffs}
        vms = {vm.name: vm for vm in cluster.vms if vm.name not in delta.gone_vms}
        vms |= {vm.name: vm for vm in delta.vms}
        stored = list(placement.stored)
        for gone in delta.removed:
            stored.remove(gone)
        given_up = placement.unprotected if delta.unprotected is None else delta.unprotected
        return Case(
            cluster=replace(cluster, diffs=tuple(diffs.values()), vms=tuple(vms.values())),
            placement=Placement(
                stored=(*stored, *delta.added),
                rebuilds={**placement.rebuilds, **delta.rebuilds},
                unprotected=given_up,
            ),
            delta=Delta(),
        )


def bare_plan(cluster: Cluster, placement: Placement) -> Plan:
    """A plan that decides the same, and whose figures and transfers are not worked out."""
    recovered = [
        Recovery(
            failure=failure.name,
            weight=failure.weight or 0.0,
            transfer_bytes=0,
            rebuilds=placement.rebuilds.get(failure.name, ()),
        )
        for failure in cluster.failures
    ]
    plan = plan_of(cluster, placement.stored, recovered)
    return replace(plan, unprotected=placement.unprotected)


def ledger_of(cluster: Cluster, placement: Placement, max_pieces: int = 4) -> Ledger:
    return Ledger.of(cluster, bare_plan(cluster, placement), max_pieces=max_pieces)


def found_by_check(case: Case, max_pieces: int) -> Counter[Violation]:
    """What the full check finds, but for the rules on transfers and figures."""
    plan = bare_plan(case.cluster, case.placement)
    found = check(case.cluster, plan, max_pieces=max_pieces)
    return Counter(one for one in found if one.rule not in NOT_KEPT)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any cluster with a placement, right or wrong, and any change of both."""
    if draw(st.booleans()):
        cluster, placement = draw(clusters_with_placements(max_vms=4, max_diffs=4))
    else:
        cluster = draw(clusters(min_servers=2, max_vms=4, max_diffs=4))
        placement = draw(placements(cluster))
    return Case(cluster=cluster, placement=placement, delta=draw(deltas(cluster, placement)))


@st.composite
def deltas(draw: st.DrawFn, cluster: Cluster, placement: Placement) -> Delta:
    """Draw a change; what it places is drawn for the cluster that it leads to."""
    needed = {server_diff for server in cluster.servers for server_diff in server.resident}
    leaving = [vm.name for vm in cluster.vms if draw(st.integers(0, 3)) == 0]
    stays = [vm for vm in cluster.vms if vm.name not in leaving]
    needed |= {vm.diff for vm in stays if vm.diff} | {d.parent for d in cluster.diffs if d.parent}
    free = [diff.name for diff in cluster.diffs if diff.name not in needed]
    gone = [name for name in free if draw(st.booleans())]
    kept = [diff for diff in cluster.diffs if diff.name not in gone]
    size = draw(st.sampled_from((0, 1, 2**20, 10**9)))
    parents = st.sampled_from([None, *(diff.name for diff in kept)])
    taken = {diff.name for diff in cluster.diffs}
    fresh = next(name for n in range(1, 9) if (name := f"new diff {n}") not in taken)
    coming = [Diff(name=fresh, size=size, parent=draw(parents))] if draw(st.booleans()) else []
    known = [None, *(diff.name for diff in kept + coming)]
    hosts = [server.name for server in cluster.servers]
    names = [*(vm.name for vm in stays), "new vm", "second new vm"]
    listed = sorted({resource for server in cluster.servers for resource in server.capacity})
    vms = tuple(
        VM(
            name=name,
            server=draw(st.sampled_from(hosts)),
            diff=draw(st.sampled_from(known)),
            disk=draw(st.sampled_from((0, 10**9, 5 * 10**9))),
            demand={resource: draw(st.sampled_from((0, 0.1, 3))) for resource in listed},
            groups=draw(st.sampled_from(((), ("g1",), ("g1", "g2")))),
            protect=draw(st.booleans()),
        )
        for name in names
        if draw(st.booleans())
    )
    diffs = tuple(kept + coming)
    after = replace(
        cluster,
        diffs=diffs,
        vms=tuple({vm.name: vm for vm in (*stays, *vms)}.values()),
    )
    wild = draw(placements(after))
    stranger = Extent(diff="new diff 1", server="no such server", start=-5, stop=5)
    ghost = Rebuild(vm="no such VM", server=hosts[0])
    some = [failure.name for failure in cluster.failures if draw(st.booleans())]
    rebuilds = {name: wild.rebuilds.get(name, ()) for name in some}
    if draw(st.booleans()) and some:
        rebuilds[some[0]] = (*rebuilds[some[0]], ghost, *rebuilds[some[0]][:1])
    lost = Unprotected(vm=hosts[0], failure="no such failure", reason="")
    return Delta(
        diffs=tuple(coming),
        vms=vms,
        gone_diffs=tuple(gone),
        gone_vms=tuple(leaving),
        added=(*draw(st.sets(st.sampled_from(wild.stored)) if wild.stored else st.just(set())),
               *((stranger,) if draw(st.booleans()) else ())),
        removed=tuple(one for one in placement.stored if draw(st.booleans())),
        rebuilds=rebuilds,
        unprotected=draw(st.sampled_from((None, (), wild.unprotected, (lost,)))),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from((1, 2, 4)))
def test_what_is_broken_after_a_change_is_what_the_full_check_finds(
    case: Case, max_pieces: int
) -> None:
    ledger = ledger_of(case.cluster, case.placement, max_pieces)
    assert Counter(ledger.violations) == found_by_check(case, max_pieces)
    found = ledger.apply(case.delta)
    assert Counter(found) == found_by_check(case.after(), max_pieces)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_it_stays_so_over_many_changes(data: st.DataObject) -> None:
    case = data.draw(cases())
    ledger = ledger_of(case.cluster, case.placement)
    for _ in range(4):
        ledger.apply(case.delta)
        case = case.after()
        assert Counter(ledger.violations) == found_by_check(case, 4)
        case = replace(case, delta=data.draw(deltas(case.cluster, case.placement)))


@settings(max_examples=30, deadline=None)
@given(cases())
def test_a_change_that_is_taken_back_leaves_nothing_behind(case: Case) -> None:
    ledger = ledger_of(case.cluster, case.placement)
    before, expected = ledger.violations, ledger.expected
    ledger.apply(case.delta)
    ledger.take_back()
    assert Counter(map(str, ledger.violations)) == Counter(map(str, before))
    assert ledger.expected == expected


@settings(max_examples=40, deadline=None)
@given(clusters_with_placements(max_vms=4, max_diffs=4), st.data())
def test_the_expected_transfer_is_counted_along(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, placement = made
    case = Case(cluster=cluster, placement=placement, delta=Delta())
    ledger = ledger_of(cluster, placement)
    assert ledger.expected == Needs.of(cluster).expected(placement)
    other = data.draw(placements(cluster))
    delta = Delta(
        added=tuple(set(other.stored) - set(placement.stored)),
        rebuilds={
            failure.name: other.rebuilds.get(failure.name, ()) for failure in cluster.failures
        },
    )
    ledger.apply(delta)
    after = replace(case, delta=delta).after()
    assert ledger.expected == Needs.of(after.cluster).expected(after.placement)


def test_room_that_running_vms_take_is_judged_where_others_are_rebuilt() -> None:
    """By hand: b has 50, 30 of them for the rebuild of web; 30 more run there from now on."""
    servers = (Server(name="a", disk=50), Server(name="b", disk=50))
    cluster = Cluster(
        servers=servers,
        vms=(VM(name="web", server="a", disk=30),),
        failures=each_server(servers),
    )
    placement = Placement(rebuilds={"a": (Rebuild(vm="web", server="b"),)})
    ledger = ledger_of(cluster, placement)
    assert ledger.violations == ()
    news = Delta(vms=(VM(name="db", server="b", disk=30, protect=False),))
    (broken,) = ledger.apply(news)
    assert (broken.rule, broken.failure, broken.server, broken.amount) == ("disk", "a", "b", 10)
    ledger.take_back()
    assert ledger.violations == ()


def test_a_copy_that_goes_is_missed_in_every_failure_that_needs_it() -> None:
    """By hand: base lies on b and c; without c it is lost with b."""
    servers = tuple(Server(name=name, disk=100) for name in "abc")
    cluster = Cluster(
        servers=servers,
        diffs=(Diff(name="base", size=40),),
        vms=(VM(name="web", server="a", diff="base"), VM(name="db", server="b", diff="base")),
    )
    placement = Placement(
        stored=(extent("base", "b", 0, 40), extent("base", "c", 0, 40)),
        rebuilds={"a": (Rebuild(vm="web", server="b"),), "b": (Rebuild(vm="db", server="a"),)},
    )
    ledger = ledger_of(cluster, placement)
    assert ledger.violations == ()
    (broken,) = ledger.apply(Delta(removed=(extent("base", "c", 0, 40),)))
    assert (broken.rule, broken.failure, broken.amount) == ("survival", "b", 40)
