"""Opening the books: a cluster and a plan in numbers, once, for many registrations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from spareplace.amounts import DISK, counted
from spareplace.cluster import Cluster, chain_of
from spareplace.holding import Span
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import SAFE, Guest, Units, may_go
from spareplace.lifecycle.registering.ranges import joined
from spareplace.lifecycle.registering.site import Site
from spareplace.parts import VM
from spareplace.placement import Plan


def open_books(cluster: Cluster, plan: Plan) -> Books:
    """Lay out a cluster and a plan of it that keeps every rule."""
    site = Site.of(cluster)
    unit, capacity, takes = counted(cluster, site.resources[1:])
    books = Books(
        site=site,
        units=Units(
            places=[-int(one.as_tuple().exponent) for one in unit],
            total=[int(capacity[:, at].sum()) + int(takes[:, at].sum()) for at in range(len(unit))],
        ),
        capacity=capacity,
        left=np.repeat(capacity[None, :, :], len(site.failures) + 1, axis=0),
        worst=capacity[:, DISK].copy(),
        missing=np.zeros((0, len(site.servers)), dtype=np.int64),
        rebuilt=[{} for _ in site.failures],
        held=[set() for _ in site.servers],
        stored=[0] * len(site.servers),
    )
    resident: dict[str, list[int]] = defaultdict(list)
    for at, server in enumerate(cluster.servers):
        for name in server.resident:
            resident[name].append(at)
    for diff in cluster.diffs:
        books.enter(diff, resident.get(diff.name, ()))
    ranges: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for extent in plan.stored:
        ranges[extent.diff, extent.server].append((extent.start, extent.stop))
    for (name, server_name), spans in ranges.items():
        books.put(books.row[name], site.at_server[server_name], joined(spans))
    given_up: dict[str, list[str]] = defaultdict(list)
    for pair in plan.unprotected:
        given_up[pair.vm].append(pair.failure)
    for vm in cluster.vms:
        books.run(guest_of(books, vm, leaving_out=given_up.get(vm.name, ())))
    for recovery in plan.recoveries:
        for rebuild in recovery.rebuilds:
            failure = site.at_failure[recovery.failure]
            books.place(rebuild.vm, failure, site.at_server[rebuild.server])
    books.settle()
    return books


def guest_of(books: Books, vm: VM, leaving_out: Sequence[str] = ()) -> Guest:
    """Put a VM in numbers; its diffs and enough decimals are in the books.

    Parameters
    ----------
    books
        What it comes to.
    vm
        The VM.
    leaving_out
        The failures in which it is not protected.
    """
    site = books.site
    home = site.at_server[vm.server]
    chain = chain_of(vm.diff, books.diffs)
    lost = site.losing[home] if vm.protect else ()
    return Guest(
        vm=vm,
        home=home,
        demand=np.array(books.units.count(site, vm), dtype=books.left.dtype),
        chain=tuple(books.row[name] for name in chain if books.diffs[name].size),
        may=may_go(site, vm),
        failures=tuple(at for at in lost if site.failures[at].name not in leaving_out),
        targets={},
    )


def count_in(books: Books, vms: Sequence[VM]) -> None:
    """Count with more decimals, or in Python's integers, where a VM to come needs it.

    The books must be settled: what is to be taken back is counted as it was.
    """
    units = books.units
    places = list(units.places)
    for vm in vms:
        needed = units.places_for(books.site, vm)
        places = [max(one, other) for one, other in zip(places, needed, strict=True)]
    finer = [10 ** (new - old) for new, old in zip(places, units.places, strict=True)]
    units.places = places
    units.total = [total * times for total, times in zip(units.total, finer, strict=True)]
    for vm in vms:
        counts = units.count(books.site, vm)
        units.total = [total + count for total, count in zip(units.total, counts, strict=True)]
    kind = np.dtype(object) if max(units.total) >= SAFE else books.left.dtype
    if kind == books.left.dtype and max(finer) == 1:
        return
    times = np.array(finer, dtype=kind)
    books.left = books.left.astype(kind) * times
    books.capacity = books.capacity.astype(kind) * times
    books.worst = books.worst.astype(kind)
    for guest in books.guests.values():
        guest.demand = guest.demand.astype(kind) * times
