"""Transfers and figures of a plan in which every number was worked out by hand.

The VM of server a needs a diff of 12 bytes in failure A, and of it b holds 0-4, c 2-8, e 6-12.
On b it lacks 8 bytes, on c 6. In failure B nothing is lost. So A costs 8, the expected transfer
with a weight of 0.1 is 0.8.
"""

import math
from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Status, Transfer

from .plans import Breach, breaches, extent, plan_of, recovery, transfer

CLUSTER = Cluster(
    servers=tuple(Server(name=name, disk=100) for name in "abce"),
    diffs=(Diff(name="d", size=12), Diff(name="other", size=5)),
    vms=(VM(name="vm", server="a", diff="d"), VM(name="twin", server="a", diff="d")),
    failures=(
        Failure(name="A", servers=("a",), weight=0.1),
        Failure(name="B", servers=("b",), weight=0.2),
    ),
)
STORED = (
    extent("d", "b", 0, 4),
    extent("d", "c", 2, 8),
    extent("d", "e", 6, 12),
    extent("d", "a", 0, 12),
    extent("other", "b", 0, 5),
)
SENT = (transfer("d", "c", "b", 4, 8), transfer("d", "e", "b", 8, 12))
RIGHT = plan_of(
    CLUSTER,
    STORED,
    [recovery("A", 0.1, 8, {"vm": "b", "twin": "b"}, SENT), recovery("B", 0.2)],
    0.8,
)


def sending(*transfers: Transfer) -> list[Breach]:
    first, second = RIGHT.recoveries
    plan = replace(RIGHT, recoveries=(replace(first, transfers=transfers), second))
    return breaches(CLUSTER, plan, max_pieces=9)


def claiming(
    *,
    moved: int = 8,
    weight: float = 0.1,
    expected: float = 0.8,
    bound: float | None = None,
    status: str = "feasible",
) -> list[Breach]:
    first, second = RIGHT.recoveries
    plan = replace(
        RIGHT,
        recoveries=(replace(first, transfer_bytes=moved, weight=weight), second),
        expected_transfer_bytes=expected,
        lower_bound_bytes=bound,
        status=cast("Status", status),
    )
    return breaches(CLUSTER, plan, max_pieces=9)


def figure(item: str, amount: str, failure: str | None = None) -> list[Breach]:
    return [("figures", failure, None, item, Decimal(amount))]


def test_a_diff_that_two_vms_need_on_one_server_is_sent_once() -> None:
    assert breaches(CLUSTER, RIGHT, max_pieces=9) == []


def test_bytes_may_come_in_any_cuts_and_from_any_holder() -> None:
    cut = [transfer("d", "c", "b", 4, 6), transfer("d", "e", "b", 6, 12)]
    assert sending(transfer("d", "c", "b", 6, 8), cut[0], SENT[1]) == []
    assert sending(*reversed(cut)) == []


def test_two_targets_are_each_sent_what_they_lack() -> None:
    # vm on b lacks 4-12; twin on c lacks 0-2 and 8-12.
    sent = (*SENT, transfer("d", "b", "c", 0, 2), transfer("d", "e", "c", 8, 12))
    moves = recovery("A", 0.1, 14, {"vm": "b", "twin": "c"}, sent)
    plan = replace(RIGHT, recoveries=(moves, RIGHT.recoveries[1]), expected_transfer_bytes=1.4)
    assert breaches(CLUSTER, plan, max_pieces=9) == []


def test_resident_copies_are_sent_from_and_need_no_sending() -> None:
    for holder, moved in (("b", 0), ("e", 8)):
        servers = tuple(
            replace(server, resident=("d",)) if server.name == holder else server
            for server in CLUSTER.servers
        )
        cluster = replace(CLUSTER, servers=servers)
        sent = [transfer("d", "e", "b", 4, 12)] if moved else []
        moves = recovery("A", 0.1, moved, {"vm": "b", "twin": "b"}, sent)
        plan = plan_of(cluster, STORED, [moves, recovery("B", 0.2)], moved / 10)
        assert breaches(cluster, plan, max_pieces=9) == []


def test_what_is_not_sent_is_missed() -> None:
    assert sending(SENT[0]) == [("transfers", "A", "b", "d", 4)]
    assert sending() == [("transfers", "A", "b", "d", 8)]
    assert sending(SENT[0], transfer("d", "e", "b", 9, 11)) == [("transfers", "A", "b", "d", 2)]


def test_what_is_sent_twice_is_too_much() -> None:
    assert sending(*SENT, SENT[0]) == [("transfers", "A", "b", "d", 4)]
    assert sending(SENT[0], transfer("d", "e", "b", 6, 12)) == [("transfers", "A", "b", "d", 2)]


def test_what_the_target_holds_is_not_sent() -> None:
    assert sending(transfer("d", "c", "b", 3, 8), SENT[1]) == [("transfers", "A", "b", "d", 1)]


@pytest.mark.parametrize(
    ("useless", "server", "diff", "amount"),
    [
        (transfer("d", "c", "e", 2, 6), "e", "d", 4),
        (transfer("other", "b", "e", 1, 4), "e", "other", 3),
    ],
)
def test_what_nobody_needs_there_is_not_sent(
    useless: Transfer, server: str, diff: str, amount: int
) -> None:
    assert sending(*SENT, useless) == [("transfers", "A", server, diff, amount)]


@pytest.mark.parametrize(
    ("first", "source", "amount"),
    [
        (transfer("d", "a", "b", 4, 8), "a", 4),  # it fails
        (transfer("d", "b", "b", 4, 8), "b", 4),  # to itself
        (transfer("d", "e", "b", 4, 8), "e", 2),  # it holds 6-12 only
    ],
)
def test_a_transfer_comes_from_another_survivor_that_holds_it(
    first: Transfer, source: str, amount: int
) -> None:
    assert sending(first, SENT[1]) == [("transfers", "A", source, "d", amount)]


@pytest.mark.parametrize(("start", "stop", "off"), [(8, 13, 1), (-2, 12, 2), (9, 9, 1), (12, 9, 4)])
def test_a_transfer_outside_its_diff_or_without_bytes_is_off(
    start: int, stop: int, off: int
) -> None:
    assert sending(*SENT, transfer("d", "e", "b", start, stop)) == [
        ("transfers", "A", "b", "d", off)
    ]


@pytest.mark.parametrize("key", ["diff", "source", "target"])
def test_a_transfer_with_an_unknown_name_breaks_nothing_else(key: str) -> None:
    names = {"diff": "d", "source": "c", "target": "b"} | {key: "ghost"}
    assert sending(*SENT, Transfer(**names, start=4, stop=8)) == [
        ("reference", "A", None, "ghost", 1)
    ]


def test_bytes_that_are_lost_are_not_asked_for_and_count_as_missing() -> None:
    # Without the copy on e the bytes 8-12 are lost: b still lacks 8, and c sends its 4.
    stored = tuple(one for one in STORED if one.server != "e")
    recovered = replace(RIGHT.recoveries[0], transfers=SENT[:1])
    plan = replace(RIGHT, stored=stored, recoveries=(recovered, RIGHT.recoveries[1]))
    assert breaches(CLUSTER, plan, max_pieces=9) == [("survival", "A", None, "d", 4)]


@pytest.mark.parametrize("off", [-1, 1, 8])
def test_the_transferred_bytes_are_recomputed(off: int) -> None:
    expected = [("figures", "A", None, "transfer_bytes", abs(off))]
    assert claiming(moved=8 + off) == expected


def test_a_weight_is_that_of_the_failure() -> None:
    assert claiming(weight=0.3) == figure("weight", "0.2", "A")
    # The next float is written 0.10000000000000002.
    assert claiming(weight=math.nextafter(0.1, 1)) == figure("weight", "2E-17", "A")
    assert claiming(weight=math.nan) == figure("weight", "1", "A")


def test_the_expected_value_may_be_off_by_rounding_and_no_more() -> None:
    assert claiming(expected=0.8 * (1 + 9e-10)) == []
    assert claiming(expected=0.8 * (1 - 9e-10)) == []
    assert len(claiming(expected=0.8 * (1 + 11e-10))) == 1
    assert len(claiming(expected=0.8 * (1 - 11e-10))) == 1
    assert claiming(expected=0.80000001) == figure("expected_transfer_bytes", "0.00000001")
    assert claiming(expected=0.5) == figure("expected_transfer_bytes", "0.3")
    assert claiming(expected=-0.8) == figure("expected_transfer_bytes", "1.6")


@pytest.mark.parametrize("claim", [math.nan, math.inf, -math.inf])
def test_an_expected_value_that_is_not_finite_is_false(claim: float) -> None:
    assert claiming(expected=claim) == figure("expected_transfer_bytes", "1")


def test_an_expected_value_of_nothing_is_exactly_0() -> None:
    idle = replace(CLUSTER, vms=())
    plan = plan_of(idle, STORED, [recovery("A", 0.1), recovery("B", 0.2)], 0.0)
    assert breaches(idle, plan, max_pieces=9) == []
    best = replace(plan, lower_bound_bytes=0.0, status="optimal")
    assert breaches(idle, best, max_pieces=9) == []
    off = replace(plan, expected_transfer_bytes=5e-324)
    assert breaches(idle, off, max_pieces=9) == figure("expected_transfer_bytes", "5e-324")


def test_weights_are_the_decimals_that_they_are_written_as() -> None:
    # Ten failures of a tenth: floats add up to 0.9999999999999999 of the bytes, decimals to all.
    failures = tuple(Failure(name=f"A{n}", servers=("a",), weight=0.1) for n in range(10))
    cluster = replace(CLUSTER, failures=failures)
    moves = [replace(RIGHT.recoveries[0], failure=one.name) for one in failures]
    plan = plan_of(cluster, STORED, moves, 8.5)
    assert breaches(cluster, plan, max_pieces=9) == figure("expected_transfer_bytes", "0.5")


@pytest.mark.parametrize("bound", [0.0, 0.5, 0.8, 0.8 * (1 + 9e-10)])
def test_a_bound_is_at_most_the_expected_value(bound: float) -> None:
    assert claiming(bound=bound) == []


@pytest.mark.parametrize(
    ("bound", "amount"),
    [(0.9, "0.1"), (-0.25, "0.25"), (math.nan, "1"), (math.inf, "1"), (-math.inf, "1")],
)
@pytest.mark.parametrize("status", ["feasible", "optimal"])
def test_a_bound_above_it_below_0_or_not_finite_is_false(
    bound: float, amount: str, status: str
) -> None:
    assert claiming(bound=bound, status=status) == figure("lower_bound_bytes", amount)


def test_the_bound_is_held_against_the_true_value_and_not_the_claimed_one() -> None:
    assert claiming(expected=0.9, bound=0.9) == [
        *figure("expected_transfer_bytes", "0.1"),
        *figure("lower_bound_bytes", "0.1"),
    ]


def test_optimal_asks_for_a_bound_equal_to_the_expected_value() -> None:
    assert claiming(bound=0.8, status="optimal") == []
    assert claiming(bound=0.8 * (1 - 9e-10), status="optimal") == []
    assert claiming(bound=0.7, status="optimal") == figure("status", "0.1")
    assert claiming(bound=None, status="optimal") == figure("status", "1")
