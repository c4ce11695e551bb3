"""What happens to the cluster, one JSON object a line, and where the lines come from."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

from spareplace import Registration
from spareplace.lifecycle.registering.registration_file import (
    REGISTRATION_FORMAT,
    read_registration,
)

log = logging.getLogger("controller")

Kind: TypeAlias = Literal["register", "leave", "failed", "repaired", "drain", "replan", "tick"]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line: what happened, to which servers, or what comes and goes."""

    line: str
    kind: Kind
    servers: tuple[str, ...] = ()
    registration: Registration = Registration()


def read_event(line: str) -> Event:
    """Read one line; a `ValueError` says what is wrong with it."""
    try:
        document = json.loads(line)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    named = document.pop("event", None) if isinstance(document, dict) else None
    kind = next((each for each in KINDS if each == named), None)
    if kind is None:
        raise ValueError(f"expected an object whose 'event' is one of {', '.join(KINDS)}")
    if kind in ("register", "leave"):
        registration = read_registration(json.dumps({"format": REGISTRATION_FORMAT, **document}))
        return Event(line=line, kind=kind, registration=registration)
    servers = document.pop("servers", [])
    if not isinstance(servers, list) or not all(isinstance(name, str) for name in servers):
        raise ValueError("expected a list of names as 'servers'")
    if document:
        raise ValueError(f"unknown: {', '.join(document)}")
    if (kind == "drain" and len(servers) != 1) or (kind in ("failed", "repaired") and not servers):
        raise ValueError(f"{len(servers)} 'servers' are not what {kind!r} needs")
    return Event(line=line, kind=kind, servers=tuple(servers))


def understood(lines: Iterable[str]) -> Iterator[Event]:
    """Read lines; a bad one is logged and done with."""
    for line in lines:
        try:
            yield read_event(line)
        except ValueError as error:
            log.error("refused: %s (%s)", line.strip()[:200], error)


class Events(Protocol):
    """Where lines come from. A line counts once its end is there, and none ever changes."""

    def lines(self) -> Sequence[str]:
        """Give all lines so far, those of the times before a restart among them."""

    def ended(self) -> bool:
        """Tell whether no more lines are to be waited for."""

    def acknowledge(self, taken: int) -> None:
        """Tell whoever sends that so many lines are on the disk."""


class EventFile:
    """A file to which others append. They need not be told: the file stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> Sequence[str]:
        """Give all lines of the file."""
        with open(self._path, encoding="utf-8", errors="replace") as file:
            return [line for line in file if line.endswith("\n")]

    def ended(self) -> bool:
        """Tell that what the file holds is all that is known of."""
        return True

    def acknowledge(self, taken: int) -> None:
        """Say nothing."""


class EventStream:
    """A stream such as standard input, of which the sender begins anew after each restart.

    A thread reads it: pipes, terminals and files cannot all be awaited in the same way.

    Parameters
    ----------
    number
        Of the file descriptor.
    """

    def __init__(self, number: int) -> None:
        self._lines: list[str] = []
        self._ended = threading.Event()
        self._told = -1
        threading.Thread(target=self._read, args=(number,), daemon=True).start()

    def lines(self) -> Sequence[str]:
        """Give all lines that have come."""
        return tuple(self._lines)

    def ended(self) -> bool:
        """Tell whether the sender closed its end."""
        return self._ended.is_set()

    def acknowledge(self, taken: int) -> None:
        """Print how many lines are on the disk, whenever that changed."""
        if taken != self._told:
            sys.stdout.write(f"taken {taken}\n")
            sys.stdout.flush()
            self._told = taken

    def _read(self, number: int) -> None:
        with open(number, "rb", buffering=0, closefd=False) as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    self._lines.append(line.decode("utf-8", errors="replace"))
        self._ended.set()
