"""Plans made by hand, and what the check says about them in short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.parts import Failure, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Recovery, Transfer, Unprotected
from spareplace.recovery import expected_transfer, recoveries
from spareplace.verify import check

MIB = 2**20

ABC = tuple(Server(name=name, disk=100) for name in "abc")
A_FAILS = (Failure(name="A", servers=("a",), weight=0.5),)

Breach: TypeAlias = tuple[str, str | None, str | None, str, Decimal | int]
"""Rule, failure, server, item, amount."""


def extent(diff: str, server: str, start: int, stop: int) -> Extent:
    return Extent(diff=diff, server=server, start=start, stop=stop)


def transfer(diff: str, source: str, target: str, start: int, stop: int) -> Transfer:
    return Transfer(diff=diff, source=source, target=target, start=start, stop=stop)


def recovery(
    failure: str,
    weight: float,
    transfer_bytes: int = 0,
    rebuilds: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    transfers: Iterable[Transfer] = (),
) -> Recovery:
    """A recovery in which every figure is given."""
    return Recovery(
        failure=failure,
        weight=weight,
        transfer_bytes=transfer_bytes,
        rebuilds=tuple(Rebuild(vm=vm, server=server) for vm, server in dict(rebuilds).items()),
        transfers=tuple(transfers),
    )


def plan_of(
    cluster: Cluster,
    stored: Iterable[Extent],
    recovered: Iterable[Recovery],
    expected: float = 0.0,
    *,
    bound: float | None = None,
    unprotected: Iterable[tuple[str, str]] = (),
) -> Plan:
    """A plan in which every figure is given; unprotected are pairs of a VM and a failure."""
    return Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="by hand",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=expected,
        lower_bound_bytes=bound,
        stored=tuple(stored),
        recoveries=tuple(recovered),
        unprotected=tuple(
            Unprotected(vm=vm, failure=failure, reason="by hand") for vm, failure in unprotected
        ),
    )


def filled(
    cluster: Cluster,
    stored: Iterable[Extent] = (),
    rebuilds: Mapping[str, Mapping[str, str]] | None = None,
    unprotected: Iterable[tuple[str, str]] = (),
) -> Plan:
    """A plan whose figures are worked out: rebuilds say VM -> server for each failure."""
    stored = tuple(stored)
    placed = {
        failure: tuple(Rebuild(vm=vm, server=server) for vm, server in targets.items())
        for failure, targets in (rebuilds or {}).items()
    }
    recovered = recoveries(cluster, Placement(stored=stored, rebuilds=placed))
    expected = float(expected_transfer(recovered))
    return plan_of(cluster, stored, recovered, expected, unprotected=unprotected)


def to_b(cluster: Cluster) -> Plan:
    """Nothing is stored, and the VM `vm` is rebuilt on b in failure A."""
    return filled(cluster, (), {"A": {"vm": "b"}})


def breaches(
    cluster: Cluster, plan: Plan, *, max_pieces: int = 4, stored_limit: int | None = None
) -> list[Breach]:
    """What `check` finds, without its words."""
    return [
        (one.rule, one.failure, one.server, one.item, one.amount)
        for one in check(cluster, plan, max_pieces=max_pieces, stored_limit=stored_limit)
    ]
