"""What goes to standard error: messages that stay, and one line that lives while a plan is made."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from spareplace.cli.printing import echo, printable

_NARROWEST = 20


class StandardError:
    """Standard error while one command runs; it may be used from any thread."""

    def __init__(self) -> None:
        self._live = ""
        self._lock = threading.RLock()

    def message(self, text: str) -> None:
        """Write a message that stays."""
        with self._lock:
            self.erase()
            echo(printable(text), sys.stderr)

    def show(self, line: str) -> None:
        """Replace the live line, where it is seen: on a terminal."""
        with self._lock:
            if not self._seen():
                return
            line = printable(line)[: _columns() - 1]
            echo("\r" + line.ljust(len(self._live)), sys.stderr, end=False)
            self._live = line

    def erase(self) -> None:
        """Take the live line away."""
        with self._lock:
            if self._live:
                echo("\r" + " " * len(self._live) + "\r", sys.stderr, end=False)
                self._live = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Show what the library logs; only warnings, unless its logger is set to more."""
        log = logging.getLogger("spareplace")
        handler = _Relay(self)
        level = log.level
        log.setLevel(logging.WARNING)
        log.addHandler(handler)
        try:
            yield
        finally:
            self.erase()
            log.removeHandler(handler)
            log.setLevel(level)

    def _seen(self) -> bool:
        return sys.stderr is not None and sys.stderr.isatty()


class _Relay(logging.Handler):
    """Turns log records into messages."""

    def __init__(self, err: StandardError) -> None:
        super().__init__()
        self.err = err

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.err.message(f"{record.levelname.lower()}: {record.getMessage()}")


def _columns() -> int:
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        columns = 0
    return max(columns or 80, _NARROWEST)
