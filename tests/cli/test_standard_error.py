from __future__ import annotations

import io
import logging
import sys

import pytest

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
    err.show("half way")
    err.message("warning")
    assert terminal.getvalue() == "\rhalf way\r        \rwarning\n"


def test_a_shorter_live_line_covers_the_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    err = StandardError()
    err.show("12345")
    err.show("67")
    err.erase()
    err.erase()
    assert terminal.getvalue() == "\r12345\r67   \r  \r"


def test_a_live_line_fits_the_terminal_and_cannot_act(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    StandardError().show("\x1b" + "x" * 200)
    assert terminal.getvalue() == "\r\\x1b" + "x" * 75


def test_the_live_line_is_not_written_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    err = StandardError()
    err.show("half way")
    err.erase()
    assert stream.getvalue() == ""


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
    err.show("half way")
    err.message("warning")
