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

from examples.controller.controller import Controller
from examples.controller.events import EventFile
from examples.controller.hypervisor import Action, FilesHypervisor, Run, Unreachable
from examples.controller.state import load_state
from spareplace import Cluster, Extent, check, save_cluster
from spareplace.options import PlanOptions
from tests.examples import EXAMPLES, three_servers


class Pulled(FilesHypervisor):
    """A stand-in of which servers can be unplugged."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.down: set[str] = set()
        self.refused = 0

    async def do(self, action: Action) -> None:
        if isinstance(action, Run) and action.server in self.down:
            self.refused += 1
            raise Unreachable(f"{action.server!r} does not answer")
        await super().do(action)


class Site:
    """A controller with all that is around it."""

    def __init__(
        self, folder: Path, cluster: Cluster | Path, **options: Unpack[PlanOptions]
    ) -> None:
        self.folder = folder
        self.events = folder / "events.jsonl"
        self.events.touch()
        if isinstance(cluster, Cluster):
            save_cluster(cluster, folder / "cluster.json")
            cluster = folder / "cluster.json"
        self.hypervisor = Pulled(folder)
        self.controller = Controller(
            folder / "state.json",
            EventFile(self.events),
            self.hypervisor,
            **options,
        )
        self.controller.begin(cluster)

    def tell(self, text: str) -> None:
        with open(self.events, "a", encoding="utf-8") as file:
            file.write(text)

    def happens(self, event: str, **more: object) -> None:
        self.tell(json.dumps({"event": event, **more}) + "\n")

    def work(self, most: int = 1000) -> None:
        """Work until nothing is to be done, or so many steps; what is on disk is what is meant."""

        async def steps() -> None:
            for _ in range(most):
                self.controller.take()
                if not await self.controller.step():
                    return
                assert load_state(self.folder / "state.json") == self.controller.state

        asyncio.run(steps())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, three_servers(), method="greedy")
    made.work()
    return made


def test_half_a_line_is_not_taken_before_the_other_half_is_there(site: Site) -> None:
    site.tell('{"event": "drain", "ser')
    site.work()
    assert site.controller.state.taken == 0
    site.tell('vers": ["a"]}\n')
    site.work()
    assert site.controller.state.taken == 1
    assert site.controller.state.away.keys() == {"a"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "[]",
        "[" * 100_000,
        '{"event": "failed"}',
        '{"event": "failed", "servers": "a"}',
        '{"event": "failed", "servers": [["a"]]}',
        '{"event": "failed", "servers": ["nobody"]}',
        '{"event": "failed", "servers": ["a", "b", "c"]}',
        '{"event": "repaired", "servers": ["a"]}',
        '{"event": "drain", "servers": ["a", "b"]}',
        '{"event": "replan", "soon": true}',
        '{"event": "register", "vms": [{"name": "new", "server": "nobody"}]}',
        '{"event": "leave", "leaving_vms": ["nobody"]}',
    ],
)
def test_a_bad_event_is_refused_and_changes_nothing(site: Site, line: str) -> None:
    before = site.controller.state
    site.tell(line + "\n")
    site.work()
    after = site.controller.state
    assert replace(after, taken=0, plan=before.plan) == before
    assert (after.taken, after.plan.stored) == (1, before.plan.stored)


def test_a_failure_stops_planning_and_is_answered_first(tmp_path: Path) -> None:
    site = Site(tmp_path, EXAMPLES / "images12.json", method="greedy")
    site.work()
    site.controller = Controller(  # a search that would go on for minutes
        tmp_path / "state.json",
        EventFile(site.events),
        site.hypervisor,
        method="search",
        time_limit=None,
    )
    site.controller.begin(tmp_path)
    server = site.controller.state.cluster.servers[0].name

    async def run() -> None:
        site.happens("replan")
        running = asyncio.create_task(site.controller.run())
        await until(lambda: planning() and bool(site.controller.state.waiting))
        site.happens("failed", servers=[server])
        await until(lambda: site.controller.state.recovery is not None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert [event.kind for event in site.controller.state.waiting] == ["replan"]


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
    site.happens("failed", servers=["a"])
    site.work(most=1)
    schedule = site.controller.state.recovery
    assert schedule is not None
    (first,) = (rebuild.server for rebuild in schedule.rebuilds)
    (other,) = {"b", "c"} - {first}
    held = {it.server for it in site.hypervisor.stored()}
    assert held == {first}  # with it the last copy is gone: what is stored is stored again below
    for extent in site.controller.state.plan.stored:
        put(site, replace(extent, server=other))
    site.hypervisor.down.add(first)

    async def run() -> None:
        running = asyncio.create_task(site.controller.run(until_idle=True))
        await until(lambda: site.hypervisor.refused > 1)
        site.happens("failed", servers=[first])
        await running

    asyncio.run(run())
    assert site.hypervisor.running() == {"web": other}
    assert site.controller.state.away.keys() == {"a", first}


def put(site: Site, extent: Extent) -> None:
    """Let an extent lie somewhere, behind the back of the controller."""
    path = site.folder / "stored.json"
    stored = json.loads(path.read_bytes()) if path.exists() else []
    one = {name: getattr(extent, name) for name in ("diff", "server", "start", "stop")}
    path.write_text(json.dumps([*stored, one]))


def test_what_a_repaired_server_holds_of_a_diff_that_is_another_now_is_deleted(site: Site) -> None:
    (keeper,) = {extent.server for extent in site.controller.state.plan.stored}
    site.happens("failed", servers=[keeper])
    site.work()
    site.happens("leave", leaving_vms=["web"], leaving_diffs=["top", "base"])
    site.happens(
        "register",
        diffs=[{"name": "base", "size": 30}],
        vms=[{"name": "web", "server": "a", "diff": "base"}],
    )
    site.work()
    assert keeper in {extent.server for extent in site.hypervisor.stored()}
    site.happens("repaired", servers=[keeper])
    site.controller.take()
    site.work(most=1)
    first = site.controller.state.moves[0]
    assert (first.action, first.server) == ("delete", keeper)
    site.work()
    assert site.hypervisor.stored() == site.controller.state.plan.stored
    assert not check(site.controller.state.cluster, site.controller.state.plan)


def test_a_tick_finds_that_an_extent_was_lost_and_stores_it_again(site: Site) -> None:
    (site.folder / "stored.json").write_text("[]")
    site.happens("tick")
    site.work()
    state = site.controller.state
    assert {extent.diff for extent in state.plan.stored} == {"base", "top"}
    assert site.hypervisor.stored() == state.plan.stored


def test_where_nothing_has_room_unless_something_moves_it_plans_anew(tmp_path: Path) -> None:
    # base and top, 45, lie on c; the 50 of huge fit nowhere else, and not beside them, uncut
    site = Site(tmp_path, three_servers(b=49, c=90), method="milp", workers=1, max_pieces=1)
    site.work()
    assert {extent.server for extent in site.hypervisor.stored()} == {"c"}
    site.happens(
        "register",
        diffs=[{"name": "huge", "size": 50}],
        vms=[{"name": "new", "server": "a", "diff": "huge", "disk": 20}],
    )
    site.work()
    state = site.controller.state
    assert site.hypervisor.running() == {"web": "a", "new": "a"}
    assert site.hypervisor.stored() == state.plan.stored
    places = {extent.diff: extent.server for extent in state.plan.stored}
    assert (places["base"], places["huge"]) == ("b", "c")
    assert state.plan.unprotected == ()
    assert not check(state.cluster, state.plan)


def test_once_a_server_is_drained_only_what_the_plan_says_is_left_on_the_others(
    site: Site,
) -> None:
    # b and c held web's data by turns; what helped only while web was on a is deleted
    site.happens("drain", servers=["a"])
    site.work()
    state = site.controller.state
    assert site.hypervisor.running()["web"] != "a"
    stored = tuple(it for it in site.hypervisor.stored() if it.server != "a")
    assert stored == state.plan.stored
    assert not check(state.cluster, state.plan)
