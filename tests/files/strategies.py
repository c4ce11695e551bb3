"""Clusters and plans with every odd value that a file must carry: names, digits, weights."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.fields import Amount
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Plan, Rebuild, Recovery, Transfer, Unprotected
from spareplace.units import LARGEST

names = st.text(min_size=1, max_size=6)
sizes = st.integers(0, LARGEST)
long_decimals = st.builds(
    lambda whole, part: Decimal(f"{whole}.{part:030d}"),
    st.integers(0, LARGEST - 1),
    st.integers(0, 10**30 - 1),
)
amounts: st.SearchStrategy[Amount] = st.one_of(
    st.integers(0, LARGEST), st.sampled_from([0.1, 1e-7, 0.5, 2.0]), long_decimals
)
RESOURCES = ["cpu", "memory", "disk io", "δ\n"]
weights = st.one_of(
    st.none(),
    st.sampled_from([0.0, 1 / 3, 0.1, 1e-9, 2.0**53]),
    st.integers(1, 999).map(Decimal(1).__truediv__).map(float),
)


def some(pool: list[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw different names out of those that there are."""
    if not pool:
        return st.just(())
    return st.lists(st.sampled_from(pool), min_size=least, max_size=3, unique=True).map(tuple)


@st.composite
def servers(draw: st.DrawFn, at: list[str], stored: list[str]) -> tuple[Server, ...]:
    """Draw the servers of these names; the first lists every resource."""
    first = Server(
        name=at[0],
        disk=draw(sizes),
        capacity={name: draw(amounts) for name in RESOURCES},
        net_in=draw(st.none() | sizes),
        net_out=draw(st.none() | sizes),
    )
    others = [
        Server(
            name=name,
            disk=draw(sizes),
            capacity=draw(st.dictionaries(st.sampled_from(RESOURCES), amounts, max_size=2)),
            zone=draw(st.none() | names),
            resident=draw(some(stored)),
            accept_extents=draw(st.booleans()),
            accept_rebuilds=draw(st.booleans()),
        )
        for name in at[1:]
    ]
    return (first, *others)


@st.composite
def vms(draw: st.DrawFn, at: list[str], stored: list[str]) -> tuple[VM, ...]:
    """Draw VMs on these servers, with these diffs."""
    return tuple(
        VM(
            name=name,
            server=draw(st.sampled_from(at)),
            diff=draw(st.sampled_from([None, *stored])),
            disk=draw(st.just(0) | sizes),
            demand=draw(st.dictionaries(st.sampled_from(RESOURCES), amounts, max_size=2)),
            groups=tuple(draw(st.lists(names, max_size=2, unique=True))),
            allowed_servers=draw(st.none() | some(at, least=1)),
            priority=draw(st.integers(-LARGEST, LARGEST)),
            protect=draw(st.booleans()),
        )
        for name in draw(st.lists(names, max_size=3, unique=True))
    )


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Draw a cluster of a few parts with any mix of optional fields."""
    at = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    stored = draw(st.lists(names, max_size=4, unique=True))
    diffs = [
        Diff(name=name, size=draw(sizes), parent=draw(st.sampled_from([None, *stored[:position]])))
        for position, name in enumerate(stored)
    ]
    whole = Cluster(
        servers=draw(servers(at, stored)), diffs=tuple(diffs), vms=draw(vms(at, stored))
    )
    if draw(st.booleans()):
        return whole
    failures = [
        Failure(name=name, servers=draw(some(at, least=1)), weight=draw(weights))
        for name in draw(st.lists(names, max_size=3, unique=True))
    ]
    return replace(whole, failures=tuple(failures))


spans = st.lists(sizes, min_size=2, max_size=2, unique=True).map(sorted)
figures = st.floats(0, allow_nan=False, allow_infinity=False)
extents = st.builds(
    lambda diff, server, span: Extent(diff=diff, server=server, start=span[0], stop=span[1]),
    names,
    names,
    spans,
)
transfers = st.builds(
    lambda diff, source, target, span: Transfer(
        diff=diff, source=source, target=target, start=span[0], stop=span[1]
    ),
    names,
    names,
    names,
    spans,
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan of the right form; it need not keep any rule."""
    recoveries = [
        Recovery(
            failure=failure,
            weight=draw(figures),
            transfer_bytes=draw(sizes | st.integers(LARGEST, 1000 * LARGEST)),
            rebuilds=tuple(draw(st.lists(st.builds(Rebuild, vm=names, server=names), max_size=2))),
            transfers=tuple(draw(st.lists(transfers, max_size=2))),
        )
        for failure in draw(st.lists(names, max_size=3, unique=True))
    ]
    given_up = st.builds(Unprotected, vm=names, failure=names, reason=st.text(max_size=9))
    return Plan(
        cluster_sha256=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        status=draw(st.sampled_from(["optimal", "feasible"])),
        method=draw(names),
        solver=draw(st.none() | names),
        seed=draw(st.integers(-LARGEST, LARGEST)),
        seconds=draw(figures),
        expected_transfer_bytes=draw(figures),
        lower_bound_bytes=draw(st.none() | figures),
        stored=tuple(draw(st.lists(extents, max_size=3))),
        recoveries=tuple(recoveries),
        unprotected=tuple(draw(st.lists(given_up, max_size=2))),
    )
