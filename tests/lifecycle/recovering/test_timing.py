from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from spareplace import VM, Cluster, Diff, Extent, Placement, Server, recover
from spareplace.cluster import chain_of
from spareplace.lifecycle.recovering.schedule import BusiestLink
from tests.lifecycle.recovering.situations import Situation, breaches, busy, overloaded

MIB = 2**20


@settings(max_examples=80)
@given(situation=busy())
def test_every_byte_comes_once_and_no_link_carries_more_than_its_rate(
    situation: Situation,
) -> None:
    found = recover(*situation, time_limit=0)
    assert breaches(situation, found) == []
    assert overloaded(situation.cluster, found) == []
    assert found.transfer_bytes == sum(it.size for it in found.transfers)
    assert all(0 <= it.begin_seconds <= it.end_seconds for it in found.transfers)


@settings(max_examples=50)
@given(situation=busy())
def test_a_vm_is_up_when_its_chain_is_there_and_not_before_its_links_allow(
    situation: Situation,
) -> None:
    cluster = situation.cluster
    diffs = {diff.name: diff for diff in cluster.diffs}
    last = {vm.name: vm.diff for vm in cluster.vms}
    servers = {server.name: server for server in cluster.servers}
    found = recover(*situation, time_limit=0)
    for rebuild in found.rebuilds:
        chain = chain_of(last[rebuild.vm], diffs)
        coming = [it for it in found.transfers if it.target == rebuild.server and it.diff in chain]
        assert rebuild.seconds == max((it.end_seconds for it in coming), default=0.0)
        rate = servers[rebuild.server].net_in
        if rate is not None:
            assert rebuild.seconds >= sum(it.size for it in coming) / rate - 1e-6
    assert found.seconds == max((it.seconds for it in found.rebuilds), default=0.0)
    if found.busiest_link is not None:
        assert found.seconds >= found.busiest_link.seconds - 1e-6


@settings(max_examples=50)
@given(situation=busy())
def test_on_the_rate_of_one_target_alone_no_time_is_lost(situation: Situation) -> None:
    cluster = situation.cluster
    servers = tuple(
        replace(it, net_in=4, net_out=None, accept_rebuilds=it.name == "d")
        for it in cluster.servers
    )
    vms = tuple(replace(vm, allowed_servers=None) for vm in cluster.vms)
    alone = replace(cluster, servers=servers, vms=vms)
    found = recover(alone, situation.placement, situation.failed, time_limit=0)
    assert found.seconds == pytest.approx(found.transfer_bytes / 4)


def _three(**rates: int | None) -> Cluster:
    """VMs one and two of x share the diff base; far has its own image, stored on c."""
    return Cluster(
        servers=(
            Server(name="x", disk=0),
            Server(name="b", disk=0, accept_rebuilds=False, net_out=rates.get("b")),
            Server(name="c", disk=0, accept_rebuilds=False, net_out=rates.get("c")),
            Server(name="t", disk=0, net_in=rates.get("t")),
        ),
        diffs=(
            Diff(name="base", size=40 * MIB),
            Diff(name="top1", size=10 * MIB, parent="base"),
            Diff(name="top2", size=20 * MIB, parent="base"),
            Diff(name="far", size=100 * MIB),
        ),
        vms=(
            VM(name="far", server="x", diff="far"),
            VM(name="two", server="x", diff="top2"),
            VM(name="one", server="x", diff="top1"),
        ),
    )


def _stored(**on: str) -> Placement:
    size = {"base": 40 * MIB, "top1": 10 * MIB, "top2": 20 * MIB, "far": 100 * MIB}
    return Placement(
        stored=tuple(
            Extent(diff=diff, server=server, start=0, stop=size[diff])
            for diff, servers in on.items()
            for server in servers
        )
    )


WHERE = _stored(base="b", top1="b", top2="b", far="c")


def _times(cluster: Cluster, placement: Placement) -> dict[str, float]:
    return {it.vm: it.seconds for it in recover(cluster, placement, ["x"]).rebuilds}


def test_what_is_up_soonest_comes_first() -> None:
    # 10 MiB/s into t: base and top1 take 5 s, top2 2 s more, far 10 s more.
    assert _times(_three(t=10 * MIB), WHERE) == {"one": 5.0, "two": 7.0, "far": 17.0}


def test_a_higher_priority_comes_first_whatever_it_takes() -> None:
    cluster = _three(t=10 * MIB)
    vital = replace(cluster, vms=(replace(cluster.vms[0], priority=1), *cluster.vms[1:]))
    assert _times(vital, WHERE) == {"far": 10.0, "one": 15.0, "two": 17.0}


def test_what_a_slow_sender_leaves_of_a_link_goes_to_the_next() -> None:
    # b sends 4 MiB/s of the 10 that t takes: one is up after 50/4 s, two after 70/4. Meanwhile
    # far gets 6 MiB/s from c: 100/6 s, which is before 70/4.
    times = _times(_three(t=10 * MIB, b=4 * MIB), WHERE)
    assert times == pytest.approx({"one": 12.5, "far": 100 / 6, "two": 17.5})


def test_two_holders_send_in_proportion_to_their_rates() -> None:
    # b at 3 MiB/s and c at 1 MiB/s: 50 MiB take 12.5 s, 20 more 5 s.
    cluster = _three(b=3 * MIB, c=1 * MIB)
    found = recover(cluster, _stored(base="bc", top1="bc", top2="bc", far="c"), ["x"])
    times = {it.vm: it.seconds for it in found.rebuilds}
    assert times["one"] == pytest.approx(12.5)
    assert times["two"] == pytest.approx(17.5)
    by_source = Counter[str]()
    for it in found.transfers:
        if it.diff == "base":
            by_source[it.source] += it.size
    assert by_source == {"b": 30 * MIB, "c": 10 * MIB}
    assert found.busiest_link == BusiestLink(
        server="c", direction="out", bytes=117 * MIB + MIB // 2, seconds=117.5
    )


def test_a_holder_without_a_limit_sends_it_all() -> None:
    found = recover(_three(b=10 * MIB), _stored(base="bc", top1="bc", top2="bc", far="c"), ["x"])
    assert {it.source for it in found.transfers} == {"c"}
    assert found.seconds == 0.0
    assert found.busiest_link is None


def test_a_transfer_is_cut_where_its_rate_changes() -> None:
    # far starts with what b leaves of t, and gets all of t when b has sent everything.
    found = recover(_three(t=10 * MIB, b=7 * MIB), WHERE, ["x"])
    far = [it for it in found.transfers if it.diff == "far"]
    assert [(it.begin_seconds, it.end_seconds) for it in far] == [
        pytest.approx((0.0, 10.0)),
        pytest.approx((10.0, 17.0)),
    ]
    assert [it.size for it in far] == [30 * MIB, 70 * MIB]


def test_a_chain_that_is_there_already_is_up_at_once() -> None:
    assert _times(_three(t=1), _stored(base="t", top1="t", top2="t", far="t")) == {
        "far": 0.0,
        "two": 0.0,
        "one": 0.0,
    }
