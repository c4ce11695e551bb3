"""What goes to standard error: messages that stay, and progress in the form that was asked for."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from spareplace.cli.printing import echo, printable
from spareplace.cli.progress_lines import Form, HowFar, Lines, message_line

_NARROWEST = 20


class StandardError:
    """Standard error while one command runs; it may be used from any thread.

    Parameters
    ----------
    clock
        Gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = ""
        self._lock = threading.RLock()
        self._form: Form = "auto"
        self._figures: HowFar | None = None
        began = clock()
        self._elapsed = lambda: clock() - began
        self._lines = Lines("plain", "", self._elapsed)

    def tell_as(self, form: Form, command: str) -> None:
        """Tell progress in another form than at first."""
        self._form = form
        self._lines = Lines("json" if form == "json" else "plain", command, self._elapsed)

    def message(self, text: str) -> None:
        """Write a message that stays."""
        with self._lock:
            self.erase()
            _write((message_line if self._form == "json" else printable)(text))

    def show(self, far: HowFar) -> None:
        """Tell progress: in place of the live line, or as a line that stays if it is time."""
        with self._lock:
            if self._form == "none" or sys.stderr is None:
                return
            if self._form == "auto" and sys.stderr.isatty():
                self._replace(far.text)
                return
            line = self._lines.told(far)
            if line is not None:
                _write(printable(line))

    def give(self, figures: HowFar) -> None:
        """Take note of the figures of the plan that is given: the last line has them."""
        self._figures = figures

    def erase(self) -> None:
        """Take the live line away."""
        with self._lock:
            if self._live:
                _write("\r" + " " * len(self._live) + "\r", end=False)
                self._live = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Show what the library logs, only warnings unless its logger is set to more; then end."""
        log = logging.getLogger("spareplace")
        handler = _Relay(self)
        level = log.level
        log.setLevel(logging.WARNING)
        log.addHandler(handler)
        try:
            yield
        finally:
            self._end()
            log.removeHandler(handler)
            log.setLevel(level)

    def _replace(self, line: str) -> None:
        line = printable(line)[: _columns() - 1]
        _write("\r" + line.ljust(len(self._live)), end=False)
        self._live = line

    def _end(self) -> None:
        with self._lock:
            self.erase()
            last = self._lines.ended(self._figures)
            if last is not None:
                _write(last)


class _Relay(logging.Handler):
    """Turns log records into messages."""

    def __init__(self, err: StandardError) -> None:
        super().__init__()
        self.err = err

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.err.message(f"{record.levelname.lower()}: {record.getMessage()}")


def _write(text: str, end: bool = True) -> None:
    with suppress(OSError):  # a full disk, say: nobody can be told, and the work is worth more
        echo(text, sys.stderr, end=end)


def _columns() -> int:
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        columns = 0
    return max(columns or 80, _NARROWEST)
