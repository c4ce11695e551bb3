"""Whoever runs VMs and keeps extents: what the controller asks of it, and a stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol, TypeAlias

from spareplace import Extent, Step, apply_step
from spareplace.files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Let a VM run on a server: start, migrate or rebuild it. ``None``: remove it."""

    vm: str
    server: str | None


Action: TypeAlias = Run | Step
"""A step copies or deletes bytes of a diff."""


class Unreachable(Exception):
    """A server did not do what it was asked: it may have failed a moment ago."""


class Hypervisor(Protocol):
    """What a controller needs."""

    def running(self) -> Mapping[str, str]:
        """Give the server of each VM; what failed servers ran may be among it."""

    def stored(self) -> tuple[Extent, ...]:
        """Give what is stored; what failed servers stored may be among it."""

    async def do(self, action: Action) -> None:
        """Do something; to ask for it a second time changes nothing."""


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

    async def do(self, action: Action) -> None:
        """Do it; bytes come and go in two halves, as a real copy is there bit by bit."""
        if isinstance(action, Run):
            await asyncio.sleep(self._pace)
            after = {**self.running(), action.vm: action.server}
            there = {vm: server for vm, server in after.items() if server is not None}
            write_whole(self._running, json.dumps(there, indent=1))
            return
        middle = (action.start + action.stop) // 2
        for start, stop in ((action.start, middle), (middle, action.stop)):
            await asyncio.sleep(self._pace / 2)
            if start < stop:
                stored = apply_step(self.stored(), replace(action, start=start, stop=stop))
                write_whole(self._stored, json.dumps([asdict(it) for it in stored], indent=1))
