"""What a failure costs: the transfers, and the objective."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Rebuild, Recovery, Transfer
from spareplace.recovery import Needs, expected_transfer, recoveries
from spareplace.testing import clusters_with_placements


def servers(names: str, **resident: tuple[str, ...]) -> tuple[Server, ...]:
    return tuple(Server(name=name, disk=1000, resident=resident.get(name, ())) for name in names)


def extent(diff: str, server: str, start: int, stop: int) -> Extent:
    return Extent(diff=diff, server=server, start=start, stop=stop)


def transfer(diff: str, source: str, target: str, start: int, stop: int) -> Transfer:
    return Transfer(diff=diff, source=source, target=target, start=start, stop=stop)


def only(cluster: Cluster, placement: Placement, failure: str) -> Recovery:
    (found,) = [each for each in recoveries(cluster, placement) if each.failure == failure]
    return found


TWO_LEVELS = Cluster(
    servers=servers("abcd"),
    diffs=(Diff(name="base", size=40), Diff(name="top", size=5, parent="base")),
    vms=(VM(name="web", server="a", diff="top"), VM(name="db", server="a", diff="base")),
)


def test_the_target_fetches_what_it_does_not_hold_from_who_does() -> None:
    # a fails; web goes to b, which has the first 30 of base: 10 of base and all 5 of top come
    # from the only other holders, d and c.
    placement = Placement(
        stored=(
            extent("base", "b", 0, 30),
            extent("base", "d", 20, 40),
            extent("top", "c", 0, 5),
        ),
        rebuilds={"a": (Rebuild(vm="web", server="b"),)},
    )
    assert only(TWO_LEVELS, placement, "a") == Recovery(
        failure="a",
        weight=0.25,
        transfer_bytes=15,
        rebuilds=(Rebuild(vm="web", server="b"),),
        transfers=(transfer("base", "d", "b", 30, 40), transfer("top", "c", "b", 0, 5)),
    )


def test_a_diff_that_two_vms_need_on_one_server_is_sent_once_and_on_two_twice() -> None:
    stored = (extent("base", "d", 0, 40), extent("top", "d", 0, 5))
    one = Placement(
        stored=stored,
        rebuilds={"a": (Rebuild(vm="web", server="b"), Rebuild(vm="db", server="b"))},
    )
    two = replace(
        one, rebuilds={"a": (Rebuild(vm="web", server="b"), Rebuild(vm="db", server="c"))}
    )
    assert only(TWO_LEVELS, one, "a").transfer_bytes == 40 + 5
    assert only(TWO_LEVELS, two, "a").transfer_bytes == 40 + 5 + 40


def test_a_failed_holder_sends_nothing() -> None:
    cluster = replace(TWO_LEVELS, failures=(Failure(name="both", servers=("a", "c")),))
    placement = Placement(
        stored=(extent("base", "c", 0, 40), extent("base", "d", 0, 40)),
        rebuilds={"both": (Rebuild(vm="db", server="b"),)},
    )
    assert only(cluster, placement, "both").transfers == (transfer("base", "d", "b", 0, 40),)


def test_a_resident_diff_is_held_whole_and_stands_for_itself_alone() -> None:
    cluster = replace(TWO_LEVELS, servers=servers("abcd", b=("top",), c=("base",)))
    placement = Placement(rebuilds={"a": (Rebuild(vm="web", server="b"),)})
    assert only(cluster, placement, "a").transfers == (transfer("base", "c", "b", 0, 40),)


def test_a_vm_without_a_diff_and_one_that_finds_its_chain_transfer_nothing() -> None:
    cluster = replace(
        TWO_LEVELS,
        vms=(VM(name="bare", server="a"), VM(name="web", server="a", diff="top")),
    )
    placement = Placement(
        stored=(extent("base", "b", 0, 40), extent("top", "b", 0, 5)),
        rebuilds={"a": (Rebuild(vm="bare", server="c"), Rebuild(vm="web", server="b"))},
    )
    assert only(cluster, placement, "a").transfers == ()


def test_every_failure_has_a_recovery_in_the_order_of_the_cluster() -> None:
    found = recoveries(TWO_LEVELS, Placement())
    assert [(each.failure, each.weight) for each in found] == [(name, 0.25) for name in "abcd"]
    assert all(each.transfer_bytes == 0 for each in found)


def test_a_gap_is_put_together_from_several_holders() -> None:
    # base [0, 40) goes to b: only c has [0, 10), only d has [30, 40); between them c comes
    # first, and has sent 10 more when [20, 30) is due, so that d sends it, and the rest.
    placement = Placement(
        stored=(extent("base", "c", 0, 30), extent("base", "d", 20, 40)),
        rebuilds={"a": (Rebuild(vm="db", server="b"),)},
    )
    assert only(TWO_LEVELS, placement, "a").transfers == (
        transfer("base", "c", "b", 0, 20),
        transfer("base", "d", "b", 20, 40),
    )


def test_the_holder_that_has_sent_least_sends_next() -> None:
    # c and d hold everything. base (40): a tie, c by its name. top (5) and other (20): d, which
    # then has sent 25 against 40; last (9): d again.
    cluster = Cluster(
        servers=servers("abcd"),
        diffs=(
            Diff(name="base", size=40),
            Diff(name="top", size=5),
            Diff(name="other", size=20),
            Diff(name="last", size=9),
        ),
        vms=tuple(
            VM(name=f"vm {diff}", server="a", diff=diff)
            for diff in ("base", "top", "other", "last")
        ),
    )
    placement = Placement(
        stored=tuple(
            extent(diff.name, server, 0, diff.size) for diff in cluster.diffs for server in "cd"
        ),
        rebuilds={"a": tuple(Rebuild(vm=vm.name, server="b") for vm in cluster.vms)},
    )
    found = only(cluster, placement, "a")
    assert [(each.diff, each.source) for each in found.transfers] == [
        ("base", "c"),
        ("top", "d"),
        ("other", "d"),
        ("last", "d"),
    ]


def test_what_is_lost_is_not_sent_and_does_not_hide_what_is_left() -> None:
    # Nobody has [10, 30) of base: a rule is broken, and c sends what it has, in two parts.
    placement = Placement(
        stored=(extent("base", "c", 0, 10), extent("base", "c", 30, 40)),
        rebuilds={"a": (Rebuild(vm="db", server="b"),)},
    )
    found = only(TWO_LEVELS, placement, "a")
    assert found.transfers == (
        transfer("base", "c", "b", 0, 10),
        transfer("base", "c", "b", 30, 40),
    )
    assert found.transfer_bytes == 40  # what b lacks, so that to lose data never looks cheap


def test_the_expected_transfer_is_exact() -> None:
    some = [
        Recovery(failure=name, weight=weight, transfer_bytes=size)
        for name, weight, size in (("a", 0.1, 1), ("b", 0.2, 1), ("c", 0.0, 10**15), ("d", 3.0, 2))
    ]
    assert expected_transfer(some) == Fraction("6.3")
    assert expected_transfer([]) == 0


@st.composite
def cases(draw: DrawFn) -> tuple[Cluster, Placement]:
    """Make a few diffs of a few bytes, held here and there, and rebuilds anywhere."""
    diffs = (
        Diff(name="base", size=draw(st.integers(0, 9))),
        Diff(name="top", size=draw(st.integers(1, 9)), parent="base"),
        Diff(name="other", size=9),
    )
    names = [diff.name for diff in diffs]
    some_diffs = st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple)
    some_servers = st.lists(st.sampled_from("abcd"), unique=True, min_size=1, max_size=2)
    weight = st.sampled_from([0.0, 0.1, 0.2, 1.0, 2.5])
    cluster = Cluster(
        servers=servers("abcd", b=draw(some_diffs), c=draw(some_diffs)),
        diffs=diffs,
        vms=tuple(
            VM(name=name, server="a", diff=draw(st.sampled_from([None, *names]))) for name in "uvwx"
        ),
        failures=tuple(
            Failure(name=name, servers=tuple(draw(some_servers)), weight=draw(weight))
            for name in "fg"
        ),
    )
    stored = []
    for diff in diffs:
        cuts = st.lists(st.integers(0, diff.size), min_size=2, max_size=2, unique=True).map(sorted)
        for start, stop in draw(st.lists(cuts, max_size=6)) if diff.size else ():
            stored.append(extent(diff.name, draw(st.sampled_from("abcd")), start, stop))
    rebuilds = {
        failure.name: tuple(
            Rebuild(vm=vm.name, server=draw(st.sampled_from("abcd"))) for vm in cluster.vms
        )
        for failure in cluster.failures
    }
    return cluster, Placement(stored=tuple(stored), rebuilds=rebuilds)


Byte: TypeAlias = tuple[str, str, int]
"""A server, a diff, and which byte of it."""


def held(cluster: Cluster, placement: Placement) -> set[Byte]:
    """List every byte that is anywhere, one by one."""
    size = {diff.name: diff.size for diff in cluster.diffs}
    return {
        (each.server, each.diff, byte)
        for each in placement.stored
        for byte in range(each.start, each.stop)
    } | {
        (server.name, diff, byte)
        for server in cluster.servers
        for diff in server.resident
        for byte in range(size[diff])
    }


def needed(cluster: Cluster, placement: Placement, failure: str) -> set[Byte]:
    """List every byte that some rebuild needs, following the parents one by one."""
    diffs = {diff.name: diff for diff in cluster.diffs}
    last = {vm.name: vm.diff for vm in cluster.vms}
    found: set[Byte] = set()
    for rebuild in placement.rebuilds[failure]:
        name = last[rebuild.vm]
        while name is not None:
            found |= {(rebuild.server, name, byte) for byte in range(diffs[name].size)}
            name = diffs[name].parent
    return found


@settings(max_examples=200)
@given(cases())
def test_transfers_deliver_exactly_what_is_missing_once_from_surviving_holders(
    case: tuple[Cluster, Placement],
) -> None:
    cluster, placement = case
    everywhere = held(*case)
    for failure, recovery in zip(cluster.failures, recoveries(*case), strict=True):
        surviving = {at for at in everywhere if at[0] not in failure.servers}
        anywhere = {at[1:] for at in surviving}
        missing = needed(cluster, placement, failure.name) - everywhere
        sent = [
            (each.source, each.target, each.diff, byte)
            for each in recovery.transfers
            for byte in range(each.start, each.stop)
        ]
        delivered = [(target, diff, byte) for _, target, diff, byte in sent]
        assert sorted(delivered) == sorted(at for at in missing if at[1:] in anywhere)
        assert {(source, diff, byte) for source, _, diff, byte in sent} <= surviving
        assert all(each.source != each.target for each in recovery.transfers)
        assert all(each.start < each.stop for each in recovery.transfers)


@settings(max_examples=200)
@given(cases())
def test_the_expected_transfer_is_the_weighted_sum_of_what_the_targets_lack(
    case: tuple[Cluster, Placement],
) -> None:
    cluster, placement = case
    found = recoveries(*case)
    everywhere = held(*case)
    lacking = [len(needed(cluster, placement, each.failure) - everywhere) for each in found]
    assert [each.transfer_bytes for each in found] == lacking
    weights = [Fraction(str(failure.weight)) for failure in cluster.failures]
    expected = sum(weight * lack for weight, lack in zip(weights, lacking, strict=True))
    assert expected_transfer(found) == expected
    assert Needs.of(cluster).expected(placement) == expected


@given(clusters_with_placements())
def test_where_nothing_is_lost_the_transfers_add_up_to_what_they_are_said_to(
    made: tuple[Cluster, Placement],
) -> None:
    for recovery in recoveries(*made):
        assert recovery.transfer_bytes == sum(each.size for each in recovery.transfers)


@given(cases(), st.randoms(use_true_random=False))
def test_the_transfer_does_not_depend_on_any_order(
    case: tuple[Cluster, Placement], random: Random
) -> None:
    cluster, placement = case
    mixed = Cluster(
        servers=tuple(random.sample(cluster.servers, len(cluster.servers))),
        diffs=tuple(random.sample(cluster.diffs, len(cluster.diffs))),
        vms=tuple(random.sample(cluster.vms, len(cluster.vms))),
        failures=cluster.failures[::-1],
    )
    mixed_placement = Placement(
        stored=tuple(random.sample(placement.stored, len(placement.stored))),
        rebuilds={
            failure: tuple(random.sample(placement.rebuilds[failure], len(cluster.vms)))
            for failure in ("g", "f")
        },
    )
    before, after = recoveries(cluster, placement), recoveries(mixed, mixed_placement)
    assert [each.transfer_bytes for each in before] == [each.transfer_bytes for each in after][::-1]
    assert expected_transfer(before) == expected_transfer(after)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=12),
    st.integers(1, 4),
)
def test_holders_of_everything_send_about_the_same(sizes: list[int], holders: int) -> None:
    # Whoever has sent least sends next: at the end no two are further apart than one diff.
    names = [f"h{at}" for at in range(holders)]
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=0) for name in ("failed", "target", *names)),
        diffs=tuple(Diff(name=f"d{at}", size=size) for at, size in enumerate(sizes)),
        vms=tuple(VM(name=f"v{at}", server="failed", diff=f"d{at}") for at in range(len(sizes))),
        failures=(Failure(name="f", servers=("failed",)),),
    )
    placement = Placement(
        stored=tuple(
            extent(diff.name, name, 0, diff.size) for diff in cluster.diffs for name in names
        ),
        rebuilds={"f": tuple(Rebuild(vm=vm.name, server="target") for vm in cluster.vms)},
    )
    sent = Counter(dict.fromkeys(names, 0))
    for each in only(cluster, placement, "f").transfers:
        sent[each.source] += each.size
    assert max(sent.values()) - min(sent.values()) <= max(sizes)
