"""Reading a plan. Only its form is checked: whether it keeps the rules, `check` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from spareplace.errors import Problem
from spareplace.files.decoding import PLAN_FORMAT, objects_of, read_shaped
from spareplace.files.number_kinds import BYTES, INTEGER, NUMBER, TRAFFIC
from spareplace.files.problems import wrong
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, TEXT, maybe, one_of
from spareplace.placement import Extent, Plan, Rebuild, Recovery, Status, Transfer, Unprotected


def _start_before_stop(values: Mapping[str, object]) -> Sequence[Problem]:
    start, stop = values.get("start"), values.get("stop")
    if isinstance(start, int) and isinstance(stop, int) and start >= stop:
        return [wrong(stop, f"more than {start}, where it starts", ".stop")]
    return ()


EXTENT = shape_of(
    Extent,
    {"diff": NAME, "server": NAME, "start": BYTES, "stop": BYTES},
    check=_start_before_stop,
)
REBUILD = shape_of(Rebuild, {"vm": NAME, "server": NAME})
TRANSFER = shape_of(
    Transfer,
    {"diff": NAME, "source": NAME, "target": NAME, "start": BYTES, "stop": BYTES},
    renamed={"source": "from", "target": "to"},
    check=_start_before_stop,
)
UNPROTECTED = shape_of(Unprotected, {"vm": NAME, "failure": NAME, "reason": TEXT})
RECOVERY = shape_of(
    Recovery,
    {
        "failure": NAME,
        "weight": NUMBER,
        "transfer_bytes": TRAFFIC,
        "rebuilds": objects_of(REBUILD),
        "transfers": objects_of(TRANSFER),
    },
    required=("rebuilds", "transfers"),
)
PLAN = shape_of(
    Plan,
    {
        "cluster_sha256": NAME,
        "status": one_of(*get_args(Status)),
        "method": NAME,
        "solver": maybe(NAME),
        "seed": INTEGER,
        "seconds": NUMBER,
        "expected_transfer_bytes": NUMBER,
        "lower_bound_bytes": maybe(NUMBER),
        "stored": objects_of(EXTENT),
        "recoveries": objects_of(RECOVERY, once="failure"),
        "unprotected": objects_of(UNPROTECTED),
    },
    format_kind=one_of(PLAN_FORMAT),
)


def read_plan(text: bytes | str, source: str = "") -> Plan:
    """Read a plan from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/plan/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path. Whether the plan
        keeps the rules and its figures are right is another question: `check` answers it.
    """
    return read_shaped(PLAN, PLAN_FORMAT, text, source)
