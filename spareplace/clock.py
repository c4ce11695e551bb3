"""One clock for each call: how much time is left, and whether somebody asked to stop."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Started once, on the first line of a call, and handed down from there.

    Parameters
    ----------
    limit
        Seconds from the start after which the call should have ended, or ``None``.
    stop
        Set, from any thread, when the caller wants an answer now.
    started
        When it was started, on the monotonic clock.
    """

    limit: float | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Give the seconds since the start."""
        return time.monotonic() - self.started

    def left(self) -> float | None:
        """Give the seconds until the limit, not below 0; ``None`` without a limit."""
        return None if self.limit is None else max(self.limit - self.elapsed(), 0.0)

    def over(self) -> bool:
        """Tell whether it is time to end, for either reason."""
        return self.stop.is_set() or self.left() == 0.0

    def part(self, share: float) -> Clock:
        """Give a clock that ends after a share of the time that is left."""
        left = self.left()
        return replace(self, limit=None if left is None else self.elapsed() + left * share)
