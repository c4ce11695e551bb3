"""How far a command is, as lines that stay: for people, and as JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["auto", "plain", "json", "none"]
"""How progress is told: as a live line or, where nobody sees one, as plain lines; as plain lines
anywhere; as JSON lines; not at all."""

PROGRESS_FORMAT = "spareplace/progress/1"

MESSAGE_FORMAT = "spareplace/message/1"

PLAIN_SECONDS = 10.0
"""A plain line comes as often as that: short work prints none."""

JSON_SECONDS = 1.0
"""A JSON line comes as often as that, and whenever a better plan or bound was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowFar:
    """How far a command is.

    Parameters
    ----------
    text
        A line for people.
    objective, incumbent, bound, gap, method
        As `Progress` has them; ``None`` for work that looks for no plan, and before there is one.
    at
        What is worked on, if there are several things.
    done, total
        How much of it is done: events of a simulation, bytes of an image.
    """

    text: str
    objective: str | None = None
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    method: str | None = None
    at: str | None = None
    done: int | None = None
    total: int | None = None


_KEYS = tuple(field.name for field in fields(HowFar) if field.name != "text")


def message_line(text: str) -> str:
    """Write a message as a line of JSON.

    Examples
    --------
    >>> message_line("error: the time was up")
    '{"format": "spareplace/message/1", "text": "error: the time was up"}'
    """
    return json.dumps({"format": MESSAGE_FORMAT, "text": text})


class Lines:
    """Picks what is written of progress that is told many times a second."""

    def __init__(self, form: Literal["plain", "json"], command: str, elapsed: Callable[[], float]):
        self._form = form
        self._command = command
        self._elapsed = elapsed
        self._latest: HowFar | None = None
        self._written: HowFar | None = None
        self._at = 0.0 if form == "plain" else -math.inf

    def told(self, far: HowFar) -> str | None:
        """Give the line that is now to be written, if any."""
        self._latest = far
        seconds = self._elapsed()
        pause = JSON_SECONDS if self._form == "json" else PLAIN_SECONDS
        if seconds < self._at + pause and not (self._form == "json" and self._is_news(far)):
            return None
        self._at, self._written = seconds, far
        return far.text if self._form == "plain" else self._json(far, seconds, last=False)

    def ended(self, figures: HowFar | None) -> str | None:
        """Give the last line: with the figures of the plan that is given, if they are known."""
        last = figures or self._latest
        if last is None or self._form == "plain":
            return None
        return self._json(last, self._elapsed(), last=True)

    def _is_news(self, far: HowFar) -> bool:
        before = self._written
        if before is None:
            return True
        return (far.incumbent, far.bound) != (before.incumbent, before.bound)

    def _json(self, far: HowFar, seconds: float, last: bool) -> str:
        return json.dumps(
            {
                "format": PROGRESS_FORMAT,
                "command": self._command,
                "seconds": round(seconds, 3),
                "last": last,
                **{key: getattr(far, key) for key in _KEYS},
            },
            allow_nan=False,
        )
