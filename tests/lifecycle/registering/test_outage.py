from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.guests import Guest
from spareplace.lifecycle.registering.opening import open_books
from spareplace.lifecycle.registering.outage import Outage
from spareplace.lifecycle.registering.views import allowed, fits
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.testing import clusters_with_placements

from .coming_and_going import plan_of


def placed(books: Books, guest: Guest, failure: int, server: int) -> bool:
    """Put a VM onto a server, if the rules let it."""
    may = allowed(books, guest, [failure])[0] & fits(books, guest, [failure])[0]
    if may[server]:
        books.place(guest.vm.name, failure, server)
    return bool(may[server])


def least_after_one_change(books: Books, outage: Outage) -> Fraction:
    """Try every move of one VM, and every exchange of two that no group keeps apart."""
    failure, least = outage.failure, books.expected
    servers = range(len(books.site.servers))
    mark = books.mark()
    for guest in outage.guests:
        for server in servers:
            here = books.take(guest.vm.name, failure)
            if server != here and placed(books, guest, failure, server):
                least = min(least, books.expected)
            books.undo(mark)
        for other in outage.guests:
            if other is guest or set(other.vm.groups) & set(guest.vm.groups):
                continue
            here = books.take(guest.vm.name, failure)
            there = books.take(other.vm.name, failure)
            if placed(books, guest, failure, there) and placed(books, other, failure, here):
                least = min(least, books.expected)
            books.undo(mark)
    return least


@settings(max_examples=60, deadline=None)
@given(clusters_with_placements(max_vms=6, max_diffs=5))
def test_the_change_that_is_found_is_the_best_one(made: tuple[Cluster, Placement]) -> None:
    books = open_books(made[0], plan_of(*made))
    for failure, weight in enumerate(books.site.parts):
        outage = Outage.of(books, failure)
        if outage is None or not weight:
            continue
        before, least = books.expected, least_after_one_change(books, outage)
        changes = outage.better()
        outage.move(changes)
        assert books.expected == least
        assert bool(changes) == (least < before)


@settings(max_examples=40, deadline=None)
@given(clusters_with_placements(max_vms=6, max_diffs=5))
def test_after_some_changes_the_arrays_are_those_of_the_books(
    made: tuple[Cluster, Placement],
) -> None:
    books = open_books(made[0], plan_of(*made))
    for failure in range(len(books.site.failures)):
        outage = Outage.of(books, failure)
        while outage is not None and (changes := outage.better()):
            outage.move(changes)
        fresh = Outage.of(books, failure)
        if outage is None or fresh is None:
            continue
        order = [outage.guests.index(guest) for guest in fresh.guests]
        assert outage.at[order].tolist() == fresh.at.tolist()
        assert outage.may[order].tolist() == fresh.may.tolist()
        assert outage.users.sum() == fresh.users.sum()
        assert (outage.missing * (outage.users > 0)).sum() == (
            fresh.missing * (fresh.users > 0)
        ).sum()


def test_two_vms_change_places_where_neither_could_go_alone() -> None:
    """Each of b and c has room for one VM of 50 beside its extent, and has the other's diff."""
    servers = tuple(
        Server(name=name, disk=disk) for name, disk in (("a", 100), ("b", 60), ("c", 60))
    )
    diffs = (Diff(name="x", size=10), Diff(name="y", size=10))
    vms = tuple(VM(name=f"vm {d.name}", server="a", diff=d.name, disk=50) for d in diffs)
    cluster = Cluster(servers=servers, diffs=diffs, vms=vms)
    placement = Placement(
        stored=(
            Extent(diff="x", server="b", start=0, stop=10),
            Extent(diff="y", server="c", start=0, stop=10),
        ),
        rebuilds={"a": (Rebuild(vm="vm x", server="c"), Rebuild(vm="vm y", server="b"))},
    )
    books = open_books(cluster, plan_of(cluster, placement))
    outage = Outage.of(books, 0)
    assert outage is not None
    changes = outage.better()
    assert len(changes) == 2
    outage.move(changes)
    assert books.expected == 0
