"""How the example controller hears of events, and when it says that it has them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from examples.controller.controller import Controller, Hypervisor, Lines
from spareplace import save_cluster
from spareplace.lifecycle.living import load_life
from tests.examples import three_servers

TICK = b'{"event": "tick"}\n'


def test_a_stream_gives_whole_lines_and_tells_when_it_is_over() -> None:
    reading, writing = os.pipe()
    lines = Lines(reading)
    os.write(writing, TICK + b'{"event"')
    lines.read()
    assert (lines.heard, lines.ended) == ([TICK.decode().strip()], False)
    os.write(writing, b': "replan"}\nhalf a line and \xff')
    os.close(writing)
    lines.read()
    assert lines.heard[1:] == ['{"event": "replan"}']
    assert lines.ended
    os.close(reading)


def test_a_file_is_over_whenever_it_is_read_and_may_go_on(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(TICK + b'{"event": ')
    with open(path, "rb") as file:
        lines = Lines(file.fileno())
        lines.read()
        assert (len(lines.heard), lines.ended) == (1, True)
        with open(path, "ab") as more:
            more.write(b'"replan"}\n')
        lines.read()
        assert lines.heard[1:] == ['{"event": "replan"}']


class Watched(Controller):
    """A controller that shows what was on the disk when it said what it has."""

    def take(self) -> None:
        super().take()
        if self.lines.heard:
            assert load_life(self.state).taken == self.life.taken == len(self.lines.heard)


def test_events_are_on_the_disk_when_it_is_said_and_sent_again_they_change_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    save_cluster(three_servers(), tmp_path / "cluster.json")
    lines = [
        b'{"event": "register", "vms": [{"name": "new", "server": "b", "diff": "top"}]}\n',
        b'{"event": "register", "leaving_vms": ["new"]}\n',
    ]
    ends = []
    for sent in (lines[:1], lines, lines):
        reading, writing = os.pipe()
        os.write(writing, b"".join(sent))
        os.close(writing)
        controller = Watched(
            state=tmp_path / "state.json",
            cluster=tmp_path / "cluster.json",
            lines=Lines(reading),
            hypervisor=Hypervisor(tmp_path / "world.json"),
            options={"method": "greedy"},
        )
        asyncio.run(controller.run())
        os.close(reading)
        ends.append(controller.life)
    assert capfd.readouterr().out == "taken 1\ntaken 2\ntaken 2\n"
    assert "new" in {vm.name for vm in ends[0].cluster.vms}
    assert "new" not in {vm.name for vm in ends[1].cluster.vms}
    assert ends[2] == ends[1]
