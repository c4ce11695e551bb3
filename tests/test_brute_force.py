"""The oracle against cases small enough to be worked by hand; each says how it was worked."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from tests.brute_force import best_by_enumeration, best_leaving_out, fewest_unprotected

BASE = Diff(name="base", size=40)
WEB = Diff(name="web", size=5, parent="base")


def cluster(
    servers: Sequence[Server],
    vms: Sequence[VM],
    diffs: Sequence[Diff] = (BASE, WEB),
    fail: Sequence[str] = ("a",),
    weight: float = 1.0,
) -> Cluster:
    """Let the named servers fail, each alone and all with one weight."""
    failures = tuple(Failure(name=name, servers=(name,), weight=weight) for name in fail)
    return Cluster(servers=tuple(servers), diffs=tuple(diffs), vms=tuple(vms), failures=failures)


def best(given: Cluster) -> tuple[Fraction | int, int] | None:
    return best_by_enumeration(given)


def server(name: str, disk: int, cpu: float = 0) -> Server:
    return Server(name=name, disk=disk, capacity={"cpu": cpu})


def test_a_chain_is_stored_where_its_vm_is_rebuilt() -> None:
    # a fails, b is the only target: base and web on b, 40 + 5 bytes, nothing to send
    assert best(
        cluster([server("a", 0), server("b", 45)], [VM(name="v", server="a", diff="web")])
    ) == (0, 45)


def test_one_byte_too_little_disk_is_too_little() -> None:
    # the copies must be on b, since a is what fails: 45 > 44
    short = cluster([server("a", 99), server("b", 44)], [VM(name="v", server="a", diff="web")])
    assert best(short) is None
    assert fewest_unprotected(short) == (1,)


def test_a_rebuilt_image_needs_its_disk_beside_the_copies() -> None:
    # b holds 45 of copies and rebuilds 10: it needs 55
    vms = [VM(name="v", server="a", diff="web", disk=10)]
    assert best(cluster([server("a", 10), server("b", 55)], vms)) == (0, 45)
    assert best(cluster([server("a", 10), server("b", 54)], vms)) is None


def test_what_does_not_fit_on_the_target_is_sent_from_another_server() -> None:
    # b must rebuild (c accepts none) and has room for web but not for base; c keeps base and
    # sends 40 bytes with weight 0.5
    c = Server(name="c", disk=100, accept_rebuilds=False)
    vms = [VM(name="v", server="a", diff="web")]
    assert best(cluster([server("a", 0), server("b", 39), c], vms, weight=0.5)) == (
        Fraction(40, 2),
        45,
    )


def test_a_diff_for_two_vms_on_one_server_is_sent_once() -> None:
    # both on b: base crosses once, 40. With one unit of cpu each on b and c, and no room for
    # copies on either, it crosses twice, 80; d keeps it
    d = Server(name="d", disk=40, accept_rebuilds=False)
    vms = [VM(name=name, server="a", diff="base", demand={"cpu": 1}) for name in ("v", "w")]
    together = [server("a", 0, 2), server("b", 0, 2), server("c", 0, 0), d]
    assert best(cluster(together, vms)) == (40, 40)
    apart = [server("a", 0, 2), server("b", 0, 1), server("c", 0, 1), d]
    assert best(cluster(apart, vms)) == (80, 40)


def test_one_copy_on_a_third_server_serves_two_failures() -> None:
    # v and w both rebuilt on c, which holds base: 0, and 40 stored; copies on a and b would
    # also give 0, but 80 stored
    vms = [VM(name="v", server="a", diff="base"), VM(name="w", server="b", diff="base")]
    three = [server("a", 40), server("b", 40), server("c", 40)]
    assert best(cluster(three, vms, fail=["a", "b"])) == (0, 40)


def test_the_likelier_failure_gets_the_room() -> None:
    # c can hold one of two masters (and rebuild either VM), d takes the other and sends it:
    # 0.9 x 0 + 0.1 x 30 = 3 beats 0.1 x 0 + 0.9 x 20 = 18
    two = [Diff(name="m", size=20), Diff(name="n", size=30)]
    vms = [VM(name="v", server="a", diff="m"), VM(name="w", server="b", diff="n")]
    room = [
        Server(name="a", disk=0, accept_rebuilds=False),
        Server(name="b", disk=0, accept_rebuilds=False),
        Server(name="c", disk=49),
        Server(name="d", disk=49, accept_rebuilds=False),
    ]
    given = Cluster(
        servers=tuple(room),
        diffs=tuple(two),
        vms=tuple(vms),
        failures=(
            Failure(name="likely", servers=("a",), weight=0.9),
            Failure(name="rare", servers=("b",), weight=0.1),
        ),
    )
    assert best(given) == (3, 50)


def test_a_resident_copy_is_held_and_costs_nothing() -> None:
    vms = [VM(name="v", server="a", diff="base")]
    there = Server(name="b", disk=0, resident=("base",))
    assert best(cluster([server("a", 0), there], vms)) == (0, 0)


def test_a_resident_copy_on_the_server_that_fails_is_lost() -> None:
    vms = [VM(name="v", server="a", diff="base")]
    here = Server(name="a", disk=0, resident=("base",))
    assert best(cluster([here, server("b", 0)], vms)) is None
    assert best(cluster([here, server("b", 40)], vms)) == (0, 40)


def test_a_resident_diff_does_not_stand_for_its_parent() -> None:
    # web is on b, base has no place that survives
    vms = [VM(name="v", server="a", diff="web")]
    there = Server(name="b", disk=0, resident=("web",))
    assert best(cluster([server("a", 0), there], vms)) is None


def test_a_rebuild_keeps_away_from_its_group() -> None:
    # b runs the partner, so v goes to c, which has no room: base is kept on b and sent
    vms = [
        VM(name="v", server="a", diff="base", groups=("g",)),
        VM(name="w", server="b", groups=("g",), protect=False),
    ]
    three = [server("a", 0), server("b", 40), server("c", 0)]
    assert best(cluster(three, vms)) == (40, 40)
    assert best(cluster(three[:2], vms)) is None


def test_two_rebuilt_vms_of_a_group_part() -> None:
    vms = [VM(name=name, server="a", groups=("g",)) for name in ("v", "w")]
    assert best(cluster([server("a", 0), server("b", 0)], vms)) is None
    three = [server("a", 0), server("b", 0), server("c", 0)]
    assert best(cluster(three, vms)) == (0, 0)


def test_a_vm_is_rebuilt_only_where_it_may_be() -> None:
    # only c, without room: b keeps base and sends it
    vms = [VM(name="v", server="a", diff="base", allowed_servers=("a", "c"))]
    three = [server("a", 0), server("b", 40), server("c", 0)]
    assert best(cluster(three, vms)) == (40, 40)


def test_a_drained_server_takes_neither_extents_nor_rebuilds() -> None:
    vms = [VM(name="v", server="a", diff="base")]
    keeps = Server(name="b", disk=40, accept_rebuilds=False)
    runs = Server(name="c", disk=40, accept_extents=False)
    assert best(cluster([server("a", 0), keeps, runs], vms)) == (40, 40)
    assert best(cluster([server("a", 0), keeps], vms)) is None
    assert best(cluster([server("a", 0), runs], vms)) is None


def test_amounts_are_decimals() -> None:
    vms = [
        VM(name="v", server="a", demand={"cpu": 0.1}),
        VM(name="w", server="b", demand={"cpu": 0.2}),
    ]
    assert best(cluster([server("a", 0, 1), server("b", 0, 0.3)], vms)) == (0, 0)
    assert best(cluster([server("a", 0, 1), server("b", 0, 0.29)], vms)) is None


def test_a_server_short_of_disk_still_rebuilds_what_needs_none() -> None:
    # b runs 10 on 5 of disk: no copy and no image fits, but v without an image does; c keeps base
    vms = [
        VM(name="v", server="a", diff="base"),
        VM(name="w", server="b", disk=10, protect=False),
    ]
    c = Server(name="c", disk=40, accept_rebuilds=False)
    assert best(cluster([server("a", 0), server("b", 5), c], vms)) == (40, 40)


def test_a_server_short_of_a_resource_still_rebuilds_what_needs_none_of_it() -> None:
    running = VM(name="w", server="b", demand={"cpu": 2}, protect=False)
    two = [server("a", 0, 4), server("b", 0, 1)]
    assert best(cluster(two, [VM(name="v", server="a"), running])) == (0, 0)
    needs = VM(name="v", server="a", demand={"cpu": 0.5})
    assert best(cluster(two, [needs, running])) is None


def test_servers_that_fail_together_leave_the_copies_elsewhere() -> None:
    # base on a or b is lost with v; the one copy that helps is on c, which rebuilds v from it
    vms = [VM(name="v", server="a", diff="base")]
    three = (server("a", 40), server("b", 40), server("c", 40))
    both = Failure(name="both", servers=("a", "b"), weight=1.0)
    given = Cluster(servers=three, diffs=(BASE,), vms=tuple(vms), failures=(both,))
    assert best(given) == (0, 40)
    without = Cluster(servers=three[:2], diffs=(BASE,), vms=tuple(vms), failures=(both,))
    assert best(without) is None


def test_a_failure_without_weight_costs_nothing_and_must_be_recovered_all_the_same() -> None:
    c = Server(name="c", disk=40, accept_rebuilds=False)
    vms = [VM(name="v", server="a", diff="base")]
    assert best(cluster([server("a", 0), server("b", 0), c], vms, weight=0.0)) == (
        0,
        40,
    )
    assert best(cluster([server("a", 0)], vms, weight=0.0)) is None


def test_a_diff_of_no_bytes_needs_no_copy() -> None:
    vms = [VM(name="v", server="a", diff="empty")]
    empty = [Diff(name="empty", size=0)]
    assert best(cluster([server("a", 0), server("b", 0)], vms, empty)) == (0, 0)


@pytest.mark.parametrize("vms", [[], [VM(name="v", server="a", diff="base", protect=False)]])
def test_where_nothing_is_to_be_protected_nothing_is_stored(vms: list[VM]) -> None:
    assert best(cluster([server("a", 0)], vms)) == (0, 0)
    assert best(cluster([server("a", 0)], vms, fail=())) == (0, 0)


def test_the_higher_priority_is_protected_even_at_the_price_of_several_lower_ones() -> None:
    # b has 2 cpu: the important VM takes both, the two others are left out
    vms = [
        VM(name="v", server="a", demand={"cpu": 2}, priority=7),
        VM(name="w", server="a", demand={"cpu": 1}),
        VM(name="x", server="a", demand={"cpu": 1}),
    ]
    assert fewest_unprotected(cluster([server("a", 0, 4), server("b", 0, 2)], vms)) == (0, 2)


def test_of_one_priority_the_fewest_are_left_out() -> None:
    # the same, all equal: the two small ones fit, the large one is left out
    vms = [
        VM(name="v", server="a", demand={"cpu": 2}),
        VM(name="w", server="a", demand={"cpu": 1}),
        VM(name="x", server="a", demand={"cpu": 1}),
    ]
    assert fewest_unprotected(cluster([server("a", 0, 4), server("b", 0, 2)], vms)) == (1,)


def test_what_is_stored_decides_who_is_left_out() -> None:
    # d has room for m (20) or n (30); m is needed by u and v, n by w: store m, leave out w.
    # d rebuilds u and v from its copy, nothing is sent
    two = [Diff(name="m", size=20), Diff(name="n", size=30)]
    vms = [
        VM(name="u", server="a", diff="m"),
        VM(name="v", server="a", diff="m"),
        VM(name="w", server="b", diff="n"),
    ]
    three = [server("a", 0), server("b", 0), server("d", 49)]
    given = cluster(three, vms, two, fail=["a", "b"])
    assert best_leaving_out(given) == ((1,), Fraction(0), 20)
    assert best(given) is None
