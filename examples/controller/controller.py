"""A controller that keeps a cluster protected, whatever happens to the cluster or to itself.

What it knows is one value, a `Life`, in one file. What is next follows from that and from what the
hypervisor says, and from nothing else: killed between any two lines, it goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import select
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from spareplace import Extent, load_cluster
from spareplace.files import write_whole
from spareplace.lifecycle import living
from spareplace.lifecycle.living import Life, Observed, Task
from spareplace.options import PlanOptions

log = logging.getLogger("controller")

POLL_SECONDS = 0.1  # how often it looks for events, and tries again what a server did not do


@dataclass
class Hypervisor:
    """A stand-in, whose world is a file. Yours asks servers, and tells them what to do."""

    path: Path
    pace: float = 0.0

    def observed(self) -> Observed:
        """Tell which VM runs where, and what is stored."""
        if not self.path.exists():
            return Observed()
        world = json.loads(self.path.read_bytes())
        stored = tuple(Extent(**extent) for extent in world["stored"])
        return Observed(running=world["running"], stored=stored)

    async def do(self, task: Task) -> None:
        """Do something, or raise a `ConnectionError`; done a second time, it changes nothing."""
        await asyncio.sleep(self.pace)
        world = living.apply_task(self.observed(), task)
        write_whole(self.path, json.dumps(asdict(world), indent=1))


class Lines:
    """The lines of a stream, or of a file to which others append, as they come."""

    def __init__(self, number: int) -> None:
        self.number, self.rest, self.ended = number, b"", False
        self.heard: list[str] = []

    def read(self) -> None:
        """Read what is there, without waiting. A line counts when its end is there."""
        self.ended = False
        while not self.ended and select.select([self.number], [], [], 0)[0]:
            found = os.read(self.number, 2**16)
            *whole, self.rest = (self.rest + found).split(b"\n")
            self.heard += [line.decode("utf-8", errors="replace") for line in whole]
            self.ended = not found


@dataclass(kw_only=True)
class Controller:
    """It hears events, and does or decides one thing after the other, the most urgent first."""

    state: Path
    cluster: Path
    lines: Lines
    hypervisor: Hypervisor
    options: PlanOptions
    stop: threading.Event = field(default_factory=threading.Event)
    told: int = -1

    def __post_init__(self) -> None:
        if self.state.exists():
            self.life = living.load_life(self.state)
        else:
            self.life = Life(cluster=load_cluster(self.cluster))

    def keep(self, life: Life, remarks: tuple[str, ...] = ()) -> None:
        """Write down what stands now: a restart begins with it."""
        for remark in remarks:
            log.warning("%s", remark)
        if life is not self.life:
            living.save_life(life, self.state)
        self.life = life

    def take(self) -> None:
        """Take new lines in, in one write: then nothing loses them, and nothing repeats them."""
        self.lines.read()
        if new := self.lines.heard[self.life.taken :]:
            self.keep(*living.hear(self.life, new))
        if self.told != self.life.taken:
            self.told = self.life.taken
            os.write(1, f"taken {self.told}\n".encode())

    async def step(self) -> bool:
        """Do or decide the most urgent thing; tell whether there was one."""
        self.take()
        task = living.next_task(self.life, self.hypervisor.observed())
        if task is not None:
            await self.do(task)
        elif not self.life.is_idle:
            await self.decide()
        else:
            return False
        return True

    async def do(self, task: Task) -> None:
        """Let something be done, and then write down that it was."""
        log.info("%s", task)
        try:
            await self.hypervisor.do(task)
        except ConnectionError as error:  # it may have failed a moment ago
            log.warning("%s; to be tried again", error)
            await asyncio.sleep(POLL_SECONDS)
        else:
            self.keep(living.task_done(self.life, task))

    async def decide(self) -> None:
        """Decide in a thread, while failures are listened for, and let it stand in one write."""
        self.stop.clear()
        ask = partial(living.decide, progress=lambda _: self.stop.is_set(), **self.options)
        self.keep(*await asyncio.to_thread(ask, self.life, self.hypervisor.observed()))

    async def listen(self) -> None:
        """Hear of failures also while something takes long: then planning is of no use."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.lines.read()
            soon, _ = living.hear(self.life, self.lines.heard[self.life.taken :])
            if soon.is_alarmed:
                self.stop.set()

    async def run(self) -> None:
        """Work until there are no more lines and all is done, or until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self.listen())
            try:
                while (busy := await self.step()) or not self.lines.ended:
                    await asyncio.sleep(0 if busy else POLL_SECONDS)
            finally:
                self.stop.set()  # planning that is under way ends
                listening.cancel()


def main() -> None:
    """Run on the stand-in, with events from standard input."""
    parser = argparse.ArgumentParser(prog="python -m examples.controller")
    parser.add_argument("cluster", type=Path, help="where it starts, the first time")
    parser.add_argument("folder", type=Path, help="where it keeps its state, and the stand-in its")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds that each task takes")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(
        state=chosen.folder / "state.json",
        cluster=chosen.cluster,
        lines=Lines(sys.stdin.fileno()),
        hypervisor=Hypervisor(chosen.folder / "world.json", chosen.pace),
        options={"time_limit": 2.0, "allow_unprotected": True},
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(controller.run())
