"""Right plans into which one breach is planted: the rule that it breaks is always named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.placement import Extent, Plan, Rebuild, Recovery, Transfer, Unprotected
from spareplace.verify import check

from .right_plans import ROOMY, Case, right_plans

Planted: TypeAlias = Callable[[st.DataObject, Cluster, Plan], Plan]


@settings(max_examples=100, deadline=None)
@given(right_plans())
def test_the_plans_to_be_broken_are_right(case: Case) -> None:
    assert check(*case) == ()


def one_recovery(data: st.DataObject, plan: Plan) -> Recovery:
    return data.draw(st.sampled_from(plan.recoveries))


def put(plan: Plan, recovered: Recovery) -> Plan:
    """Put a recovery in the place of the one for the same failure."""
    return replace(
        plan,
        recoveries=tuple(
            recovered if one.failure == recovered.failure else one for one in plan.recoveries
        ),
    )


def rebuilt_on(data: st.DataObject, plan: Plan, server: str | None) -> Plan:
    """Move a rebuild to a server, `None` for the one that fails."""
    recovered = one_recovery(data, plan)
    at = data.draw(st.integers(0, len(recovered.rebuilds) - 1))
    moved = list(recovered.rebuilds)
    moved[at] = replace(moved[at], server=server or recovered.failure.lower())
    return put(plan, replace(recovered, rebuilds=tuple(moved)))


def lost_diff(data: st.DataObject, cluster: Cluster, plan: Plan) -> Plan:
    """Keep a diff only where it is lost together with a VM that needs it, or nowhere."""
    vm = data.draw(st.sampled_from(cluster.vms))
    kept = data.draw(st.sampled_from((vm.server, None)))
    stored = (one for one in plan.stored if one.diff != vm.diff or one.server == kept)
    return replace(plan, stored=tuple(stored))


def changed_extent(change: Callable[[Extent], tuple[Extent, ...]]) -> Planted:
    def planted(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
        at = data.draw(st.integers(0, len(plan.stored) - 1))
        before, after = plan.stored[:at], plan.stored[at + 1 :]
        return replace(plan, stored=(*before, *change(plan.stored[at]), *after))

    return planted


def unknown_name(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
    recovered = one_recovery(data, plan)
    ghost = Transfer(diff="d0", source="ghost", target="c", start=0, stop=1)
    return data.draw(
        st.sampled_from(
            (
                replace(plan, stored=(replace(plan.stored[0], diff="ghost"), *plan.stored[1:])),
                replace(plan, stored=(replace(plan.stored[0], server="ghost"), *plan.stored[1:])),
                replace(plan, unprotected=(Unprotected(vm="ghost", failure="A", reason=""),)),
                put(plan, replace(recovered, rebuilds=(Rebuild(vm="ghost", server="c"),))),
                put(plan, replace(recovered, transfers=(*recovered.transfers, ghost))),
                replace(plan, recoveries=(replace(recovered, failure="ghost"),)),
            )
        )
    )


def incomplete(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
    recovered = one_recovery(data, plan)
    some = recovered.rebuilds
    other = next(one for one in plan.recoveries if one is not recovered).rebuilds[0]
    given_up = Unprotected(vm=some[0].vm, failure=recovered.failure, reason="")
    return data.draw(
        st.sampled_from(
            (
                put(plan, replace(recovered, rebuilds=some[1:])),
                put(plan, replace(recovered, rebuilds=(*some, some[0]))),
                put(plan, replace(recovered, rebuilds=(*some, other))),
                replace(plan, unprotected=(given_up,)),
                replace(plan, recoveries=plan.recoveries[::-1]),
                replace(plan, recoveries=(recovered,)),
                replace(plan, recoveries=(*plan.recoveries, recovered)),
            )
        )
    )


def second_of_group(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
    """Rebuild v0 beside v1, which runs on b, or beside v2, which is rebuilt with it."""
    recovered = plan.recovery("A")
    beside = [one.server for one in recovered.rebuilds if one.vm == "v2"]
    moved = Rebuild(vm="v0", server=data.draw(st.sampled_from(["b", *beside])))
    rebuilds = tuple(moved if one.vm == "v0" else one for one in recovered.rebuilds)
    return put(plan, replace(recovered, rebuilds=rebuilds))


def hole(one: Extent) -> tuple[Extent, ...]:
    """Leave out one byte in the middle of an extent."""
    middle = (one.start + one.stop) // 2
    return replace(one, stop=middle), replace(one, start=middle + 1)


def other_transfers(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
    sending = [one for one in plan.recoveries if one.transfers]
    assume(sending)
    recovered = data.draw(st.sampled_from(sending))
    sent = list(recovered.transfers)
    at = data.draw(st.integers(0, len(sent) - 1))
    one = sent.pop(at)
    changed: tuple[list[Transfer], ...] = (
        [],
        [one, one],
        [replace(one, stop=one.stop - 1)],
        [replace(one, start=one.start + 1)],
        [replace(one, stop=one.stop + 1)],
        [replace(one, source=one.target)],
        [replace(one, source=recovered.failure.lower())],
        [replace(one, source="no")],
        [replace(one, target="no")],
        [one, replace(one, target="no")],
    )
    return put(plan, replace(recovered, transfers=(*sent, *data.draw(st.sampled_from(changed)))))


def other_figures(data: st.DataObject, _: Cluster, plan: Plan) -> Plan:
    recovered = one_recovery(data, plan)
    expected, off = plan.expected_transfer_bytes, data.draw(st.sampled_from((-1, 1)))
    return data.draw(
        st.sampled_from(
            (
                put(plan, replace(recovered, transfer_bytes=recovered.transfer_bytes + off)),
                put(plan, replace(recovered, weight=recovered.weight + off / 1000)),
                replace(plan, expected_transfer_bytes=expected + off),
                replace(plan, lower_bound_bytes=expected + 1),
                replace(plan, lower_bound_bytes=-1.0),
                replace(plan, status="optimal"),
                replace(plan, status="optimal", lower_bound_bytes=expected, stored=()),
            )
        )
    )


PLANTED: dict[str, tuple[str, Planted]] = {
    "a needed diff survives nowhere": ("survival", lost_diff),
    "a rebuild where there is no capacity": (
        "resources",
        lambda data, _, plan: rebuilt_on(data, plan, "no"),
    ),
    "a rebuild where there is no disk": (
        "disk",
        lambda data, _, plan: rebuilt_on(data, plan, "no"),
    ),
    "a rebuild where none is accepted": (
        "targets",
        lambda data, _, plan: rebuilt_on(data, plan, "no"),
    ),
    "a rebuild on the server that fails": (
        "targets",
        lambda data, _, plan: rebuilt_on(data, plan, None),
    ),
    "an extent where none is accepted": (
        "targets",
        changed_extent(lambda one: (replace(one, server="no"),)),
    ),
    "an extent where there is no disk": (
        "disk",
        changed_extent(lambda one: (one, replace(one, server="no"))),
    ),
    "an extent twice": ("overlap", changed_extent(lambda one: (one, one))),
    "an extent of nothing": (
        "bounds",
        changed_extent(lambda one: (one, replace(one, stop=one.start))),
    ),
    "an extent that goes on too long": (
        "bounds",
        changed_extent(lambda one: (replace(one, stop=one.stop + ROOMY),)),
    ),
    "an extent that starts too early": (
        "bounds",
        changed_extent(lambda one: (replace(one, start=-1),)),
    ),
    "an extent with a hole of a byte": ("pieces", changed_extent(hole)),
    "a second VM of a group": ("anti-affinity", second_of_group),
    "a name of nothing": ("reference", unknown_name),
    "VMs or failures missed or doubled": ("complete", incomplete),
    "transfers changed": ("transfers", other_transfers),
    "figures changed": ("figures", other_figures),
}


@pytest.mark.parametrize("name", PLANTED)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_planted_breach_is_found(name: str, data: st.DataObject) -> None:
    rule, planted = PLANTED[name]
    cluster, plan = data.draw(right_plans())
    broken = planted(data, cluster, plan)
    assert rule in {violation.rule for violation in check(cluster, broken)}
