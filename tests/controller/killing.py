"""Run the example controller over and over, each time killed at some line of its own.

``python -m tests.controller.killing FOLDER SEED``: FOLDER/calm gets what a run leaves that nobody
disturbs, FOLDER/killed what is left after processes that were each killed by SIGKILL before a line
of ``examples/controller``, until one came to the end: at the first line at which none was, or,
one in five, at one that is drawn. Lines that run in other threads count.
``seen`` lists the lines of the last process, ``kills`` those of the kills.

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
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NoReturn

from examples.controller.controller import Controller
from examples.controller.events import EventFile
from examples.controller.hypervisor import FilesHypervisor
from examples.controller.state import State
from spareplace import generate_cluster, save_cluster

OWN = str(Path("examples", "controller"))


def idle(state: State, running: dict[str, str]) -> bool:
    done = not (state.waiting or state.recovery or state.moves or state.goal)
    return done and running == {vm.name: vm.server for vm in state.cluster.vms}


def moving(state: State, _: dict[str, str]) -> bool:
    return 0 < len(state.moves) <= 3 and state.goal is None


def recovering(state: State, running: dict[str, str]) -> bool:
    if state.recovery is None:
        return False
    up = [running.get(rebuild.vm) == rebuild.server for rebuild in state.recovery.rebuilds]
    return any(up) and not all(up)


def draining(state: State, running: dict[str, str]) -> bool:
    if state.goal is None or state.moves:
        return False
    there = {vm.name: vm.server for vm in state.goal[0].vms}
    return running != there and running != {vm.name: vm.server for vm in state.cluster.vms}


NEW = {"name": "n1", "size": "4GB", "parent": "m1"}
GUEST = {"name": "new", "server": "s2", "diff": "n1", "disk": "9GB"}

SCRIPT: list[tuple[Callable[[State, dict[str, str]], bool], dict[str, object]]] = [
    (moving, {"event": "tick"}),
    (idle, {"event": "register", "diffs": [NEW], "vms": [GUEST]}),
    (idle, {"event": "failed", "servers": ["s3"]}),
    (recovering, {"event": "failed", "servers": ["s5"]}),
    (recovering, {"event": "register", "vms": [{**GUEST, "name": "newer", "server": "s1"}]}),
    (moving, {"event": "repaired", "servers": ["s3"]}),
    (idle, {"event": "nonsense"}),
    (idle, {"event": "drain", "servers": ["s1"]}),
    (draining, {"event": "failed", "servers": ["s4"]}),
    (idle, {"event": "leave", "leaving_vms": ["new", "newer"], "leaving_diffs": ["n1"]}),
    (idle, {"event": "drain", "servers": ["nobody"]}),
    (idle, {"event": "repaired", "servers": ["s5", "s4", "s1"]}),
    (moving, {"event": "failed", "servers": ["s2"]}),
    (idle, {"event": "replan"}),
]
"""When the state is so for the first time, this happens next."""


def feed(controller: Controller, events: Path, hypervisor: FilesHypervisor) -> None:
    """Append what happens next, if it is time for it."""
    fed = events.read_text(encoding="utf-8").count("\n")
    if controller.state.taken < fed or fed == len(SCRIPT):
        return
    due, event = SCRIPT[fed]
    if due(controller.state, dict(hypervisor.running())):
        with open(events, "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


async def live(folder: Path) -> None:
    """Be the controller, until everything happened and is done."""
    hypervisor = FilesHypervisor(folder)
    events = folder / "events.jsonl"
    controller = Controller(
        folder / "state.json",
        EventFile(events),
        hypervisor,
        recovery_limit=None,
        method="greedy",
        time_limit=None,
    )
    controller.begin(folder / "cluster.json")
    came = worked = True
    while came or worked:
        before = controller.state.taken
        feed(controller, events, hypervisor)
        controller.take()
        came = controller.state.taken > before
        worked = await controller.step()
    assert controller.state.taken == len(SCRIPT), (
        f"it never came to {SCRIPT[controller.state.taken]}"
    )


def child(folder: Path, dies: Callable[[str], bool]) -> NoReturn:
    """Run, and die before the first line of which it is told so; at the end list the lines."""
    seen = {""}
    last = ""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal last
        if OWN not in frame.f_code.co_filename:
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


def somewhere(kills: Path, random: Random) -> Callable[[str], bool]:
    """Choose where to kill: at the first line at which none was killed, or one before it."""
    before = set(kills.read_text(encoding="utf-8").split())
    left = iter(range(random.randrange(1000), -1, -1))
    drawn = random.random() < 0.2
    return lambda line: line not in before or (drawn and next(left) == 0)


def main() -> None:
    folder, random = Path(sys.argv[1]), Random(sys.argv[2])
    cluster = generate_cluster(servers=6, vms_per_server=2, disk_slack=2.0, load=0.4, seed=2)
    calm, killed = folder / "calm", folder / "killed"
    for each in (calm, killed):
        each.mkdir()
        save_cluster(cluster, each / "cluster.json")
        (each / "events.jsonl").touch()
        (each / "kills").touch()
    was_killed(calm, lambda _: False)
    while was_killed(killed, somewhere(killed / "kills", random)):
        pass


if __name__ == "__main__":
    main()
