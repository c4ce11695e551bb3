"""Registrations of every kind for a cluster that stands, and the books in a form to compare."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster
from spareplace.lifecycle.registering import Registration
from spareplace.lifecycle.registering.books import Books
from spareplace.parts import VM, Diff
from spareplace.placement import Placement, Plan
from spareplace.recovery import expected_transfer, recoveries

MIB = 2**20


def plan_of(cluster: Cluster, placement: Placement) -> Plan:
    """Work out the figures of a placement."""
    recovered = recoveries(cluster, placement)
    return Plan(
        cluster_sha256=fingerprint(cluster),
        status="feasible",
        method="by hand",
        solver=None,
        seed=0,
        seconds=0.0,
        expected_transfer_bytes=float(expected_transfer(recovered)),
        lower_bound_bytes=None,
        stored=placement.stored,
        recoveries=recovered,
        unprotected=placement.unprotected,
    )


@st.composite
def registrations(draw: st.DrawFn, cluster: Cluster) -> Registration:
    """Registrations that fit to a cluster: VMs that come, change and go, with their diffs."""
    leaving = [vm.name for vm in cluster.vms if draw(st.integers(0, 4)) == 0]
    staying = [vm for vm in cluster.vms if vm.name not in leaving]
    changing = [vm for vm in staying if draw(st.integers(0, 3)) == 0]
    taken = {diff.name for diff in cluster.diffs} | {vm.name for vm in cluster.vms}
    new_names = [name for n in range(12) if (name := f"new {n}") not in taken]
    diffs: list[Diff] = []
    for name in new_names[: draw(st.integers(0, 2))]:
        above = [None, *(diff.name for diff in (*cluster.diffs, *diffs))]
        size = draw(st.sampled_from((0, 1, MIB, 3 * MIB, 10**9, 5 * 10**9)))
        diffs.append(Diff(name=name, size=size, parent=draw(st.sampled_from(above))))
    known = [None, *(diff.name for diff in (*diffs, *cluster.diffs))]
    vms = [draw(guests(cluster, name, known)) for name in new_names[: draw(st.integers(0, 2))]]
    for vm in changing:
        new = draw(guests(cluster, vm.name, known))
        same_but_newer = replace(vm, diff=new.diff)
        vms.append(draw(st.sampled_from((new, same_but_newer, replace(vm, server=new.server)))))
    needed = {vm.diff for vm in vms} | {diff.parent for diff in (*cluster.diffs, *diffs)}
    needed |= {vm.diff for vm in staying if vm not in changing}
    needed |= {name for server in cluster.servers for name in server.resident}
    going = [diff.name for diff in cluster.diffs if diff.name not in needed]
    return Registration(
        diffs=tuple(diffs),
        vms=tuple(vms),
        leaving_vms=tuple(leaving),
        leaving_diffs=tuple(name for name in going if draw(st.booleans())),
    )


@st.composite
def guests(draw: st.DrawFn, cluster: Cluster, name: str, diffs: list[str | None]) -> VM:
    """One VM that fits to a cluster."""
    hosts = [server.name for server in cluster.servers]
    listed = sorted({resource for server in cluster.servers for resource in server.capacity})
    some = st.lists(st.sampled_from(hosts), min_size=1, unique=True).map(tuple)
    return VM(
        name=name,
        server=draw(st.sampled_from(hosts)),
        diff=draw(st.sampled_from(diffs)),
        disk=draw(st.sampled_from((0, 0, 1, 10**9, 5 * 10**9))),
        demand={
            one: draw(st.sampled_from((0, 0.25, 1, 3))) for one in listed if draw(st.booleans())
        },
        groups=draw(st.sampled_from(((), (), ("g1",), ("g1", "g2")))),
        allowed_servers=draw(st.one_of(st.none(), st.none(), some)),
        priority=draw(st.integers(0, 2)),
        protect=draw(st.sampled_from((True, True, True, False))),
    )


def by_name(books: Books) -> dict[str, object]:
    """Everything that the books say, without the numbers of rows."""
    units = books.units
    amounts = [
        [[units.amount(at, int(count)) for at, count in enumerate(row)] for row in rows]
        for rows in books.left
    ]
    return {
        "left": amounts,
        "worst": [int(one) for one in books.worst],
        "missing": {name: books.missing[row].tolist() for name, row in books.row.items()},
        "kept": {name: books.kept[row] for name, row in books.row.items()},
        "resident": {name: books.resident[row] for name, row in books.row.items()},
        "held": [{books.names[row] for row in rows} for rows in books.held],
        "serves": {name: books.serves[row] for name, row in books.row.items()},
        "largest": books.largest,
        "asked": {name: books.asked[row] for name, row in books.row.items()},
        "diffs": books.diffs,
        "guests": {
            name: (guest.vm, guest.home, guest.failures, guest.targets, guest.may.tolist(),
                   [books.names[row] for row in guest.chain])
            for name, guest in books.guests.items()
        },
        "rebuilt": books.rebuilt,
        "users": {
            (failure, books.names[row]): counts
            for (failure, row), counts in books.users.items()
            if counts
        },
        "beside": {group: counts for group, counts in books.beside.items() if counts},
        "taken": {key: counts for key, counts in books.taken.items() if counts},
        "stored": books.stored,
        "expected": books.expected,
        "open": (books.steps, books.kept_before, books.target_before, books.leaving),
    }  # fmt: skip
