"""Clusters and judgements that several tests share."""

from __future__ import annotations

from pathlib import Path

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.files import load_cluster
from spareplace.parts import VM, Diff, Server
from spareplace.placement import DEFAULT_MAX_PIECES, Placement, Plan
from spareplace.recovery import expected_transfer, recoveries
from spareplace.verify import Violation, check

EXAMPLES = Path(__file__).parents[1] / "examples"

GB = 10**9


def paper() -> Cluster:
    """The example of Matsuo et al., as reconstructed."""
    return load_cluster(EXAMPLES / "paper.json")


def violations(
    cluster: Cluster, placement: Placement, max_pieces: int = DEFAULT_MAX_PIECES
) -> tuple[Violation, ...]:
    """Judge a placement as the plan that it makes."""
    recovered = recoveries(cluster, placement)
    plan = Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="test",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=float(expected_transfer(recovered)),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
        unprotected=placement.unprotected,
    )
    return check(cluster, plan, max_pieces=max_pieces)


def three_servers(**more: int) -> Cluster:
    """Servers a, b and c of 100 bytes; VM web on a, of 10 bytes, its diffs base 40 and top 5."""
    return Cluster(
        servers=tuple(Server(name=name, disk=more.get(name, 100)) for name in "abc"),
        diffs=(Diff(name="base", size=40), Diff(name="top", size=5, parent="base")),
        vms=(VM(name="web", server="a", diff="top", disk=10),),
    )
