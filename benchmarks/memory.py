"""How much memory a process and all that it started have, sampled from outside.

The proportional share (PSS) of every process is summed up: pages that processes share count once.
A peak between two samples is missed, so the result is never below what the system says of the
largest single process. Without ``/proc`` there is only that.
"""

from __future__ import annotations

import resource
import sys
import threading
from pathlib import Path

PROC = Path("/proc")

EVERY_SECONDS = 0.2


class Sampler:
    """Watches a process from `start` to `peak`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._seen: dict[int, str] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to sample, in a thread."""
        self._thread.start()

    def peak(self) -> int:
        """Stop, and give the most that was seen, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while True:
            self._peak = max(self._peak, sum(map(_share, self._processes())))
            if self._ended.wait(EVERY_SECONDS):
                return

    def _processes(self) -> list[int]:
        """List the process, its descendants, and those seen before whose parent has ended."""
        running = _running()
        family = {
            pid for pid, began in self._seen.items() if pid in running and running[pid][1] == began
        }
        family.add(self._pid)
        while more := {p for p, (parent, _) in running.items() if parent in family} - family:
            family |= more
        self._seen = {pid: running[pid][1] for pid in family if pid in running}
        return list(self._seen)


def largest_process() -> int:
    """Give the peak of this process, or of the largest of those that it waited for, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * unit


def _running() -> dict[int, tuple[int, str]]:
    """Give parent and start of every process."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            # the name, in brackets, may hold anything
            rest = (
                (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            )
        except OSError:  # it has ended meanwhile
            continue
        words = rest.split()
        found[int(folder.name)] = (int(words[1]), words[19])
    return found


def _share(pid: int) -> int:
    try:
        told = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:  # it has ended meanwhile, or the system does not tell
        return 0
    for line in told.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
