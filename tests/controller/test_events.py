"""Where the example controller has its events from, and when it says that it has them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from examples.controller.controller import Controller
from examples.controller.events import EventFile, EventStream
from examples.controller.hypervisor import FilesHypervisor
from examples.controller.state import load_state
from spareplace import save_cluster
from tests.examples import three_servers

TICK = b'{"event": "tick"}\n'


def until(there: Callable[[], bool]) -> None:
    last = time.monotonic() + 60
    while not there():
        assert time.monotonic() < last
        time.sleep(0.005)


def test_a_stream_gives_whole_lines_and_tells_when_it_is_over() -> None:
    reading, writing = os.pipe()
    stream = EventStream(reading)
    os.write(writing, TICK + b'{"event"')
    until(lambda: len(stream.lines()) == 1)
    assert not stream.ended()
    os.write(writing, b': "replan"}\nhalf a line and \xff')
    os.close(writing)
    until(stream.ended)
    assert stream.lines() == (TICK.decode(), '{"event": "replan"}\n')
    os.close(reading)


def test_a_file_gives_whole_lines_and_is_over_whenever_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(TICK + b"half")
    events = EventFile(path)
    assert list(events.lines()) == [TICK.decode()]
    assert events.ended()


def test_a_sender_is_told_a_number_when_it_changed(capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.close(writing)
    stream = EventStream(reading)
    for taken in (0, 0, 2, 2, 3):
        stream.acknowledge(taken)
    assert capsys.readouterr().out == "taken 0\ntaken 2\ntaken 3\n"
    until(stream.ended)
    os.close(reading)


class Sender:
    """It sends all its lines after each restart, and looks at the disk when it is told."""

    def __init__(self, state: Path, lines: Sequence[str]) -> None:
        self.state = state
        self.sent = lines
        self.told: list[int] = []

    def lines(self) -> Sequence[str]:
        return self.sent

    def ended(self) -> bool:
        return True

    def acknowledge(self, taken: int) -> None:
        assert load_state(self.state).taken == taken
        self.told.append(taken)


def test_events_are_on_the_disk_when_it_is_said_and_sent_again_they_change_nothing(
    tmp_path: Path,
) -> None:
    save_cluster(three_servers(), tmp_path / "cluster.json")
    lines = [
        '{"event": "register", "vms": [{"name": "new", "server": "b", "diff": "top"}]}\n',
        '{"event": "leave", "leaving_vms": ["new"]}\n',
    ]
    ends = []
    for sent in (lines[:1], lines, lines):
        sender = Sender(tmp_path / "state.json", sent)
        controller = Controller(
            tmp_path / "state.json", sender, FilesHypervisor(tmp_path), method="greedy"
        )
        controller.begin(tmp_path / "cluster.json")
        asyncio.run(controller.run(until_idle=True))
        assert sender.told[-1] == len(sent)
        ends.append(controller.state)
    assert "new" in {vm.name for vm in ends[0].cluster.vms}
    assert "new" not in {vm.name for vm in ends[1].cluster.vms}
    assert ends[2] == ends[1]
