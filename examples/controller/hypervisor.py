"""Whoever runs VMs and keeps extents: what the controller asks of it, and a stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from examples.controller.state import replace_file
from spareplace import Extent, Step, apply_step


class Unreachable(Exception):
    """A server did not do what it was asked: it may have failed a moment ago."""


class Hypervisor(Protocol):
    """What a controller needs. To ask for something a second time changes nothing."""

    def running(self) -> Mapping[str, str]:
        """Give the server of each VM; what failed servers ran may be among it."""

    def stored(self) -> tuple[Extent, ...]:
        """Give what is stored; what failed servers stored may be among it."""

    async def run(self, vm: str, server: str) -> None:
        """Let a VM run on a server: start it, migrate it, or rebuild it if its server failed."""

    async def remove(self, vm: str) -> None:
        """Remove a VM."""

    async def do(self, step: Step) -> None:
        """Copy or delete bytes of a diff."""


class FilesHypervisor:
    """A stand-in whose world is two files: which VM runs where, and what is stored.

    Parameters
    ----------
    folder
        Where the files are.
    pace
        Seconds that each action takes.
    """

    def __init__(self, folder: Path, pace: float = 0.0) -> None:
        self._running = folder / "running.json"
        self._stored = folder / "stored.json"
        self._pace = pace

    def running(self) -> Mapping[str, str]:
        """Give the server of each VM."""
        found: dict[str, str] = {}
        if self._running.exists():
            found = json.loads(self._running.read_bytes())
        return found

    def stored(self) -> tuple[Extent, ...]:
        """Give what is stored."""
        if not self._stored.exists():
            return ()
        return tuple(Extent(**each) for each in json.loads(self._stored.read_bytes()))

    async def run(self, vm: str, server: str) -> None:
        """Let a VM run on a server."""
        await asyncio.sleep(self._pace)
        replace_file(self._running, json.dumps({**self.running(), vm: server}, indent=1))

    async def remove(self, vm: str) -> None:
        """Remove a VM."""
        await asyncio.sleep(self._pace)
        left = {name: server for name, server in self.running().items() if name != vm}
        replace_file(self._running, json.dumps(left, indent=1))

    async def do(self, step: Step) -> None:
        """Copy or delete in two halves, as a real copy is there bit by bit."""
        middle = (step.start + step.stop) // 2
        for start, stop in ((step.start, middle), (middle, step.stop)):
            await asyncio.sleep(self._pace / 2)
            if start < stop:
                after = apply_step(self.stored(), replace(step, start=start, stop=stop))
                replace_file(self._stored, json.dumps([asdict(each) for each in after], indent=1))
