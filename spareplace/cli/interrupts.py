"""Ctrl-C while a plan is made: the first one asks for the best plan so far, a second one ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from spareplace.cli.exits import Exit


@dataclass(slots=True)
class Interrupts:
    """What was asked for by Ctrl-C."""

    asked: bool = False

    def hear(self, _signal: int, _frame: FrameType | None) -> None:
        """Take note of one Ctrl-C. It must not wait for anything: it may come at any point."""
        if self.asked:
            if os.isatty(2):
                os.write(2, b"\n")  # below the live line
            os._exit(Exit.INTERRUPTED)
        self.asked = True


@contextmanager
def heard() -> Iterator[Interrupts]:
    """Hear Ctrl-C meanwhile, unless the process was started with it ignored, as by nohup."""
    interrupts = Interrupts()
    before = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or before in (signal.SIG_IGN, None):
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts.hear)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
