from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.lifecycle.registering import Registration, Standing
from spareplace.lifecycle.registering.books import Books
from spareplace.lifecycle.registering.giving_way import alone
from spareplace.lifecycle.registering.improving import improve
from spareplace.lifecycle.registering.opening import open_books
from spareplace.lifecycle.registering.views import unsafe
from spareplace.lifecycle.registering.worth import Price, uses, uses_at
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


def whole(diff: str, server: str, size: int) -> Extent:
    return Extent(diff=diff, server=server, start=0, stop=size)


def kept_rules(cluster: Cluster, placement: Placement, books: Books) -> bool:
    after = placement_of(books, [vm.name for vm in cluster.vms], placement.unprotected)
    return check(cluster, plan_of(cluster, after)) == ()


@settings(max_examples=40, deadline=None)
@given(clusters_with_placements(max_vms=6, max_diffs=5), prices)
def test_improving_never_transfers_more_and_keeps_every_rule(
    made: tuple[Cluster, Placement], price: Price
) -> None:
    books = open_books(made[0], plan_of(*made))
    for name, guest in books.guests.items():
        for failure, server in guest.targets.items():
            books.target_before[failure, name] = server  # all is touched
    before = books.expected
    improve(books, {}, price)
    assert books.expected <= before
    assert kept_rules(*made, books)


@settings(max_examples=40, deadline=None)
@given(clusters_with_placements(max_vms=5, max_diffs=5))
def test_what_is_said_of_a_copy_is_so(made: tuple[Cluster, Placement]) -> None:
    books = open_books(made[0], plan_of(*made))
    for row in books.row.values():
        used = uses(books, row)
        for server in list(books.kept[row]):
            assert uses_at(books, row, server) == used[server]
            said, before = alone(books, row, server), books.expected
            mark = books.mark()
            books.put(row, server, ())
            lost = unsafe(books, row, list(books.asked[row]))
            if not used[server] or server in books.resident[row]:
                assert books.expected == before
            books.undo(mark)
            assert said == bool(lost)


def test_where_room_is_short_a_copy_has_to_serve_more_than_one_failure() -> None:
    price = Price(room=50, chance=0.15)
    saves, left = np.array([0.1, 0.1, 0.2, 0.2, 0.0]), np.array([50, 49, 49, -1, 50])
    assert price.pays(saves, left).tolist() == [True, False, True, False, False]


def test_room_has_a_price_where_little_is_left_and_failures_are_many() -> None:
    """20 servers of 100 on which a VM of 80 runs: 20 are left of each, a quarter of 80."""

    def price(servers: int, disk: int) -> Price:
        cluster = Cluster(
            servers=tuple(Server(name=f"s{at}", disk=disk) for at in range(servers)),
            vms=tuple(
                VM(name=f"vm{at}", server=f"s{at}", disk=80, protect=False) for at in range(servers)
            ),
        )
        return Price.of(open_books(cluster, plan_of(cluster, Placement())))

    assert price(20, 100) == FREE
    short = price(20, 99)
    assert (short.room, round(short.chance, 6)) == (80, 0.075)  # 1.5 failures of 20
    assert round(price(4, 99).chance, 6) == 0.1  # not 1.5 of 4


def two_that_lack_the_master() -> tuple[Cluster, Placement]:
    """Masters lie on c and d, which are full; x and y are rebuilt on e, which has room for them.

    Of e there are 130: 60 for the larger of the two rebuilds, in different failures, leave 70.
    """
    servers = tuple(
        Server(name=name, disk=disk)
        for name, disk in (("a", 60), ("b", 60), ("c", 40), ("d", 40), ("e", 130))
    )
    vms = tuple(
        VM(name=name, server=server, diff="base", disk=60)
        for name, server in (("x", "a"), ("y", "b"))
    )
    cluster = Cluster(servers=servers, diffs=(Diff(name="base", size=40),), vms=vms)
    placement = Placement(
        stored=(whole("base", "c", 40), whole("base", "d", 40)),
        rebuilds={"a": (Rebuild(vm="x", server="e"),), "b": (Rebuild(vm="y", server="e"),)},
    )
    return cluster, placement


@pytest.mark.parametrize(("chance", "expected"), [(0.3, 0), (0.5, 16)])
def test_a_copy_that_is_dear_for_one_rebuild_is_stored_for_two(
    chance: float, expected: int
) -> None:
    """The two failures weigh 0.2 each, and base has 40 bytes."""
    cluster, placement = two_that_lack_the_master()
    books = open_books(cluster, plan_of(cluster, placement))
    books.target_before.update({(0, "x"): 4, (1, "y"): 4})  # both are touched
    improve(books, {}, Price(room=1000, chance=chance))
    assert books.expected == expected


def test_what_nobody_uses_any_more_is_deleted() -> None:
    """X and y leave e; its copy of base is in nobody's way, but of no use to z, rebuilt on c."""
    cluster, placement = two_that_lack_the_master()
    placement = replace(placement, stored=(*placement.stored, whole("base", "e", 40)))
    standing = Standing.of(cluster, plan_of(cluster, placement))
    leaving = standing.register(Registration(leaving_vms=("x",)))
    assert leaving.removed == ()
    thin = VM(name="y", server="b", diff="base", allowed_servers=("c",))
    done = standing.register(Registration(vms=(thin,)))
    assert done.removed == (whole("base", "e", 40),)


def test_a_copy_makes_way_for_rebuilds_rather_than_driving_them_off() -> None:
    """A VM of 50 comes to b, which has 140: 10 for x, 40 for base and 50 for every rebuild.

    Base on b serves no failure of those in which its room is short; c has it, too.
    """
    servers = tuple(Server(name=name, disk=140) for name in "abcd")
    diffs = (Diff(name="base", size=40), Diff(name="own", size=10))
    vms = (
        VM(name="first", server="a", diff="own", disk=50),
        VM(name="other", server="d", diff="base", disk=5),
    )
    cluster = Cluster(servers=servers, diffs=diffs, vms=vms)
    placement = Placement(
        stored=(whole("base", "b", 40), whole("base", "c", 40), whole("own", "b", 10)),
        rebuilds={"a": (Rebuild(vm="first", server="b"),), "d": (Rebuild(vm="other", server="c"),)},
    )
    standing = Standing.of(cluster, plan_of(cluster, placement))
    done = standing.register(Registration(vms=(VM(name="new", server="b", disk=50),)))
    assert done.removed == (whole("base", "b", 40),)
    assert [one.vm for one in done.rebuilds] == ["new"]
    assert done.expected_transfer_bytes_after == 0
