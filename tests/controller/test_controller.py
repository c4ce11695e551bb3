"""What the example controller does with events that come at bad moments, and with bad ones."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import pytest

from examples.controller.controller import Controller, Hypervisor, Lines
from spareplace import Cluster, Step, load_cluster, save_cluster
from spareplace.lifecycle.living import Life, Observed, Run, apply_task, load_life
from spareplace.options import PlanOptions
from tests.examples import EXAMPLES, three_servers


class Told(Lines):
    """Lines of which tests tell."""

    def __init__(self) -> None:
        self.heard = []
        self.ended = True

    def read(self) -> None:
        pass

    def tell(self, event: str, **more: object) -> None:
        self.heard.append(json.dumps({"event": event, **more}))


class Pulled(Hypervisor):
    """A stand-in in memory, of which servers can be unplugged."""

    def __init__(self) -> None:
        self.world = Observed()
        self.down: set[str] = set()
        self.refused = 0
        self.pace = 0.0
        self.done: list[Run | Step] = []

    def observed(self) -> Observed:
        return self.world

    async def do(self, task: Run | Step) -> None:
        await asyncio.sleep(self.pace)
        if isinstance(task, Run) and task.server in self.down:
            self.refused += 1
            raise ConnectionError(f"{task.server!r} does not answer")
        self.done.append(task)
        self.world = apply_task(self.world, task)


class Site:
    """A controller with all that is around it."""

    def __init__(self, folder: Path, cluster: Cluster, **options: Unpack[PlanOptions]) -> None:
        self.folder = folder
        self.lines = Told()
        self.hypervisor = Pulled()
        save_cluster(cluster, folder / "cluster.json")
        self.start(**options)

    def start(self, **options: Unpack[PlanOptions]) -> None:
        """Let a process begin, as after a restart."""
        state, cluster = self.folder / "state.json", self.folder / "cluster.json"
        self.controller = Controller(
            state=state,
            cluster=cluster,
            lines=self.lines,
            hypervisor=self.hypervisor,
            options=options,
        )

    @property
    def life(self) -> Life:
        return self.controller.life

    def work(self, most: int = 1000) -> None:
        """Work until nothing is to be done, or so many steps; what is on disk is what is meant."""

        async def steps() -> None:
            for _ in range(most):
                if not await self.controller.step():
                    return
                state = self.folder / "state.json"
                assert not state.exists() or load_life(state) == self.life

        asyncio.run(steps())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, three_servers(), method="greedy")
    made.work()
    return made


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "[]",
        "[" * 100_000,
        '{"event": "failed"}',
        '{"event": "failed", "servers": ["nobody"]}',
        '{"event": "failed", "servers": ["a", "b", "c"]}',
        '{"event": "repaired", "servers": ["a"]}',
        '{"event": "drain", "servers": ["nobody"]}',
        '{"event": "register", "vms": [{"name": "new", "server": "nobody"}]}',
        '{"event": "register", "leaving_vms": ["nobody"]}',
        '{"event": "register", "diffs": [{"name": "huge", "size": 900}], '
        '"vms": [{"name": "new", "server": "a", "diff": "huge"}]}',
    ],
)
def test_a_bad_event_is_refused_by_its_name_and_changes_nothing(
    site: Site, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    before, world = site.life, site.hypervisor.world
    site.lines.heard.append(line)
    site.work()
    assert replace(site.life, taken=0) == before
    assert (site.life.taken, site.hypervisor.world) == (1, world)
    assert [record.getMessage()[:8] for record in caplog.records].count("refused:") >= 1


def test_a_failure_stops_planning_and_is_answered_first(tmp_path: Path) -> None:
    site = Site(tmp_path, load_cluster(EXAMPLES / "images12.json"), method="greedy")
    site.work()
    site.start(method="search", time_limit=None)  # it would go on for minutes
    site.hypervisor.pace = 0.1  # else the recovery is over before anybody looks
    server = site.life.cluster.servers[0].name

    async def run() -> None:
        site.lines.tell("replan")
        running = asyncio.create_task(site.controller.run())
        await until(lambda: planning() and bool(site.life.waiting))
        site.lines.tell("failed", servers=[server])
        await until(lambda: site.life.recovery is not None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert [event.kind for event in site.life.waiting] == ["replan"]


def planning() -> bool:
    return any(thread.name == "spareplace" for thread in threading.enumerate())


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not there():
            await asyncio.sleep(0.01)


def test_a_server_that_does_not_answer_is_tried_again_until_it_is_said_to_have_failed(
    site: Site,
) -> None:
    # web ran on a; b and c take its place, and the one that is chosen first is down already
    site.lines.tell("failed", servers=["a"])
    site.work(most=1)
    assert site.life.recovery is not None
    (first,) = (rebuild.server for rebuild in site.life.recovery.rebuilds)
    (other,) = {"b", "c"} - {first}
    world = site.hypervisor.world
    assert {extent.server for extent in world.stored} == {first}  # the last copy: one more is put
    more = (replace(extent, server=other) for extent in world.stored)
    site.hypervisor.world = replace(world, stored=(*world.stored, *more))
    site.hypervisor.down.add(first)

    async def run() -> None:
        running = asyncio.create_task(site.controller.run())
        await until(lambda: site.hypervisor.refused > 1)
        site.lines.tell("failed", servers=[first])
        await running

    asyncio.run(run())
    assert site.hypervisor.world.running == {"web": other}
    assert [it.server for it in site.life.away] == ["a", first]


def test_the_stand_in_keeps_its_world_in_a_file(tmp_path: Path) -> None:
    async def done() -> None:
        await Hypervisor(tmp_path / "world.json").do(Run(vm="web", server="a"))
        await Hypervisor(tmp_path / "world.json").do(copy)

    copy = Step(action="copy", diff="base", server="b", start=0, stop=40, source="a")
    asyncio.run(done())
    world = Hypervisor(tmp_path / "world.json").observed()
    assert world.running == {"web": "a"}
    assert [(it.diff, it.server, it.stop) for it in world.stored] == [("base", "b", 40)]
