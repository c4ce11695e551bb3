"""Clusters and plans that reports are made of."""

from __future__ import annotations

from dataclasses import replace

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Plan, Rebuild, Unprotected
from spareplace.planning import plan
from spareplace.recovery import expected_transfer, recoveries
from tests.examples import paper

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><!--",
    "\"' onmouseover='alert(1)",
    "&lt;b&gt;",
    "\u202eevil\u2066",
    "\u05e9\u05e8\u05ea",
    "tab\tnul\x00escape\x1b[2J\r\n",
    "$x^2$ {{ }} ${1} %s",
    "x" * 5000,
)
"""Names that must stay text."""


def greedy() -> tuple[Cluster, Plan]:
    """The paper's example; by hand 15 GB expected: 40 GB for Sk, 20 GB for Sl."""
    cluster = paper()
    return cluster, plan(cluster, method="greedy")


def planned(cluster: Cluster, placement: Placement) -> Plan:
    """Make a plan of a placement, by hand."""
    recovered = recoveries(cluster, placement)
    return Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="by hand",
        solver=None,
        seed=0,
        seconds=0.5,
        expected_transfer_bytes=float(expected_transfer(recovered)),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
        unprotected=placement.unprotected,
    )


def hostile() -> tuple[Cluster, Plan]:
    """Everything that has a name has a hostile one; a failure for each of nine servers.

    Each server runs a VM of its own diff, which the next server stores half of; the VM goes there.
    """
    servers = tuple(
        Server(name=name, disk=100, capacity={f"r{name}": 9}, zone=name, net_in=1)
        for name in HOSTILE
    )
    nexts = dict(zip(HOSTILE, (*HOSTILE[1:], HOSTILE[0]), strict=True))
    cluster = Cluster(
        servers=servers,
        diffs=tuple(Diff(name=f"d{name}", size=10) for name in HOSTILE),
        vms=tuple(VM(name=f"v{name}", server=name, diff=f"d{name}", disk=7) for name in HOSTILE),
        failures=tuple(Failure(name=f"f{name}", servers=(name,)) for name in HOSTILE),
    )
    extents = [
        Extent(diff=f"d{name}", server=server, start=start, stop=start + 5)
        for name in HOSTILE
        for server, start in ((nexts[name], 0), (nexts[nexts[name]], 5))
    ]
    placement = Placement(
        stored=tuple(sorted(extents)),
        rebuilds={
            f"f{name}": (Rebuild(vm=f"v{name}", server=nexts[name]),) for name in HOSTILE[1:]
        },
        unprotected=tuple(
            Unprotected(vm=f"v{name}", failure=f"f{name}", reason=name) for name in HOSTILE[:1]
        ),
    )
    made = planned(cluster, placement)
    return cluster, replace(made, method=HOSTILE[0], solver=HOSTILE[2])


def many(servers: int, vms: int) -> tuple[Cluster, Plan]:
    """Servers in a ring, each with some VMs, all of which the next server rebuilds without help.

    Every VM has a diff of its own, of 2 bytes, on its server's master of 10, which the next server
    stores but for the last byte; so each failure transfers 1 byte.
    """
    names = [f"s{at:03}" for at in range(servers)]
    nexts = dict(zip(names, names[1:] + names[:1], strict=True))
    masters = [Diff(name=f"m{name}", size=10) for name in names]
    tops = [
        Diff(name=f"{name}.{at}", size=2, parent=f"m{name}") for name in names for at in range(vms)
    ]
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=10_000, net_in=10) for name in names),
        diffs=(*masters, *tops),
        vms=tuple(
            VM(name=f"v{top.name}", server=top.name.split(".")[0], diff=top.name, disk=3)
            for top in tops
        ),
    )
    stored = [
        Extent(diff=master.name, server=nexts[master.name[1:]], start=0, stop=9)
        for master in masters
    ]
    # the last byte of each master is on the server after the next one
    stored += [
        Extent(diff=master.name, server=nexts[nexts[master.name[1:]]], start=9, stop=10)
        for master in masters
    ]
    stored += [
        Extent(diff=top.name, server=nexts[top.name.split(".")[0]], start=0, stop=2) for top in tops
    ]
    rebuilds = {
        name: tuple(
            Rebuild(vm=vm.name, server=nexts[name]) for vm in cluster.vms if vm.server == name
        )
        for name in names
    }
    return cluster, planned(cluster, Placement(stored=tuple(sorted(stored)), rebuilds=rebuilds))
