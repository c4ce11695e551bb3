"""The cluster: its parts fit together, and its failures have weights."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spareplace.cluster import Cluster, chain_of, each_server
from spareplace.errors import InvalidInput
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.testing import clusters

SERVERS = (Server(name="a", disk=100), Server(name="b", disk=100), Server(name="c", disk=100))


def test_without_a_list_each_server_fails_alone_with_the_same_weight() -> None:
    cluster = Cluster(servers=SERVERS)
    assert cluster.failures == tuple(
        Failure(name=name, servers=(name,), weight=1 / 3) for name in "abc"
    )


def test_an_empty_list_means_no_failure() -> None:
    assert Cluster(servers=SERVERS, failures=()).failures == ()


def test_a_weight_left_out_becomes_one_over_the_number_of_failures() -> None:
    cluster = Cluster(
        servers=SERVERS,
        failures=(
            Failure(name="one", servers=("a",)),
            Failure(name="two", servers=("b",), weight=0),
            Failure(name="three", servers=("a", "b"), weight=3.5),
            Failure(name="four", servers=("a", "b", "c")),
        ),
    )
    assert [failure.weight for failure in cluster.failures] == [0.25, 0.0, 3.5, 0.25]


def test_another_list_of_failures_is_given_by_replace() -> None:
    cluster = Cluster(servers=SERVERS)
    rack = replace(cluster, failures=(Failure(name="rack", servers=("a", "b")),))
    assert rack.failures == (Failure(name="rack", servers=("a", "b"), weight=1.0),)
    assert replace(cluster) == cluster


def test_parts_that_do_not_fit_are_all_listed() -> None:
    with pytest.raises(InvalidInput) as refused:
        Cluster(
            servers=(Server(name="alpha", disk=1), Server(name="alpha", disk=1)),
            diffs=(Diff(name="base", size=1, parent="base"),),
            vms=(VM(name="v", server="alhpa", demand={"cpu": 1}),),
            failures=(Failure(name="f", servers=("beta",)),),
        )
    assert str(refused.value).splitlines() == [
        "$.servers[1].name: found 'alpha' again, expected a name that no other server has; "
        "it stands first at $.servers[0]",
        "$.diffs[0].parent: found a cycle of 1 diff: 'base', expected a chain of parents that "
        "ends at a master",
        "$.vms[0].server: found 'alhpa', expected the name of a server; did you mean 'alpha'?",
        "$.vms[0].demand.cpu: found 'cpu', expected a resource that at least one server lists in "
        "its capacity",
        "$.failures[0].servers[0]: found 'beta', expected the name of a server",
    ]


def test_a_change_by_replace_is_checked_again() -> None:
    cluster = Cluster(servers=SERVERS, vms=(VM(name="v", server="c"),))
    with pytest.raises(InvalidInput, match=r"\$\.vms\[0\]\.server: found 'c'"):
        replace(cluster, servers=SERVERS[:2], failures=())


def test_a_cluster_without_servers_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^\$\.servers: found no server, expected at least one"):
        Cluster(servers=())


def test_lists_become_tuples() -> None:
    cluster = Cluster(
        servers=cast("tuple[Server, ...]", list(SERVERS)),
        diffs=cast("tuple[Diff, ...]", [Diff(name="d", size=1)]),
        vms=cast("tuple[VM, ...]", (VM(name=name, server="a") for name in "vw")),
        failures=cast("tuple[Failure, ...]", [Failure(name="f", servers=("a",))]),
    )
    assert all(
        type(parts) is tuple
        for parts in (cluster.servers, cluster.diffs, cluster.vms, cluster.failures)
    )
    assert [vm.name for vm in cluster.vms] == ["v", "w"]


def test_a_cluster_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Cluster(servers=SERVERS).servers = ()  # type: ignore[misc]


@given(clusters())
def test_a_cluster_is_a_value(cluster: Cluster) -> None:
    again = pickle.loads(pickle.dumps(cluster))
    assert again == cluster
    assert hash(again) == hash(cluster)
    assert replace(cluster) == cluster


@given(clusters(), st.randoms())
def test_the_diffs_may_come_in_any_order(cluster: Cluster, random: Random) -> None:
    diffs = list(cluster.diffs)
    random.shuffle(diffs)
    shuffled = replace(cluster, diffs=tuple(diffs))
    before, after = (
        [chain_of(vm.diff, {diff.name: diff for diff in some.diffs}) for vm in some.vms]
        for some in (cluster, shuffled)
    )
    assert before == after


def test_a_chain_begins_at_its_master() -> None:
    diffs = {
        "base": Diff(name="base", size=40),
        "web": Diff(name="web", size=5, parent="base"),
        "top": Diff(name="top", size=1, parent="web"),
    }
    assert chain_of("top", diffs) == ("base", "web", "top")
    assert chain_of("base", diffs) == ("base",)
    assert chain_of(None, diffs) == ()


def test_a_chain_of_thousands_of_diffs_is_followed() -> None:
    diffs = {
        f"d{at}": Diff(name=f"d{at}", size=1, parent=f"d{at - 1}" if at else None)
        for at in range(5000)
    }
    assert chain_of("d4999", diffs) == tuple(diffs)


def test_each_server_alone_is_a_failure_named_as_the_server() -> None:
    assert each_server(SERVERS[:2]) == (
        Failure(name="a", servers=("a",)),
        Failure(name="b", servers=("b",)),
    )
