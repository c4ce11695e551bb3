"""Ways without a planner, on clusters small enough to be worked by hand."""

from __future__ import annotations

from benchmarks.comparators import buddies, dedicated, judged, with_spares
from spareplace import VM, Cluster, Diff, Server


def cluster(disk: int) -> Cluster:
    """Two hosts with one VM each, of one master of 40 and an own diff of 10; images of 50."""
    return Cluster(
        servers=(Server(name="a", disk=disk), Server(name="b", disk=disk)),
        diffs=(
            Diff(name="m", size=40),
            Diff(name="x", size=10, parent="m"),
            Diff(name="y", size=10, parent="m"),
        ),
        vms=(
            VM(name="vx", server="a", diff="x", disk=50),
            VM(name="vy", server="b", diff="y", disk=50),
        ),
    )


def test_a_buddy_transfers_nothing_where_there_is_room() -> None:
    # running 50, the copy 50, the rebuilt image 50
    given = cluster(150)
    verdict = judged(given, buddies(given, sharing=False))
    assert (verdict.expected, verdict.stored, dict(verdict.broken)) == (0.0, 100, {})


def test_a_buddy_without_room_breaks_the_disk_rule_on_both_hosts() -> None:
    given = cluster(149)
    assert judged(given, buddies(given, sharing=True)).broken == {"disk": 2}


def test_a_spare_keeps_everything_where_it_fits() -> None:
    # its 110 are 50 of the image rebuilt there and 60 of all diffs
    given = with_spares(cluster(110), 1)
    verdict = judged(given, dedicated(given))
    assert (verdict.expected, verdict.stored, dict(verdict.broken)) == (0.0, 60, {})


def test_what_a_spare_has_no_room_for_is_kept_elsewhere_and_transferred() -> None:
    # 105 - 50 = 55 beside the image: the master, which both failures ask for, and x; y lies on
    # host a and is sent when b fails, every second time
    given = with_spares(cluster(105), 1)
    verdict = judged(given, dedicated(given))
    assert (verdict.expected, verdict.stored, dict(verdict.broken)) == (5.0, 60, {})


def test_added_hosts_do_not_fail() -> None:
    assert with_spares(cluster(110), 2).failures == cluster(110).failures
