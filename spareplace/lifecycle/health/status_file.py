"""A status as a JSON file, of the format ``spareplace/status/1``."""

from __future__ import annotations

from typing import get_args

from spareplace.files import shaped_text
from spareplace.files.decoding import object_of, objects_of, read_shaped
from spareplace.files.number_kinds import BYTES, INTEGER, NUMBER, TRAFFIC
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, NAMES, maybe, one_of
from spareplace.lifecycle.health.pairs import Broken, Cause, LostBytes, Retargetable, WhyMoved
from spareplace.lifecycle.health.protection import (
    HolderCounts,
    PairCounts,
    ProtectionStatus,
    ServerState,
    Strays,
    Tight,
)

STATUS_FORMAT = "spareplace/status/1"

_COUNT = INTEGER
_PAIRS = shape_of(
    PairCounts,
    dict.fromkeys(("protected", "retargetable", "broken", "given_up"), _COUNT),
)
_HOLDERS = shape_of(HolderCounts, dict.fromkeys(("one", "two", "three_or_more", "no_data"), _COUNT))
_TIGHT = shape_of(
    Tight,
    {
        "resource": NAME,
        "server": NAME,
        "failure": maybe(NAME),
        "left": NUMBER,
        "capacity": NUMBER,
        "growth": maybe(NUMBER),
    },
)
_STRAYS = shape_of(Strays, {"extents": _COUNT, "extent_bytes": TRAFFIC, "rebuilds": _COUNT})
_LOST = shape_of(LostBytes, {"diff": NAME, "size": BYTES})
_BROKEN = shape_of(
    Broken,
    {
        "vm": NAME,
        "failure": NAME,
        "cause": one_of(*get_args(Cause)),
        "lost": objects_of(_LOST),
        "server": maybe(NAME),
        "resource": maybe(NAME),
        "missing": maybe(NUMBER),
        "crowded_out": FLAG,
    },
)
_RETARGETABLE = shape_of(
    Retargetable,
    {
        "vm": NAME,
        "failure": NAME,
        "planned": maybe(NAME),
        "why": one_of(*get_args(WhyMoved)),
        "server": NAME,
    },
)
_SERVER = shape_of(
    ServerState,
    {
        "server": NAME,
        "stored_bytes": TRAFFIC,
        "disk_left_bytes": INTEGER,
        "worst_left_bytes": INTEGER,
        "overfull_bytes": TRAFFIC,
        "refused_bytes": TRAFFIC,
        "overcommitted": NAMES,
    },
)
STATUS = shape_of(
    ProtectionStatus,
    {
        "plan_current": maybe(FLAG),
        "pairs": object_of(_PAIRS),
        "holders": object_of(_HOLDERS),
        "expected_transfer_bytes": NUMBER,
        "planned_transfer_bytes": maybe(NUMBER),
        "lower_bound_bytes": maybe(NUMBER),
        "tightest_disk": maybe(object_of(_TIGHT)),
        "tightest_resources": objects_of(_TIGHT),
        "strays": object_of(_STRAYS),
        "broken": objects_of(_BROKEN),
        "given_up": objects_of(_BROKEN),
        "retargetable": objects_of(_RETARGETABLE),
        "servers": objects_of(_SERVER),
    },
    format_kind=one_of(STATUS_FORMAT),
)


def status_text(status: ProtectionStatus) -> str:
    """Write a status as JSON; `read_status` gives an equal one."""
    return shaped_text(STATUS, STATUS_FORMAT, status)


def read_status(text: bytes | str, source: str = "") -> ProtectionStatus:
    """Read a status from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/status/1``.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(STATUS, STATUS_FORMAT, text, source)
