"""The difference between two plans as JSON, ``spareplace/diff/1``."""

from __future__ import annotations

from spareplace.files import shaped_text
from spareplace.files.decode_plan import EXTENT
from spareplace.files.decoding import object_of, objects_of
from spareplace.files.number_kinds import NUMBER, TRAFFIC
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import FLAG, NAME, maybe, one_of
from spareplace.lifecycle.moves.difference import PlanDifference, RebuildChange
from spareplace.lifecycle.moves.moves_file import MOVES

DIFFERENCE_FORMAT = "spareplace/diff/1"

REBUILD_CHANGE = shape_of(
    RebuildChange, {"failure": NAME, "vm": NAME, "before": maybe(NAME), "after": maybe(NAME)}
)

DIFFERENCE = shape_of(
    PlanDifference,
    {
        "same_cluster": FLAG,
        "expected_transfer_bytes_before": NUMBER,
        "expected_transfer_bytes_after": NUMBER,
        "largest_transfer_bytes_before": TRAFFIC,
        "largest_transfer_bytes_after": TRAFFIC,
        "copied_bytes": TRAFFIC,
        "deleted_bytes": TRAFFIC,
        "copied": objects_of(EXTENT),
        "deleted": objects_of(EXTENT),
        "rebuilds": objects_of(REBUILD_CHANGE),
        "moves": maybe(object_of(MOVES)),
    },
    required=("copied", "deleted", "rebuilds"),
    format_kind=one_of(DIFFERENCE_FORMAT),
)


def difference_text(difference: PlanDifference) -> str:
    """Write a difference as JSON, one extent, rebuild or step a line."""
    return shaped_text(DIFFERENCE, DIFFERENCE_FORMAT, difference)
