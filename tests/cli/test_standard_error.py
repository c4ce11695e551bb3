from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from spareplace.cli.progress_lines import HowFar
from spareplace.cli.standard_error import StandardError

LOG = logging.getLogger("spareplace.planning")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    """Not as a fixture: after the set-up of a test, pytest has its own standard error again."""
    stream = _Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_a_message_takes_the_live_line_away_first(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    err = StandardError()
    err.show(HowFar(text="half way"))
    err.message("warning")
    assert terminal.getvalue() == "\rhalf way\r        \rwarning\n"


def test_a_shorter_live_line_covers_the_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    err = StandardError()
    err.show(HowFar(text="12345"))
    err.show(HowFar(text="67"))
    err.erase()
    err.erase()
    assert terminal.getvalue() == "\r12345\r67   \r  \r"


def test_a_live_line_fits_the_terminal_and_cannot_act(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    StandardError().show(HowFar(text="\x1b" + "x" * 200))
    assert terminal.getvalue() == "\r\\x1b" + "x" * 75


class _Clock:
    """One that stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _file(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_where_nobody_sees_a_live_line_a_plain_one_comes_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, clock = _file(monkeypatch), _Clock()
    err = StandardError(clock)
    with err.listening():
        for tenths in range(251):
            clock.now = tenths / 10
            err.show(HowFar(text=f"at {clock.now}"))
            err.erase()
    assert stream.getvalue() == "at 10.0\nat 20.0\n"


def test_plain_lines_are_told_on_a_terminal_too_if_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, clock = _terminal(monkeypatch), _Clock()
    err = StandardError(clock)
    err.tell_as("plain", "plan")
    err.show(HowFar(text="at first"))
    clock.now = 11.0
    err.show(HowFar(text="\x1b later"))
    assert terminal.getvalue() == "\\x1b later\n"


def test_nothing_is_told_if_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, clock = _terminal(monkeypatch), _Clock()
    err = StandardError(clock)
    with err.listening():
        err.tell_as("none", "plan")
        clock.now = 60.0
        err.show(HowFar(text="half way"))
        err.give(HowFar(text="done", incumbent=1.0))
        err.message("warning")
    assert terminal.getvalue() == "warning\n"


def test_messages_are_json_where_progress_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _file(monkeypatch)
    err = StandardError(_Clock())
    with err.listening():
        err.tell_as("json", "plan")
        err.show(HowFar(text="half way", incumbent=5.0))
        err.message("warning: s\x1b\n1")
        err.give(HowFar(text="", incumbent=4.0))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[1] == {"format": "spareplace/message/1", "text": "warning: s\x1b\n1"}
    assert [(line["last"], line["incumbent"]) for line in lines[::2]] == [(False, 5.0), (True, 4.0)]


def test_a_full_disk_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    err = StandardError(_Clock())
    err.tell_as("json", "plan")
    err.show(HowFar(text="half way"))
    err.message("warning")


def test_warnings_are_shown_while_listening_and_information_on_demand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = _terminal(monkeypatch)
    log = logging.getLogger("spareplace")
    with StandardError().listening():
        LOG.info("not asked for")
        LOG.warning("a%s", "\x1b")
        log.setLevel(logging.INFO)
        LOG.info("asked for")
    LOG.warning("too late")
    assert terminal.getvalue() == "warning: a\\x1b\ninfo: asked for\n"
    assert log.level == logging.NOTSET


def test_a_closed_standard_error_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    err = StandardError()
    err.show(HowFar(text="half way"))
    err.message("warning")
