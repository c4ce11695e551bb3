"""What happens to the cluster, one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from spareplace import Registration
from spareplace.lifecycle.registering.registration_file import (
    REGISTRATION_FORMAT,
    read_registration,
)

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
