"""Lives led at random: events at any moment, restarts in between, copies that are half there.

Of every recovery it is worked out here, from the words of the rules, which VMs it must not lose:
those whose bytes are all on servers that are up.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from spareplace.canonical import fingerprint
from spareplace.cluster import chain_of
from spareplace.files.decoding import read_shaped
from spareplace.lifecycle.living.life import Life, hear
from spareplace.lifecycle.living.life_file import LIFE, LIFE_FORMAT, life_text
from spareplace.lifecycle.living.observing import Observed, Run, apply_task
from spareplace.lifecycle.living.tasks import next_task, task_done
from spareplace.lifecycle.moves.steps import Step
from spareplace.options import PlanOptions
from spareplace.verify import check
from tests.lifecycle.living.lives import event, step
from tests.lifecycle.test_life import MIB, covered, first_cluster

OPTIONS: PlanOptions = {"method": "greedy", "time_limit": None, "allow_unprotected": True}

NAMES = [f"s{at}" for at in range(4)]


class Living(RuleBasedStateMachine):
    """A life, the world that its tasks change, and the servers that are down."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(cluster=first_cluster(40))
        self.world = Observed(running={vm.name: vm.server for vm in self.life.cluster.vms})
        self.down: set[str] = set()
        self.leaving: set[str] = set()
        self.born = 100

    @initialize(slack=st.sampled_from([30, 40, 60, 120]), ready=st.booleans())
    def begin(self, slack: int, ready: bool) -> None:
        self.life = Life(cluster=first_cluster(slack))
        if ready:
            self.all_is_done()

    def tell(self, *lines: str) -> None:
        self.life, remarks = hear(self.life, lines)
        assert not remarks

    @rule(at=st.sampled_from(NAMES), master=st.sampled_from(["m0", "m1"]), size=st.integers(1, 6))
    def one_more_vm(self, at: str, master: str, size: int) -> None:
        self.born += 1
        diff = {"name": f"d{self.born}", "size": size * MIB, "parent": master}
        vm = {"name": f"v{self.born}", "server": at, "diff": f"d{self.born}", "disk": 2 * MIB}
        self.tell(event("register", diffs=[diff], vms=[vm]))

    @rule(at=st.integers(0, 99))
    def one_vm_less(self, at: int) -> None:
        if self.life.cluster.vms:
            vm = self.life.cluster.vms[at % len(self.life.cluster.vms)].name
            self.leaving.add(vm)
            self.tell(event("register", leaving_vms=[vm]))

    @rule(failed=st.sets(st.sampled_from(NAMES), min_size=1, max_size=2))
    def servers_fail(self, failed: set[str]) -> None:
        self.down |= failed
        self.tell(event("failed", *sorted(failed)))

    @rule(at=st.sampled_from(NAMES))
    def a_server_is_repaired(self, at: str) -> None:
        if at in {it.server for it in self.life.away}:
            self.down.discard(at)
            self.tell(event("repaired", at))

    @rule(at=st.sampled_from(NAMES))
    def a_server_is_to_go(self, at: str) -> None:
        self.tell(event("drain", at))

    @rule(kind=st.sampled_from(["replan", "tick"]))
    def planning_is_asked_for(self, kind: str) -> None:
        self.tell(event(kind))

    @rule()
    def the_process_begins_anew(self) -> None:
        text = life_text(self.life)
        assert read_shaped(LIFE, LIFE_FORMAT, text) == self.life
        self.life = read_shaped(LIFE, LIFE_FORMAT, text)

    @rule(many=st.integers(1, 9), half=st.booleans())
    def some_is_done(self, many: int, half: bool) -> None:
        for _ in range(many):
            self.one_step()
        task = next_task(self.life, self.world)
        if half and isinstance(task, Step):  # it is killed before the rest, or before it knows
            middle = (task.start + task.stop + 1) // 2
            self.world = apply_task(self.world, replace(task, stop=middle))

    @rule()
    def all_is_done(self) -> None:
        for _ in range(500):
            if self.life.is_idle and next_task(self.life, self.world) is None:
                break
            self.one_step()
        else:
            raise AssertionError("it comes to no end")
        plan, cluster = self.life.plan, self.life.cluster
        if plan is not None and plan.cluster_sha256 == fingerprint(cluster):
            up = {server.name for server in cluster.servers}
            assert not check(cluster, plan)
            assert tuple(it for it in self.world.stored if it.server in up) == plan.stored

    def one_step(self) -> None:
        before = self.life
        task = next_task(before, self.world)
        if task is not None:
            failed = before.recovery.failed if before.recovery else ()
            assert task.server not in failed
            assert not isinstance(task, Run) or task.server in self.servers()
            self.world = apply_task(self.world, task)
            self.life = task_done(before, task)
            return
        self.life, self.world, _ = step(before, self.world, **OPTIONS)
        gone = {vm.name for vm in before.cluster.vms} - {vm.name for vm in self.life.cluster.vms}
        if before.recovery is not None and self.life.recovery is None:
            gone -= {lost.vm for lost in before.recovery.lost}
        assert gone <= self.leaving
        if self.life.recovery is not None and self.life.recovery is not before.recovery:
            self.nothing_is_lost_that_survives()

    def servers(self) -> set[str]:
        return {server.name for server in self.life.cluster.servers}

    def nothing_is_lost_that_survives(self) -> None:
        cluster, recovery = self.life.cluster, self.life.recovery
        assert recovery is not None
        diffs = {diff.name: diff for diff in cluster.diffs}
        away = {it.server for it in self.life.away}
        gone = {*recovery.failed, *away}
        for lost in recovery.lost:
            if lost.reason == "data lost":
                vm = next(vm for vm in cluster.vms if vm.name == lost.vm)
                chain = chain_of(vm.diff, diffs)
                assert not all(covered(cluster, self.world.stored, d, gone) for d in chain)

    @invariant()
    def servers_are_in_the_cluster_or_away(self) -> None:
        away = [it.server for it in self.life.away]
        failed = list(self.life.recovery.failed) if self.life.recovery else []
        assert sorted({*self.servers(), *away}) == NAMES
        assert sorted(away) == sorted(set(away))
        assert set(failed) == self.servers() & set(away)

    @invariant()
    def vms_are_on_servers_of_the_cluster(self) -> None:
        assert {vm.server for vm in self.life.cluster.vms} <= self.servers()


TestLiving = Living.TestCase
TestLiving.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
