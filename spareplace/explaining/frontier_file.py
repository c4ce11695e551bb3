"""Frontiers as JSON files, of the format ``spareplace/frontier/1``: each point with its plan."""

from __future__ import annotations

from typing import get_args

from spareplace.explaining.trading import Frontier, Point
from spareplace.files.decode_plan import PLAN
from spareplace.files.decoding import PLAN_FORMAT, object_of, objects_of, read_shaped
from spareplace.files.encode import document_text, shaped_document
from spareplace.files.number_kinds import NUMBER, TRAFFIC
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, maybe, one_of
from spareplace.placement import Status

FRONTIER_FORMAT = "spareplace/frontier/1"

_POINT = shape_of(
    Point,
    {
        "stored_limit": TRAFFIC,
        "stored_bytes": TRAFFIC,
        "expected_transfer_bytes": NUMBER,
        "lower_bound_bytes": maybe(NUMBER),
        "status": one_of(*get_args(Status)),
        "plan": object_of(PLAN),
    },
)
FRONTIER = shape_of(
    Frontier,
    {"cluster_sha256": NAME, "points": objects_of(_POINT)},
    format_kind=one_of(FRONTIER_FORMAT),
)


def frontier_text(found: Frontier) -> str:
    """Write a frontier as JSON; `read_frontier` gives an equal one.

    The plan of each point is a plan file as it stands there.
    """
    document = shaped_document(FRONTIER, FRONTIER_FORMAT, found)
    points = document["points"]
    assert isinstance(points, list)
    for written, point in zip(points, found.points, strict=True):
        assert isinstance(written, dict)
        written["plan"] = shaped_document(PLAN, PLAN_FORMAT, point.plan)
    return document_text(document)


def read_frontier(text: bytes | str, source: str = "") -> Frontier:
    """Read a frontier from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/frontier/1``.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path. Whether its figures
        are those of its plans, and whether these keep the rules, is not looked at.
    """
    return read_shaped(FRONTIER, FRONTIER_FORMAT, text, source)
