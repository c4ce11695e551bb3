"""A strategy for clusters: small, of any shape that is valid, the simple ones first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, TypedDict, get_args

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.cluster import Cluster, each_server
from spareplace.fields import Amount
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.testing.drawing import EVEN, amount_of, bytes_of, few_of, one_of, some_of

Feature: TypeAlias = Literal[
    "allowed_servers",
    "decimals",
    "drained",
    "empty_diffs",
    "failures",
    "groups",
    "odd_names",
    "odd_sizes",
    "priorities",
    "rates",
    "residents",
    "resources",
    "unprotected",
    "vm_disks",
    "weights",
    "zones",
]
"""What a cluster may make use of, beyond servers with disk, chains of diffs, and VMs on them.

``decimals``: amounts such as 0.1, where there are resources. ``drained``: servers that accept no
extents or no rebuilds. ``empty_diffs``: diffs of no bytes. ``failures``: other failures than each
server alone: several servers at once, a server twice, none at all. ``odd_names``: any text for a
name. ``odd_sizes``: bytes that have no common unit. ``rates``: network rates of servers.
``unprotected``: VMs that are never rebuilt. ``vm_disks``: VMs that occupy disk. ``weights``:
failures with weights, 0 among them. The others are named as the fields that they stand for.
"""

FEATURES: frozenset[Feature] = frozenset(get_args(Feature))
"""All of them."""


class Shape(TypedDict, total=False):
    """The bounds of the clusters to make: what `clusters` takes."""

    min_servers: int
    max_servers: int
    min_diffs: int
    max_diffs: int
    min_vms: int
    max_vms: int
    features: Collection[Feature]


RESOURCES = ("cpu", "memory")
WEIGHTS = (None, 1.0, 0.5, 0.1, 0.0, 3.0)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)


@st.composite
def clusters(  # noqa: D417 (Hypothesis passes `draw`)
    draw: DrawFn,
    *,
    min_servers: int = 1,
    max_servers: int = 4,
    min_diffs: int = 0,
    max_diffs: int = 5,
    min_vms: int = 0,
    max_vms: int = 5,
    features: Collection[Feature] = FEATURES,
) -> Cluster:
    """Make valid clusters of every shape; few of them can be protected in full.

    Sizes are a few GB or MiB, so that diffs can be split, amounts a few units or tenths.

    Parameters
    ----------
    min_servers, max_servers, min_diffs, max_diffs, min_vms, max_vms
        How many there are of each. A cluster has at least one server.
    features
        What may occur; what is left out does not.

    Examples
    --------
    >>> from hypothesis import find
    >>> smallest = find(clusters(features=()), lambda cluster: len(cluster.vms) > 0)
    >>> len(smallest.servers), len(smallest.diffs), smallest.vms[0].name
    (1, 0, 'v0')
    """
    # Few features at a time: with all at once, most clusters would have no VM to protect.
    used = {feature for feature in sorted(features) if one_of(draw, (False, False, True))}
    unit = one_of(draw, (10**9, 2**20, 1) if "odd_sizes" in used else (10**9, 2**20))
    diffs = _diffs(draw, unit, _names(draw, "d", min_diffs, max_diffs, used), used)
    hosts = _names(draw, "s", max(min_servers, 1), max_servers, used)
    servers = tuple(draw(_server(unit, name, diffs, used)) for name in hosts)
    vms = tuple(
        draw(_vm(unit, name, servers, diffs, used))
        for name in _names(draw, "v", min_vms, max_vms, used)
    )
    failures = each_server(servers)
    if "failures" in used:
        names = _names(draw, "f", 0, 4, used)
        failures = tuple(Failure(name=name, servers=few_of(draw, hosts)) for name in names)
    if "weights" in used:
        failures = tuple(replace(lost, weight=one_of(draw, WEIGHTS)) for lost in failures)
    return Cluster(servers=servers, diffs=diffs, vms=vms, failures=failures)


def _names(
    draw: DrawFn, letter: str, least: int, most: int, used: Collection[Feature]
) -> list[str]:
    # Every second time as many as there may be: the small ones come when an example is shrunk.
    count = one_of(draw, [*range(least, most), *[most] * (most - least + 1)])
    if "odd_names" in used and draw(EVEN):
        return draw(st.lists(TEXT, min_size=count, max_size=count, unique=True))
    return [f"{letter}{number}" for number in range(count)]


def _diffs(
    draw: DrawFn, unit: int, names: list[str], used: Collection[Feature]
) -> tuple[Diff, ...]:
    made = tuple(
        draw(_diff(unit, name, names[:position], used)) for position, name in enumerate(names)
    )
    return made[::-1] if draw(EVEN) else made  # children may stand before their parents


@st.composite
def _diff(draw: DrawFn, unit: int, name: str, before: list[str], used: Collection[Feature]) -> Diff:
    least = 0 if "empty_diffs" in used else 1
    return Diff(
        name=name,
        size=bytes_of(draw, unit, least, 20, odd="odd_sizes" in used),
        parent=one_of(draw, [None, *before]),
    )


@st.composite
def _server(
    draw: DrawFn, unit: int, name: str, diffs: tuple[Diff, ...], used: Collection[Feature]
) -> Server:
    rates = (None, 0, 10**6, 1_250_000_000) if "rates" in used else (None,)
    accepts = (True, True, False) if "drained" in used else (True,)
    held = [diff.name for diff in diffs] if "residents" in used else []
    return Server(
        name=name,
        disk=bytes_of(draw, unit, 0, 100, odd="odd_sizes" in used),
        capacity=_amounts(draw, RESOURCES if "resources" in used else (), 16, used),
        zone=one_of(draw, (None, "r1", "r2") if "zones" in used else (None,)),
        resident=some_of(draw, held),
        accept_extents=one_of(draw, accepts),
        accept_rebuilds=one_of(draw, accepts),
        net_in=one_of(draw, rates),
        net_out=one_of(draw, rates),
    )


@st.composite
def _vm(
    draw: DrawFn,
    unit: int,
    name: str,
    servers: tuple[Server, ...],
    diffs: tuple[Diff, ...],
    used: Collection[Feature],
) -> VM:
    hosts = [server.name for server in servers]
    listed = sorted({resource for server in servers for resource in server.capacity})
    bound = "allowed_servers" in used and draw(EVEN)
    return VM(
        name=name,
        server=one_of(draw, hosts),
        diff=one_of(draw, [None, *(diff.name for diff in diffs)]),
        disk=bytes_of(draw, unit, 0, 20, odd="odd_sizes" in used) if "vm_disks" in used else 0,
        demand=_amounts(draw, listed, 6, used),
        groups=some_of(draw, ("g1", "g2") if "groups" in used else ()),
        allowed_servers=some_of(draw, hosts, least=1) if bound else None,
        priority=one_of(draw, (0, 1, 7, -1) if "priorities" in used else (0,)),
        protect=one_of(draw, (True, True, False) if "unprotected" in used else (True,)),
    )


def _amounts(
    draw: DrawFn, resources: Sequence[str], most: int, used: Collection[Feature]
) -> dict[str, Amount]:
    return {
        resource: amount_of(draw, most, decimals="decimals" in used)
        for resource in some_of(draw, resources)
    }
