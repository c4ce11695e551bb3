"""Survival: the VM of server a has a chain of two diffs, 10 and 6 bytes, and is rebuilt on b."""

from dataclasses import replace

import pytest

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff
from spareplace.placement import Extent, Plan

from .plans import A_FAILS, ABC, breaches, extent, filled, plan_of, recovery, transfer

CHAIN = Cluster(
    servers=ABC,
    diffs=(Diff(name="tip", size=6, parent="base"), Diff(name="base", size=10)),
    vms=(VM(name="vm", server="a", diff="tip"),),
    failures=A_FAILS,
)


def with_chain(*base: Extent, moved: int = 0) -> Plan:
    """The tip whole on b, the base as given; what b lacks of the base is not sent."""
    stored = (*base, extent("tip", "b", 0, 6))
    return plan_of(CHAIN, stored, [recovery("A", 0.5, moved, {"vm": "b"})], moved / 2)


def test_pieces_on_several_survivors_together_cover_a_diff() -> None:
    stored = [extent("base", "b", 0, 4), extent("base", "c", 4, 10), extent("tip", "c", 0, 6)]
    assert breaches(CHAIN, filled(CHAIN, stored, {"A": {"vm": "b"}})) == []


def test_bytes_of_any_diff_of_the_chain_that_only_the_lost_server_holds_are_lost() -> None:
    stored = (extent("base", "a", 0, 10), extent("base", "b", 0, 4), extent("base", "b", 7, 10))
    plan = with_chain(*stored, moved=3)
    assert breaches(CHAIN, plan) == [("survival", "A", None, "base", 3)]


def test_a_diff_that_is_stored_nowhere_is_lost_whole() -> None:
    assert breaches(CHAIN, with_chain(moved=10)) == [("survival", "A", None, "base", 10)]


def test_a_lost_diff_is_named_once_for_all_the_vms_that_need_it() -> None:
    twins = replace(CHAIN, vms=(*CHAIN.vms, VM(name="twin", server="a", diff="base")))
    recovered = recovery("A", 0.5, 10, {"vm": "b", "twin": "b"})
    plan = plan_of(twins, [extent("tip", "b", 0, 6)], [recovered], 5.0)
    assert breaches(twins, plan) == [("survival", "A", None, "base", 10)]


def test_resident_copies_count_where_they_survive_and_only_there() -> None:
    on_a, on_c = (
        replace(CHAIN, servers=tuple(replace(s, resident=("base",)) if s.name == name else s
                                     for s in ABC))
        for name in "ac"
    )  # fmt: skip
    tip = [extent("tip", "b", 0, 6)]
    sent = [transfer("base", "c", "b", 0, 10)]
    assert breaches(on_c, plan_of(on_c, tip, [recovery("A", 0.5, 10, {"vm": "b"}, sent)], 5)) == []
    lost = plan_of(on_a, tip, [recovery("A", 0.5, 10, {"vm": "b"})], 5)
    assert breaches(on_a, lost) == [("survival", "A", None, "base", 10)]


def test_a_resident_diff_stands_for_itself_and_not_for_its_parents() -> None:
    servers = (ABC[0], replace(ABC[1], resident=("tip",)), ABC[2])
    cluster = replace(CHAIN, servers=servers)
    plan = plan_of(cluster, (), [recovery("A", 0.5, 10, {"vm": "b"})], 5)
    assert breaches(cluster, plan) == [("survival", "A", None, "base", 10)]


def test_a_vm_without_a_diff_and_a_diff_without_bytes_need_nothing() -> None:
    cluster = replace(
        CHAIN,
        diffs=(Diff(name="tip", size=0, parent="base"), Diff(name="base", size=0)),
        vms=(*CHAIN.vms, VM(name="bare", server="a")),
    )
    assert breaches(cluster, filled(cluster, (), {"A": {"vm": "b", "bare": "c"}})) == []


def test_a_vm_that_is_given_up_needs_no_diff() -> None:
    assert breaches(CHAIN, filled(CHAIN, unprotected=[("vm", "A")])) == []


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_survival_is_asked_for_in_failures_of_weight_0_too(weight: float) -> None:
    cluster = replace(CHAIN, failures=(replace(A_FAILS[0], weight=weight),))
    plan = plan_of(cluster, (), [recovery("A", weight, 16, {"vm": "b"})], 16 * weight)
    assert breaches(cluster, plan) == [
        ("survival", "A", None, "tip", 6),
        ("survival", "A", None, "base", 10),
    ]
