from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster, each_server
from spareplace.lifecycle.registering import NewTarget, Registration, Standing
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.gathering import bring, gather
from spareplace.lifecycle.registering.opening import open_books
from spareplace.lifecycle.registering.views import allowed, fits, gaps
from spareplace.lifecycle.registering.worth import Price
from spareplace.lifecycle.registering.writing_down import placement_of
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.testing import clusters_with_placements
from spareplace.verify import check

from .coming_and_going import plan_of

FREE = Price(room=0, chance=0.0)
prices = st.builds(
    Price, room=st.sampled_from((0, 10**9, 10**12)), chance=st.sampled_from((0.0, 0.3, 2.0))
)
BASE = Extent(diff="base", server="g", start=0, stop=40)


def two_far_from_their_master() -> tuple[Cluster, Placement]:
    """Base lies on c and d; x and y are rebuilt on e and f and transfer its 40 bytes there.

    On g, of 130, a VM of 100 runs. Every other server is full.
    """
    disk = {"a": 60, "b": 60, "c": 40, "d": 40, "e": 60, "f": 60, "g": 130}
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=size) for name, size in disk.items()),
        diffs=(Diff(name="base", size=40),),
        vms=(
            VM(name="x", server="a", diff="base", disk=60),
            VM(name="y", server="b", diff="base", disk=60),
            VM(name="old", server="g", disk=100, protect=False),
        ),
    )
    placement = Placement(
        stored=(replace(BASE, server="c"), replace(BASE, server="d")),
        rebuilds={"a": (Rebuild(vm="x", server="e"),), "b": (Rebuild(vm="y", server="f"),)},
    )
    return cluster, placement


def test_rebuilds_gather_around_a_copy_in_the_room_of_a_vm_that_left() -> None:
    """Without old there are 130 free on g: 40 for base, and 60 for x or y, in different failures.

    The room of the six other servers is not changed, and none of them has any.
    """
    cluster, placement = two_far_from_their_master()
    standing = Standing.of(cluster, plan_of(cluster, placement))
    done = standing.register(Registration(leaving_vms=("old",)))
    assert (done.added, done.removed) == ((BASE,), ())
    assert done.rebuilds == (
        NewTarget(failure="a", vm="x", server="g", before="e"),
        NewTarget(failure="b", vm="y", server="g", before="f"),
    )
    assert done.expected_transfer_bytes_after == 0
    assert check(standing.cluster, standing.plan) == ()


@pytest.mark.parametrize(("disk", "server", "moved"), [(30, "g", 2), (90, "g", 0), (100, "h", 2)])
def test_a_vm_frees_room_when_it_shrinks_enough_or_moves_away(
    disk: int, server: str, moved: int
) -> None:
    """Old leaves 100 on g if it takes 30 there, and 40, too few beside a rebuild, if 90.

    On h there are 100 all the time, which nothing is offered.
    """
    cluster, placement = two_far_from_their_master()
    servers = (*cluster.servers, Server(name="h", disk=100))
    cluster = replace(cluster, servers=servers, failures=each_server(servers))
    standing = Standing.of(cluster, plan_of(cluster, placement))
    changed = replace(cluster.vms[2], disk=disk, server=server)
    assert len(standing.register(Registration(vms=(changed,))).rebuilds) == moved


def test_where_no_room_became_free_none_is_offered() -> None:
    """Old takes 30 of the 130 on g from the beginning: x and y could have gone there before."""
    cluster, placement = two_far_from_their_master()
    small = replace(cluster.vms[2], disk=30)
    cluster = replace(cluster, vms=(*cluster.vms[:2], small))
    standing = Standing.of(cluster, plan_of(cluster, placement))
    done = standing.register(Registration(vms=(replace(small, priority=1),)))
    assert (done.added, done.rebuilds) == ((), ())


@pytest.mark.parametrize(("chance", "sent"), [(0.2, 0), (0.3, 80)])
def test_a_copy_that_is_dear_for_one_rebuild_is_worth_its_room_for_two(
    chance: float, sent: int
) -> None:
    """Each of the seven failures weighs 1/7: one weighs 0.14, two weigh 0.29."""
    cluster, placement = two_far_from_their_master()
    books = open_books(cluster, plan_of(cluster, placement))
    books.stop("old")
    gather(books, [6], Price(room=1000, chance=chance))
    assert books.expected * 7 == pytest.approx(sent)


@settings(max_examples=60, deadline=None)
@given(clusters_with_placements(max_vms=6, max_diffs=5), prices)
def test_an_offer_moves_nothing_stored_and_transfers_no_more_in_any_failure(
    made: tuple[Cluster, Placement], price: Price
) -> None:
    cluster, placement = made
    books = open_books(cluster, plan_of(*made))
    kept = [dict(some) for some in books.kept]
    gather(books, range(len(cluster.servers)), price)
    for before, now in zip(kept, books.kept, strict=True):
        for server, spans in before.items():
            assert all(
                any(start <= first and last <= stop for start, stop in now[server])
                for first, last in spans
            )
    after = placement_of(books, [vm.name for vm in cluster.vms], placement.unprotected)
    assert check(cluster, plan_of(cluster, after)) == ()
    for was, now_is in zip(
        plan_of(cluster, placement).recoveries, plan_of(cluster, after).recoveries, strict=True
    ):
        assert now_is.transfer_bytes <= was.transfer_bytes


def least_with_one_copy(books: Books, row: int) -> Fraction:
    """Try a copy on every server with room, and there every VM that transfers the diff now."""
    least = books.expected
    asking = [
        (failure, name)
        for name, guest in books.guests.items()
        for failure, server in guest.targets.items()
        if row in guest.chain and books.missing[row, server]
    ]
    mark = books.mark()
    for server in np.flatnonzero(books.site.keeps).tolist():
        if not 0 < books.missing[row, server] <= books.worst[server]:
            continue
        books.keep(row, server, gaps(books, row, server))
        stored, saved = books.expected, dict.fromkeys(range(len(books.site.failures)), Fraction(0))
        for failure, name in asking:
            guest, there = books.guests[name], books.mark()
            books.take(name, failure)
            if (allowed(books, guest, [failure]) & fits(books, guest, [failure]))[0, server]:
                books.place(name, failure, server)
                saved[failure] = max(saved[failure], stored - books.expected)
            books.undo(there)
        least = min(least, stored - sum(saved.values()))
        books.undo(mark)
    return least


@settings(max_examples=60, deadline=None)
@given(clusters_with_placements(max_vms=6, max_diffs=4))
def test_a_copy_goes_where_it_saves_most_with_one_rebuild_of_each_failure(
    made: tuple[Cluster, Placement],
) -> None:
    books = open_books(made[0], plan_of(*made))
    for row in books.row.values():
        least = least_with_one_copy(books, row)
        bring(books, row, np.arange(len(made[0].servers)), FREE)
        assert books.expected == least
