"""What happens to a cluster that runs: one JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from spareplace.errors import InvalidInput, Problem
from spareplace.files.decode_cluster import DIFF, GUEST
from spareplace.files.decoding import objects_of, read_values
from spareplace.files.json_text import parse_json
from spareplace.files.problems import refusal, refused, within
from spareplace.files.shapes import Shape, shape_of
from spareplace.files.text_kinds import NAMES, TEXT, one_of
from spareplace.lifecycle.registering.registration import Registration
from spareplace.parts import VM, Diff

EventKind: TypeAlias = Literal["register", "failed", "repaired", "drain", "replan", "tick"]

LONGEST_SHOWN = 200
"""Letters of a line in a message."""

_SERVERS: Mapping[EventKind, str] = {
    "failed": "at least one name",
    "repaired": "at least one name",
    "drain": "one name",
}
"""The events that name servers, and how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEvent:
    """One event in the life of a cluster.

    Parameters
    ----------
    line
        As it was heard: what the file of a life keeps of it.
    kind
        ``"register"``: VMs and diffs come, change or leave. ``"failed"``: servers are down.
        ``"repaired"``: servers that failed or were drained are back. ``"drain"``: a server is to
        go. ``"replan"``: a better plan is to be looked for. ``"tick"``: is everything protected
        by what is stored? If not, it is to be.
    servers
        The servers that failed, were repaired, or the one that is to go.
    diffs, vms, leaving_vms, leaving_diffs
        Of ``"register"``: as of a `Registration`.

    Raises
    ------
    InvalidInput
        If it has what its kind does not need, or lacks what it needs. It lists every problem.
    """

    line: str
    kind: EventKind
    servers: tuple[str, ...] = ()
    diffs: tuple[Diff, ...] = ()
    vms: tuple[VM, ...] = ()
    leaving_vms: tuple[str, ...] = ()
    leaving_diffs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bad = []
        named, wanted = len(self.servers), _SERVERS.get(self.kind, "none")
        if (named > 0) != (self.kind in _SERVERS) or (self.kind == "drain" and named > 1):
            bad.append(Problem(path="servers", found=f"{named} names", expected=wanted))
        bad += [
            Problem(path=key, found=f"{len(some)} of them", expected=f"none with {self.kind!r}")
            for key in ("diffs", "vms", "leaving_vms", "leaving_diffs")
            if (some := getattr(self, key)) and self.kind != "register"
        ]
        if bad:
            raise InvalidInput(bad)
        _ = self.registration  # it refuses names that stand in it twice

    @property
    def registration(self) -> Registration:
        """What comes and what leaves."""
        return Registration(
            diffs=self.diffs,
            vms=self.vms,
            leaving_vms=self.leaving_vms,
            leaving_diffs=self.leaving_diffs,
        )

    def __str__(self) -> str:
        line = self.line.strip()
        return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


def _event_shape() -> Shape[ClusterEvent]:
    """Describe an event; its line is all of it, and no key."""
    whole = shape_of(
        ClusterEvent,
        {
            "line": TEXT,
            "kind": one_of(*get_args(EventKind)),
            "servers": NAMES,
            "diffs": objects_of(DIFF),
            "vms": objects_of(GUEST),
            "leaving_vms": NAMES,
            "leaving_diffs": NAMES,
        },
        renamed={"kind": "event"},
    )
    keys = {name: key for name, key in whole.keys.items() if name != "line"}
    return replace(whole, keys=keys, required=frozenset({"event"}))


EVENT = _event_shape()


def read_event(line: str) -> ClusterEvent:
    """Read one line of events.

    Raises
    ------
    InvalidInput
        If its form is wrong. It lists every problem. Whether the names in it are those of a
        cluster is seen when it is decided on.

    Examples
    --------
    >>> read_event('{"event": "failed", "servers": ["Sk"]}').servers
    ('Sk',)
    """
    words = parse_json(line)
    if not isinstance(words, dict):
        raise refused(words, "an object", "$")
    values, problems = read_values(EVENT, words)
    if problems:
        raise refusal(within("$", problems), "")
    try:
        return EVENT.make(line=line, **values)
    except InvalidInput as error:
        raise refusal(within("$.", error.problems), "") from None
