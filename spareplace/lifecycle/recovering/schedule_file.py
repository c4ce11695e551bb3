"""Recoveries as files of the format ``spareplace/recovery/1``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import get_args

from spareplace.errors import Problem
from spareplace.files.decoding import object_of, objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import BYTES, NUMBER, TRAFFIC
from spareplace.files.problems import wrong
from spareplace.files.shapes import Kind, shape_of
from spareplace.files.storage import write_whole
from spareplace.files.text_kinds import NAME, NAMES, SOME_NAMES, maybe, one_of
from spareplace.lifecycle.recovering.schedule import (
    BusiestLink,
    Direction,
    LostVM,
    Reason,
    RecoverySchedule,
    TimedRebuild,
    TimedTransfer,
)

RECOVERY_FORMAT = "spareplace/recovery/1"


def _amount(value: object) -> object:
    """Keep a whole number whole, as it is written."""
    number = NUMBER.read(value)
    return value if type(value) is int else number


def _in_order(values: Mapping[str, object]) -> Sequence[Problem]:
    return [
        wrong(last, f"not less than {first}, where it begins", f".{key}")
        for begin, key, least in (("start", "stop", 1), ("begin_seconds", "end_seconds", 0))
        if isinstance(first := values.get(begin), (int, float))
        and isinstance(last := values.get(key), (int, float))
        and last < first + least
    ]


_MISSING = Kind(read=_amount, expected=NUMBER.expected, schema=NUMBER.schema)

_LINK = shape_of(
    BusiestLink,
    {
        "server": NAME,
        "direction": one_of(*get_args(Direction)),
        "bytes": TRAFFIC,
        "seconds": NUMBER,
    },
)
_REBUILD = shape_of(TimedRebuild, {"vm": NAME, "server": NAME, "seconds": NUMBER})
_TRANSFER = shape_of(
    TimedTransfer,
    {
        "diff": NAME,
        "source": NAME,
        "target": NAME,
        "start": BYTES,
        "stop": BYTES,
        "begin_seconds": NUMBER,
        "end_seconds": NUMBER,
    },
    renamed={"source": "from", "target": "to"},
    check=_in_order,
)
_LOST = shape_of(
    LostVM,
    {
        "vm": NAME,
        "reason": one_of(*get_args(Reason)),
        "diff": maybe(NAME),
        "server": maybe(NAME),
        "resource": maybe(NAME),
        "group": maybe(NAME),
        "missing": _MISSING,
    },
)
RECOVERY = shape_of(
    RecoverySchedule,
    {
        "cluster_sha256": NAME,
        "failed": SOME_NAMES,
        "transfer_bytes": TRAFFIC,
        "seconds": NUMBER,
        "busiest_link": maybe(object_of(_LINK)),
        "rebuilds": objects_of(_REBUILD, once="vm"),
        "transfers": objects_of(_TRANSFER),
        "lost": objects_of(_LOST, once="vm"),
        "never_rebuilt": NAMES,
    },
    format_kind=one_of(RECOVERY_FORMAT),
)
"""How a recovery looks as a file."""


def recovery_text(schedule: RecoverySchedule) -> str:
    """Write a recovery as JSON, one rebuild, transfer or lost VM a line.

    `read_recovery` gives an equal one.
    """
    return shaped_text(RECOVERY, RECOVERY_FORMAT, schedule)


def save_recovery(schedule: RecoverySchedule, path: str | os.PathLike[str]) -> None:
    """Write a recovery to the file at a path, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; what the file held before is still there.
    """
    write_whole(path, recovery_text(schedule))


def read_recovery(text: bytes | str, source: str = "") -> RecoverySchedule:
    """Read a recovery from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/recovery/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(RECOVERY, RECOVERY_FORMAT, text, source)
