"""The controller: it takes events in, and does one thing after the other, the most urgent first."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Unpack

from examples.controller.deciding import DECISIONS, Asked, begun, emptied, failed, recovered
from examples.controller.events import Event, read_event
from examples.controller.hypervisor import Hypervisor, Unreachable
from examples.controller.state import State, load_state, save_state
from spareplace import Cluster, SpareplaceError, load_cluster
from spareplace.options import PlanOptions

log = logging.getLogger("controller")

POLL_SECONDS = 0.1
"""How often the events are looked at."""


class Interrupted(Exception):
    """A decision was dropped because servers failed. What it was for is still to be done."""


class Controller:
    """Keeps a cluster protected, and what it knows in a file.

    What is to be done next follows from the state and from what the hypervisor says, and from
    nothing else. Wherever the process is killed, the next one goes on with what is left.

    Parameters
    ----------
    path
        The file of the state, or where it is to be.
    events
        The file to which others append what happens.
    hypervisor
        Who does what is decided.
    recovery_limit
        Seconds for the choice of targets when servers failed, or ``None``.
    options
        For everything that plans.
    """

    def __init__(
        self,
        path: Path,
        events: Path,
        hypervisor: Hypervisor,
        *,
        recovery_limit: float | None = 0.5,
        **options: Unpack[PlanOptions],
    ) -> None:
        self._path = path
        self._events = events
        self._hypervisor = hypervisor
        self._recovery_limit = recovery_limit
        self._options: PlanOptions = {"allow_unprotected": True, **options}
        self._alarm = threading.Event()

    def begin(self, cluster: Path) -> None:
        """Read the state, or make the first one from a cluster."""
        if not self._path.exists():
            save_state(begun(load_cluster(cluster), self._ask()), self._path)
        self.state = load_state(self._path)

    def take(self) -> None:
        """Take new lines in: once they are in the state, nothing can lose them or repeat them."""
        with open(self._events, encoding="utf-8", errors="replace") as file:
            lines = [it for it in islice(file, self.state.taken, None) if it.endswith("\n")]
        new = []
        for line in lines:
            try:
                new.append(read_event(line))
            except ValueError as error:
                log.error("refused: %s (%s)", line.strip()[:200], error)
        if lines:
            taken, waiting = self.state.taken + len(lines), (*self.state.waiting, *new)
            self._keep(replace(self.state, taken=taken, waiting=waiting))
        if any(event.kind == "failed" for event in new):
            self._alarm.set()

    async def step(self) -> bool:
        """Do the most urgent thing; tell whether there was one."""
        state = self.state
        goal = None if state.moves else state.goal
        try:
            if alarms := [event for event in state.waiting if event.kind == "failed"]:
                await self._answer(alarms)
            elif state.recovery is not None:
                await self._go_on_recovering(state)
            elif await self._settle(state.cluster if goal is None else goal.cluster):
                pass
            elif state.moves:
                await self._hypervisor.do(state.moves[0])
                self._keep(replace(self.state, moves=state.moves[1:]))
            elif goal is not None:
                self._decided(emptied(state, goal), state.waiting[:1])
            elif state.waiting:
                await self._handle(state.waiting[0])
            else:
                return False
        except Interrupted:
            log.warning("servers failed meanwhile: their VMs come first")
        return True

    async def run(self, *, until_idle: bool = False) -> None:
        """Work until cancelled, or until all that was told so far is done."""
        try:
            async with asyncio.TaskGroup() as tasks:
                listener = tasks.create_task(self._listen())
                while True:
                    self.take()
                    try:
                        busy = await self.step()
                    except Unreachable as error:
                        log.warning("%s; trying again", error)
                        await asyncio.sleep(POLL_SECONDS)
                    else:
                        if not busy and until_idle:
                            break
                        if not busy:
                            await asyncio.sleep(POLL_SECONDS)
                listener.cancel()
        finally:
            self._alarm.set()  # planning that is under way ends

    async def _listen(self) -> None:
        """Take events in also while something takes long."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.take()

    def _keep(self, state: State) -> None:
        save_state(state, self._path)
        self.state = state

    def _decided(self, found: State, handled: Sequence[Event] = ()) -> None:
        """Let a decision stand, in one write with what it was about; events may have come since."""
        left = tuple(it for it in self.state.waiting if not any(it is done for done in handled))
        self._keep(replace(found, taken=self.state.taken, waiting=left))

    def _ask(self) -> Asked:
        return Asked(
            running=self._hypervisor.running(),
            stored=self._hypervisor.stored(),
            options=self._options,
            recovery_limit=self._recovery_limit,
            progress=lambda _: self._alarm.is_set(),
        )

    async def _aside(self, decide: Callable[[State, Asked], State]) -> State:
        """Decide in a thread, while events are taken in here."""
        state, asked = self.state, self._ask()
        try:
            found = await asyncio.to_thread(decide, state, asked)
        except SpareplaceError:
            if not self._alarm.is_set():
                raise
            raise Interrupted from None
        if self._alarm.is_set():
            raise Interrupted
        return found

    async def _answer(self, alarms: list[Event]) -> None:
        names = sorted({name for event in alarms for name in event.servers})
        log.warning("failed: %s", ", ".join(names))
        state, asked = self.state, self._ask()
        found = await asyncio.to_thread(failed, state, names, asked)
        self._decided(found, alarms)
        if not any(event.kind == "failed" for event in self.state.waiting):
            self._alarm.clear()

    async def _go_on_recovering(self, state: State) -> None:
        """Bring up the next VM; when all are, protect them."""
        assert state.recovery is not None
        running = self._hypervisor.running()
        for rebuild in state.recovery.rebuilds:
            if running.get(rebuild.vm) != rebuild.server:
                log.info("rebuild %s on %s", rebuild.vm, rebuild.server)
                await self._hypervisor.run(rebuild.vm, rebuild.server)
                return
        for lost in state.recovery.lost:
            log.error("VM %s is lost: %s", lost.vm, lost)
        self._decided(await self._aside(recovered))

    async def _settle(self, cluster: Cluster) -> bool:
        """Bring a VM to where it belongs; tell whether there was one that was not."""
        running = self._hypervisor.running()
        for vm in cluster.vms:
            if running.get(vm.name) != vm.server:
                log.info("run %s on %s", vm.name, vm.server)
                await self._hypervisor.run(vm.name, vm.server)
                return True
        for name in sorted(running.keys() - {vm.name for vm in cluster.vms}):
            log.info("remove %s", name)
            await self._hypervisor.remove(name)
            return True
        return False

    async def _handle(self, event: Event) -> None:
        log.info("%s", event.line.strip()[:200])
        try:
            found = await self._aside(
                lambda state, asked: DECISIONS[event.kind](state, event, asked)
            )
        except SpareplaceError as error:
            log.error("refused: %s (%s)", event.line.strip()[:200], error)
            found = self.state
        self._decided(found, [] if found.goal else [event])
