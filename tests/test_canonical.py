"""One cluster, one fingerprint: however it was written, and of no other cluster."""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, fields, replace
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import given

from spareplace.canonical import CLUSTER_FORMAT, cluster_document, fingerprint
from spareplace.cluster import Cluster
from spareplace.files import read_cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.testing import clusters

Part: TypeAlias = Server | Diff | VM | Failure

CLUSTER = Cluster(
    servers=(
        Server(name="s1", disk=100, capacity={"cpu": 8, "memory": 0.5}),
        Server(name="spare", disk=100),
    ),
    diffs=(Diff(name="base", size=40), Diff(name="top", size=5)),
    vms=(VM(name="web", server="s1"),),
    failures=(Failure(name="f", servers=("s1",), weight=0.5),),
)

CHANGES: dict[str, dict[str, object]] = {  # of the last part of each kind
    "servers": {
        "name": "renamed",
        "disk": 101,
        "capacity": {"cpu": 8},
        "zone": "r1",
        "resident": ("top",),
        "accept_extents": False,
        "accept_rebuilds": False,
        "net_in": 0,  # nothing can be sent, and not: nobody knows how much
        "net_out": 0,
    },
    "diffs": {"name": "renamed", "size": 41, "parent": "base"},
    "vms": {
        "name": "renamed",
        "server": "spare",
        "diff": "base",
        "disk": 1,
        "demand": {"cpu": 0},
        "groups": ("g",),
        "allowed_servers": ("s1", "spare"),  # all of them by name, and not: all
        "priority": 1,
        "protect": False,
    },
    "failures": {"name": "renamed", "servers": ("s1", "spare"), "weight": 0.25},
}


def changed(key: str, field: str, value: object) -> Cluster:
    """Give the cluster with another value in a field of the last part of a kind."""
    *others, last = getattr(CLUSTER, key)
    kept: dict[str, Any] = {each.name: getattr(last, each.name) for each in fields(last)}
    return replace(CLUSTER, **{key: (*others, type(last)(**{**kept, field: value}))})


def test_the_fingerprint_is_the_sha256_of_the_canonical_json() -> None:
    cluster = Cluster(servers=(Server(name="é", disk=1),), failures=())
    text = (
        '{"diffs":[],"failures":[],"format":"spareplace/cluster/1",'
        '"servers":[{"disk":1,"name":"\\u00e9"}],"vms":[]}'
    )
    assert fingerprint(cluster) == hashlib.sha256(text.encode()).hexdigest()
    assert CLUSTER_FORMAT == "spareplace/cluster/1"


def test_the_order_of_resources_does_not_matter() -> None:
    one, other = (
        Cluster(
            servers=(Server(name="a", disk=1, capacity=dict.fromkeys(keys, 1)),),
            vms=(VM(name="v", server="a", demand=dict.fromkeys(keys, 1)),),
        )
        for keys in (["cpu", "memory"], ["memory", "cpu"])
    )
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize("amount", [2.0, Decimal(2), Decimal("2.000"), Decimal("0.2E+1")])
def test_2_is_2_however_it_is_written(amount: float | Decimal) -> None:
    one, other = (
        Cluster(servers=(Server(name="a", disk=1, capacity={"cpu": given}),))
        for given in (2, amount)
    )
    assert fingerprint(one) == fingerprint(other)


def test_amounts_that_one_float_stands_for_stay_apart() -> None:
    one, other = (
        Cluster(servers=(Server(name="a", disk=1, capacity={"cpu": Decimal(amount)}),))
        for amount in ("0.1", "0.1000000000000000000001")
    )
    assert fingerprint(one) != fingerprint(other)


def test_a_default_that_is_written_out_does_not_matter() -> None:
    short = Cluster(
        servers=(Server(name="a", disk=1),),
        diffs=(Diff(name="d", size=1),),
        vms=(VM(name="v", server="a"),),
    )
    long = Cluster(
        servers=(
            Server(
                name="a",
                disk=1,
                capacity={},
                zone=None,
                resident=(),
                accept_extents=True,
                accept_rebuilds=True,
                net_in=None,
                net_out=None,
            ),
        ),
        diffs=(Diff(name="d", size=1, parent=None),),
        vms=(
            VM(
                name="v",
                server="a",
                diff=None,
                disk=0,
                demand={},
                groups=(),
                allowed_servers=None,
                priority=0,
                protect=True,
            ),
        ),
        failures=(Failure(name="a", servers=("a",), weight=1),),
    )
    assert fingerprint(short) == fingerprint(long)


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("servers", Server(name="a", disk=0)),
        ("diffs", Diff(name="d", size=0)),
        ("vms", VM(name="v", server="a")),
        ("failures", Failure(name="f", servers=("a",), weight=0)),
    ],
)
def test_a_part_is_written_with_what_has_no_default_alone(key: str, part: Part) -> None:
    cluster = Cluster(servers=(Server(name="a", disk=0),), failures=())
    only: dict[str, Any] = {key: (part,)}
    listed = cluster_document(replace(cluster, **only))[key]
    required = {
        field.name: getattr(part, field.name)
        for field in fields(part)
        if field.default is MISSING and field.default_factory is MISSING
    }
    if isinstance(part, Failure):
        required["weight"] = 0.0  # its default depends on the list that it stands in
    shown = {name: list(kept) if type(kept) is tuple else kept for name, kept in required.items()}
    assert listed == [shown]


def test_every_field_of_every_part_is_changed_once_below() -> None:
    assert CHANGES.keys() == {field.name for field in fields(Cluster)}
    for key, changes in CHANGES.items():
        assert changes.keys() == {field.name for field in fields(getattr(CLUSTER, key)[0])}


@pytest.mark.parametrize(
    ("key", "field"), [(key, field) for key, changes in CHANGES.items() for field in changes]
)
def test_another_value_in_any_field_is_another_fingerprint(key: str, field: str) -> None:
    other = changed(key, field, CHANGES[key][field])
    assert other != CLUSTER
    assert fingerprint(other) != fingerprint(CLUSTER)


def test_another_order_of_parts_is_another_fingerprint() -> None:
    # the heuristics go by the order of the file
    for key in ("servers", "diffs"):
        other = replace(CLUSTER, **{key: tuple(reversed(getattr(CLUSTER, key)))})
        assert fingerprint(other) != fingerprint(CLUSTER)


@given(clusters())
def test_the_document_is_a_cluster_file_that_reads_back_equal(cluster: Cluster) -> None:
    # so no two clusters have one document
    again = read_cluster(json.dumps(cluster_document(cluster)))
    assert again == cluster
    assert fingerprint(again) == fingerprint(cluster)
