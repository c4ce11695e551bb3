"""The controller: it takes events in, and does one thing after the other, the most urgent first."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from examples.controller.asked import Asked, Decision
from examples.controller.deciding import begun, next_action, next_decision
from examples.controller.events import Events, understood
from examples.controller.failing import answered, is_alarm
from examples.controller.hypervisor import Hypervisor, Unreachable
from examples.controller.state import State, load_state, save_state
from spareplace import SpareplaceError, Step, load_cluster
from spareplace.options import PlanOptions

log = logging.getLogger("controller")

POLL_SECONDS = 0.1
"""How often the events are looked at."""


class Controller:
    """Keeps a cluster protected, and what it knows in a file.

    What is to be done next follows from the state and from what the hypervisor says, and from
    nothing else. Wherever the process is killed, the next one goes on with what is left.

    Parameters
    ----------
    path
        The file of the state, or where it is to be.
    events
        Where it learns what happens.
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
        events: Events,
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
        lines = self._events.lines()[self.state.taken :]
        new = tuple(understood(lines))
        if lines:
            taken, waiting = self.state.taken + len(lines), (*self.state.waiting, *new)
            self._keep(replace(self.state, taken=taken, waiting=waiting))
        self._events.acknowledge(self.state.taken)
        if any(map(is_alarm, new)):
            self._alarm.set()

    async def step(self) -> bool:
        """Do the most urgent thing; tell whether there was one."""
        state = self.state
        if any(map(is_alarm, state.waiting)):
            await self._decide(answered, urgent=True)
        elif (action := next_action(state, self._hypervisor.running())) is not None:
            log.info("%s", action)
            await self._hypervisor.do(action)
            if isinstance(action, Step):
                self._keep(replace(self.state, moves=self.state.moves[1:]))
        elif (decision := next_decision(state)) is not None:
            await self._decide(decision)
        else:
            return False
        return True

    async def run(self, *, until_idle: bool = False) -> None:
        """Work until cancelled, or until no event can come and all that was told is done."""
        try:
            async with asyncio.TaskGroup() as tasks:
                listener = tasks.create_task(self._listen())
                busy = last = False
                while busy or not last:
                    last = until_idle and self._events.ended()  # asked first: none comes after it
                    self.take()
                    try:
                        busy = await self.step()
                    except Unreachable as error:
                        log.warning("%s; trying again", error)
                        busy = True
                        await asyncio.sleep(POLL_SECONDS)
                    if not (busy or last):
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

    def _ask(self) -> Asked:
        return Asked(
            running=self._hypervisor.running(),
            stored=self._hypervisor.stored(),
            options=self._options,
            recovery_limit=self._recovery_limit,
            stopped=self._alarm.is_set,
        )

    async def _decide(self, decision: Decision, *, urgent: bool = False) -> None:
        """Decide in a thread, while events are taken in here; then let it stand, in one write."""
        before = self.state
        try:
            found = await asyncio.to_thread(decision, before, self._ask())
        except SpareplaceError:
            if urgent or not self._alarm.is_set():
                raise
            found = before
        if self._alarm.is_set() and not urgent:
            log.warning("servers failed meanwhile: their VMs come first")
            return
        came = self.state.waiting[len(before.waiting) :]
        self._keep(replace(found, taken=self.state.taken, waiting=(*found.waiting, *came)))
        if not any(map(is_alarm, came)):
            self._alarm.clear()
