"""The failure lists that are made from the servers of a cluster."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.failures import (
    Kind,
    failures_of,
    pair_failures,
    single_failures,
    zone_failures,
)
from spareplace.parts import Failure, Server

KINDS: tuple[Kind, ...] = ("single", "zones", "pairs")


def servers(**zones: str | None) -> list[Server]:
    return [Server(name=name, disk=0, zone=zone) for name, zone in zones.items()]


def lists(failures: Sequence[Failure]) -> list[tuple[str, tuple[str, ...]]]:
    return [(failure.name, failure.servers) for failure in failures]


def test_single_failures_are_those_that_a_cluster_has_by_itself() -> None:
    three = servers(a="r1", b=None, c="r1")
    listed = replace(Cluster(servers=tuple(three)), failures=single_failures(three))
    assert listed == Cluster(servers=tuple(three))


def test_zones_come_in_the_order_of_the_servers_and_leave_out_those_without() -> None:
    found = zone_failures(servers(a="r2", b="r1", c=None, d="r2"))
    assert lists(found) == [("zone r2", ("a", "d")), ("zone r1", ("b",))]


def test_pairs_are_every_two_servers_once() -> None:
    found = pair_failures(servers(a=None, b=None, c=None))
    assert lists(found) == [("a + b", ("a", "b")), ("a + c", ("a", "c")), ("b + c", ("b", "c"))]


def test_one_server_has_no_pair() -> None:
    assert pair_failures(servers(a="r1")) == ()


def test_no_kind_gives_an_empty_list() -> None:
    assert failures_of(servers(a="r1"), []) == ()


def test_weights_are_shared_evenly_over_the_whole_list_by_the_cluster() -> None:
    three = servers(a="r1", b="r1", c="r2")
    # a, b, c and zone r1; zone r2 is c alone, so it is there already
    cluster = Cluster(servers=tuple(three), failures=failures_of(three, ["single", "zones"]))
    assert [failure.weight for failure in cluster.failures] == [0.25] * 4


def test_the_first_kind_names_what_fails_together_by_several_kinds() -> None:
    three = servers(a="r1", b="r1", c="r2")
    assert lists(failures_of(three, ["zones", "pairs", "single"])) == [
        ("zone r1", ("a", "b")),
        ("zone r2", ("c",)),
        ("a + c", ("a", "c")),
        ("b + c", ("b", "c")),
        ("a", ("a",)),
        ("b", ("b",)),
    ]


def test_weights_of_the_kinds_that_one_failure_stands_for_add_up_as_decimals() -> None:
    found = failures_of(
        servers(a="r1", b="r2", c=None), ["single", "zones"], {"single": 0.1, "zones": 0.2}
    )
    assert [(failure.name, failure.weight) for failure in found] == [
        ("a", 0.3), ("b", 0.3), ("c", 0.1)
    ]  # fmt: skip


def test_a_kind_without_a_weight_adds_none() -> None:
    two = servers(a="r1", b=None)
    (a, b) = failures_of(two, ["single", "zones"], {"zones": 0.5})
    assert (a.name, a.weight, b.weight) == ("a", 0.5, None)
    (a, b) = failures_of(two, ["single", "zones"], {"single": 0.5})
    assert (a.weight, b.weight) == (0.5, 0.5)


def test_a_kind_named_twice_counts_once() -> None:
    (only,) = failures_of(servers(a=None), ["single", "single"], {"single": 0.5})
    assert only.weight == 0.5


def test_a_single_failure_keeps_the_name_of_its_server_against_a_zone() -> None:
    confusing = [
        Server(name="zone r1", disk=0, zone="r1"),
        Server(name="zone r1 (2)", disk=0, zone="r1"),
    ]
    assert lists(failures_of(confusing, ["zones", "single"])) == [
        ("zone r1 (3)", ("zone r1", "zone r1 (2)")),
        ("zone r1", ("zone r1",)),
        ("zone r1 (2)", ("zone r1 (2)",)),
    ]


def test_pairs_whose_names_read_the_same_are_numbered() -> None:
    confusing = [Server(name=name, disk=0) for name in ("a", "b + c", "a + b", "c")]
    names = [failure.name for failure in pair_failures(confusing)]
    assert [name for name in names if name.startswith("a + b + c")] == [
        "a + b + c", "a + b + c (2)"
    ]  # fmt: skip


@pytest.mark.parametrize("kinds", [["zone"], ["single", "racks"], "pairs"])
def test_an_unknown_kind_is_refused_with_what_is_known(kinds: Sequence[str]) -> None:
    with pytest.raises(InvalidInput, match="expected one of single, zones, pairs"):
        failures_of(servers(a=None), cast("Sequence[Kind]", kinds))


def test_a_weight_for_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"weights: found 'pair'.*did you mean 'pairs'"):
        failures_of(servers(a=None), ["pairs"], {cast("Kind", "pair"): 1.0})


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_no_weight_is_refused_also_where_it_would_be_added(
    weight: float,
) -> None:
    with pytest.raises(InvalidInput, match="a number from 0"):
        failures_of(servers(a=None), ["single"], {"single": weight})
    with pytest.raises(InvalidInput, match="a number from 0"):
        failures_of(servers(a="r"), ["single", "zones"], {"single": 1.0, "zones": weight})


@settings(max_examples=50, deadline=None)
@given(
    named=st.dictionaries(
        st.sampled_from(["a", "b", "a + b", "zone a", "b + a", "zone a (2)"]),
        st.sampled_from([None, "a", "b", "a + b"]),
        min_size=1,
    ),
    kinds=st.lists(st.sampled_from(KINDS), unique=True),
)
def test_every_list_makes_a_valid_cluster_and_names_each_set_of_servers_once(
    named: dict[str, str | None], kinds: list[Kind]
) -> None:
    made = servers(**named)
    cluster = Cluster(servers=tuple(made), failures=failures_of(made, kinds))
    lost = [frozenset(failure.servers) for failure in cluster.failures]
    assert len(set(lost)) == len(lost)
    singles = {failure.name: failure for failure in cluster.failures if failure.name in named}
    assert all(failure.servers == (name,) for name, failure in singles.items())
