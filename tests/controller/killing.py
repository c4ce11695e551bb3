"""Run the example controller over and over, each time killed at some line of its own.

``python -m tests.controller.killing FOLDER SEED``: FOLDER/calm gets what a run leaves that nobody
disturbs. FOLDER/everywhere and FOLDER/anywhere get what is left after processes that were each
killed by SIGKILL before a line of the example, or of what reads and writes its state, until one
came to the end: at the first line at which none was, and at one that is drawn. Lines in other
threads count, too. ``seen`` lists the lines of the last process, ``kills`` those of the kills.

It is a process of its own that never has a second thread: so it may fork, which costs milliseconds
where a new Python costs half a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NoReturn

from examples.controller.controller import Controller, Hypervisor, Lines
from spareplace import Step, generate_cluster, save_cluster
from spareplace.lifecycle.living import Life, Observed, Run, next_task

WRITING = ("controller.py", "life_file.py", "storage.py")
"""The files of the program, and of the library those that read and write; the rest only thinks."""

LONGEST_DRAWN = 500
"""A process that is killed anywhere runs fewer lines than these."""


@cache
def is_traced(path: str) -> bool:
    return Path(path).name in WRITING


class Gradual(Hypervisor):
    """A stand-in on which bytes come and go in two halves, as a real copy is there bit by bit."""

    async def do(self, task: Run | Step) -> None:
        if isinstance(task, Step):
            await super().do(replace(task, stop=(task.start + task.stop) // 2))
        await super().do(task)


def idle(life: Life, seen: Observed) -> bool:
    return life.is_idle and next_task(life, seen) is None


def moving(life: Life, _: Observed) -> bool:
    return 0 < len(life.moves) <= 3 and life.goal is None


def recovering(life: Life, seen: Observed) -> bool:
    if life.recovery is None:
        return False
    up = [seen.running.get(rebuild.vm) == rebuild.server for rebuild in life.recovery.rebuilds]
    return any(up) and not all(up)


def draining(life: Life, seen: Observed) -> bool:
    if life.goal is None or life.moves:
        return False
    up = [seen.running.get(vm.name) == vm.server for vm in life.goal.vms]
    before = [seen.running.get(vm.name) == vm.server for vm in life.cluster.vms]
    return not all(up) and not all(before)


NEW = {"name": "n1", "size": "4GB", "parent": "m1"}
GUEST = {"name": "new", "server": "s2", "diff": "n1", "disk": "9GB"}

SCRIPT: list[tuple[Callable[[Life, Observed], bool], dict[str, object]]] = [
    (moving, {"event": "tick"}),
    (idle, {"event": "register", "diffs": [NEW], "vms": [GUEST]}),
    (idle, {"event": "failed", "servers": ["s3"]}),
    (recovering, {"event": "failed", "servers": ["s5"]}),
    (recovering, {"event": "register", "vms": [{**GUEST, "name": "newer", "server": "s1"}]}),
    (moving, {"event": "repaired", "servers": ["s3"]}),
    (idle, {"event": "nonsense"}),
    (idle, {"event": "drain", "servers": ["s1"]}),
    (draining, {"event": "failed", "servers": ["s4"]}),
    (idle, {"event": "register", "leaving_vms": ["new", "newer"], "leaving_diffs": ["n1"]}),
    (idle, {"event": "drain", "servers": ["nobody"]}),
    (idle, {"event": "repaired", "servers": ["s5", "s4", "s1"]}),
    (moving, {"event": "failed", "servers": ["s2"]}),
    (idle, {"event": "replan"}),
]
"""When the state is so for the first time, this happens next."""


def feed(controller: Controller, events: Path) -> None:
    """Append what happens next, if it is time for it."""
    fed = events.read_text(encoding="utf-8").count("\n")
    if controller.life.taken < fed or fed == len(SCRIPT):
        return
    due, event = SCRIPT[fed]
    if due(controller.life, controller.hypervisor.observed()):
        with open(events, "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


async def live(folder: Path) -> None:
    """Be the controller, until everything happened and is done."""
    events = folder / "events.jsonl"
    with open(events, "rb") as file:
        controller = Controller(
            state=folder / "state.json",
            cluster=folder / "cluster.json",
            lines=Lines(file.fileno()),
            hypervisor=Gradual(folder / "world.json"),
            options={"method": "greedy", "time_limit": None, "allow_unprotected": True},
        )
        came = worked = True
        while came or worked:
            before = controller.life.taken
            feed(controller, events)
            worked = await controller.step()
            came = controller.life.taken > before
    assert controller.life.taken == len(SCRIPT), f"it never came to {SCRIPT[controller.life.taken]}"


def child(folder: Path, dies: Callable[[str], bool]) -> NoReturn:
    """Run, and die before the first line of which it is told so; at the end list the lines."""
    seen = {""}
    last = ""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal last
        if not is_traced(frame.f_code.co_filename):
            return None
        line = f"{Path(frame.f_code.co_filename).stem}:{frame.f_lineno}"
        if event == "line" and line != last:
            last = line
            seen.add(line)
            if dies(line):
                with open(folder / "kills", "a", encoding="utf-8") as kills:
                    print(line, file=kills)
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    asyncio.run(live(folder))
    sys.settrace(None)
    (folder / "seen").write_text("\n".join(sorted(seen)), encoding="utf-8")
    os._exit(0)


def was_killed(folder: Path, dies: Callable[[str], bool]) -> bool:
    """Run in a process of its own; tell whether it was killed."""
    pid = os.fork()
    if pid == 0:
        try:
            child(folder, dies)
        finally:
            sys.settrace(None)
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status:
        raise SystemExit(f"the controller ended with status {status}")
    return False


def where_none_was(kills: Path, _: Random) -> Callable[[str], bool]:
    """Kill at the first line at which none was killed."""
    before = set(kills.read_text(encoding="utf-8").split())
    return lambda line: line not in before


def anywhere(_: Path, random: Random) -> Callable[[str], bool]:
    """Kill at a line that is drawn."""
    left = iter(range(random.randrange(LONGEST_DRAWN), -1, -1))
    return lambda _: next(left) == 0


def main() -> None:
    folder, random = Path(sys.argv[1]), Random(sys.argv[2])
    cluster = generate_cluster(servers=6, vms_per_server=2, disk_slack=2.0, load=0.4, seed=2)
    ways = {"calm": None, "everywhere": where_none_was, "anywhere": anywhere}
    for name, way in ways.items():
        life = folder / name
        life.mkdir()
        save_cluster(cluster, life / "cluster.json")
        (life / "events.jsonl").touch()
        (life / "kills").touch()
        while was_killed(life, way(life / "kills", random) if way else lambda _: False):
            pass


if __name__ == "__main__":
    main()
