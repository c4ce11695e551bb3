"""The canonical JSON of a cluster, and the hash that ties a plan to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import TypeAlias

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
"""What JSON can say."""

CLUSTER_FORMAT = "spareplace/cluster/1"


def cluster_document(cluster: Cluster) -> dict[str, JSON]:
    """Give the cluster as a JSON document; what equals its default is left out."""
    return {
        "format": CLUSTER_FORMAT,
        "servers": [_part(server) for server in cluster.servers],
        "diffs": [_part(diff) for diff in cluster.diffs],
        "vms": [_part(vm) for vm in cluster.vms],
        "failures": [_part(failure) for failure in cluster.failures],
    }


def fingerprint(cluster: Cluster) -> str:
    """Give the SHA-256 of the canonical JSON of a cluster, in hexadecimal.

    Examples
    --------
    >>> one = Cluster(servers=(Server(name="a", disk=1, capacity={"cpu": 2.0}),))
    >>> two = Cluster(servers=(Server(name="a", disk=1, capacity={"cpu": 2}),))
    >>> fingerprint(one) == fingerprint(two)
    True
    """
    text = json.dumps(cluster_document(cluster), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_DEFAULTS: Mapping[str, object] = {
    "capacity": {}, "zone": None, "resident": (), "accept_extents": True,
    "accept_rebuilds": True, "net_in": None, "net_out": None, "parent": None, "diff": None,
    "demand": {}, "groups": (), "allowed_servers": None, "priority": 0, "protect": True,
}  # fmt: skip


_ALWAYS = object()
"""Stands for the default of a field that is always written; equal to no value."""

_FIELDS: Mapping[type, tuple[tuple[str, object], ...]] = {
    kind: tuple((field.name, _DEFAULTS.get(field.name, _ALWAYS)) for field in fields(kind))
    for kind in (Server, Diff, VM, Failure)
}
"""The fields of each part, each with its default. Looked up once: clusters have many parts."""


def _part(part: Server | Diff | VM | Failure) -> dict[str, JSON]:
    document: dict[str, JSON] = {}
    for name, default in _FIELDS[type(part)]:
        value = getattr(part, name)
        if name == "disk" and value == 0 and isinstance(part, VM):
            continue
        if value != default:
            document[name] = _value(value)
    return document


def _value(value: object) -> JSON:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple):
        return [str(name) for name in value]
    if isinstance(value, Mapping):
        return {str(key): _number(amount) for key, amount in value.items()}
    raise TypeError(f"{value!r} has no JSON form")


def _number(amount: Decimal) -> JSON:
    """Write an amount as a number, or as text with a unit where a float would lose digits."""
    if amount == amount.to_integral_value():
        return int(amount)
    near = float(amount)
    return near if Decimal(repr(near)) == amount else f"{amount:f}B"
