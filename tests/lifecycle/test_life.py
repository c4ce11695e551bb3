"""A cluster's life, any sequence of events: nothing is lost that the rules say survives.

After every event the plan is judged by `check`; what a recovery must save is worked out here from
the words of the rules: a VM whose bytes are all on servers that are up.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from spareplace.canonical import fingerprint
from spareplace.cluster import Cluster, chain_of
from spareplace.errors import Infeasible, NoPlan, NoRoom
from spareplace.lifecycle.changeover import PlanChange, drain, rejoin, replan, reprotect
from spareplace.lifecycle.health import protection_status
from spareplace.lifecycle.moves.steps import replayed
from spareplace.lifecycle.recovering import recover
from spareplace.lifecycle.registering.registration import Registration
from spareplace.lifecycle.registering.standing import register
from spareplace.options import PlanOptions
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent, Placement, Plan
from spareplace.planning import plan
from spareplace.verify import check

MIB = 2**20
QUICK: PlanOptions = {"method": "search", "time_limit": None, "workers": 1, "iterations": 1}
LOOSE: PlanOptions = {**QUICK, "allow_unprotected": True}


def first_cluster(slack: int) -> Cluster:
    """Four servers with two VMs each, on two masters."""
    return Cluster(
        servers=tuple(
            Server(name=f"s{at}", disk=slack * MIB, capacity={"cpu": 9}) for at in range(4)
        ),
        diffs=(
            Diff(name="m0", size=8 * MIB),
            Diff(name="m1", size=6 * MIB),
            *(Diff(name=f"d{at}", size=2 * MIB, parent=f"m{at % 2}") for at in range(8)),
        ),
        vms=tuple(
            VM(name=f"v{at}", server=f"s{at // 2}", diff=f"d{at}", disk=4 * MIB, demand={"cpu": 1})
            for at in range(8)
        ),
    )


def covered(cluster: Cluster, stored: tuple[Extent, ...], diff: str, gone: set[str]) -> bool:
    """Tell whether every byte of a diff is on a server that is up."""
    size = next(part.size for part in cluster.diffs if part.name == diff)
    at = 0
    for extent in sorted(stored, key=lambda extent: extent.start):
        if extent.diff == diff and extent.server not in gone and extent.start <= at:
            at = max(at, extent.stop)
    return at >= size


class Life(RuleBasedStateMachine):
    """One cluster, its plan, and the servers that are being repaired."""

    def __init__(self) -> None:
        super().__init__()
        self.cluster: Cluster
        self.plan: Plan
        self.away: list[tuple[str, Cluster, Plan]] = []
        self.born = 100

    @initialize(slack=st.sampled_from([40, 60, 120]))
    def begin(self, slack: int) -> None:
        self.cluster = first_cluster(slack)
        self.plan = plan(self.cluster, method="greedy", allow_unprotected=True)

    @rule(at=st.integers(0, 99), master=st.sampled_from(["m0", "m1"]), size=st.integers(1, 6))
    def one_more_vm(self, at: int, master: str, size: int) -> None:
        self.born += 1
        name = f"{self.born}"
        host = self.cluster.servers[at % len(self.cluster.servers)].name
        vm = VM(name=f"v{name}", server=host, diff=f"d{name}", disk=2 * MIB, demand={"cpu": 1})
        diff = Diff(name=f"d{name}", size=size * MIB, parent=master)
        self.take_in(Registration(diffs=(diff,), vms=(vm,)))

    @rule(at=st.integers(0, 99), size=st.integers(1, 4))
    @precondition(lambda self: self.cluster.vms)
    def one_generation_more(self, at: int, size: int) -> None:
        self.born += 1
        vm = self.cluster.vms[at % len(self.cluster.vms)]
        diff = Diff(name=f"d{self.born}", size=size * MIB, parent=vm.diff)
        self.take_in(Registration(diffs=(diff,), vms=(replace(vm, diff=diff.name),)))

    @rule(at=st.integers(0, 99))
    @precondition(lambda self: len(self.cluster.vms) > 1)
    def one_vm_less(self, at: int) -> None:
        vm = self.cluster.vms[at % len(self.cluster.vms)]
        self.take_in(Registration(leaving_vms=(vm.name,)))

    def take_in(self, news: Registration) -> None:
        if self.plan.unprotected:
            return
        try:
            self.cluster, self.plan = register(self.cluster, self.plan, news)
        except NoPlan:
            return

    @rule(at=st.integers(0, 99))
    @precondition(lambda self: len(self.cluster.servers) > 2)
    def one_server_fails(self, at: int) -> None:
        lost = self.cluster.servers[at % len(self.cluster.servers)].name
        schedule = recover(self.cluster, self.plan, [lost])
        must = {
            rebuild.vm
            for recovery in self.plan.recoveries
            if recovery.failure == lost
            for rebuild in recovery.rebuilds
        }
        assert must <= {rebuild.vm for rebuild in schedule.rebuilds}  # what was planned is kept
        diffs = {diff.name: diff for diff in self.cluster.diffs}
        for one in schedule.lost:
            if one.reason == "data lost":
                vm = next(vm for vm in self.cluster.vms if vm.name == one.vm)
                chain = chain_of(vm.diff, diffs)
                assert not all(covered(self.cluster, self.plan.stored, d, {lost}) for d in chain)
        before = (lost, self.cluster, self.plan)
        try:
            again = reprotect(self.cluster, self.plan, schedule, **LOOSE)
        except (NoPlan, NoRoom):
            return
        left = tuple(extent for extent in self.plan.stored if extent.server != lost)
        self.replay(replace(self.plan.placement, stored=left), again.change)
        self.cluster, self.plan = again.cluster, again.change.plan
        self.away.append(before)

    @rule()
    @precondition(lambda self: self.away)
    def one_server_returns(self) -> None:
        name, cluster, old = self.away.pop()
        self.cluster, placement = rejoin(
            self.cluster, self.plan, [name], old_cluster=cluster, old_chosen=old
        )
        self.to_next_plan(placement)

    @rule(limit=st.sampled_from([None, 0, 20 * MIB]))
    def all_is_planned_again(self, limit: int | None) -> None:
        self.to_next_plan(self.plan, limit)

    def to_next_plan(self, current: Plan | Placement, limit: int | None = None) -> None:
        try:
            change = replan(
                self.cluster,
                current,
                move_limit=limit,
                **LOOSE,
            )
        except (NoPlan, NoRoom):
            assert limit is not None or self.plan.unprotected or not self.is_of_now()
            if not self.is_of_now():
                self.plan = plan(self.cluster, method="greedy", allow_unprotected=True)
            return
        self.replay(current, change)
        assert limit is None or change.moved_bytes <= limit
        self.plan = change.plan

    def is_of_now(self) -> bool:
        return self.plan.cluster_sha256 == fingerprint(self.cluster)

    @rule(at=st.integers(0, 99))
    @precondition(lambda self: len(self.cluster.servers) > 3 and not self.plan.unprotected)
    def one_server_is_drained(self, at: int) -> None:
        name = self.cluster.servers[at % len(self.cluster.servers)].name
        before = (name, self.cluster, self.plan)
        try:
            way = drain(self.cluster, self.plan, name, **QUICK)
        except (NoPlan, NoRoom, Infeasible):
            return
        self.cluster, self.plan = way.cluster, way.plan
        self.away.append(before)

    def replay(self, before: Plan | Placement, change: PlanChange) -> None:
        *_, last = (before.stored, *replayed(before, change.moves))
        assert last == change.plan.stored

    @invariant()
    def every_rule_is_kept(self) -> None:
        if hasattr(self, "plan"):
            assert not check(self.cluster, self.plan)

    @invariant()
    def what_the_plan_protects_is_protected(self) -> None:
        if hasattr(self, "plan"):
            counts = protection_status(self.cluster, self.plan).pairs
            left_out = len(self.plan.unprotected)
            assert counts.broken == 0
            assert counts.protected + left_out >= sum(
                len(recovery.rebuilds) for recovery in self.plan.recoveries
            )


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
