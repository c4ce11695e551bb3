"""Diff trees as files of the format ``spareplace/difftree/1``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spareplace.errors import Problem
from spareplace.files.decoding import objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import BYTES, TRAFFIC
from spareplace.files.problems import wrong
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, maybe, one_of
from spareplace.saving.forest import DifferenceForest, ForestDiff

FOREST_FORMAT = "spareplace/difftree/1"


def _parents_first(values: Mapping[str, object]) -> Sequence[Problem]:
    diffs = values.get("diffs")
    problems: list[Problem] = []
    before: set[str] = set()
    for position, diff in enumerate(diffs if isinstance(diffs, tuple) else ()):
        if isinstance(diff, ForestDiff):
            if diff.parent is not None and diff.parent not in before:
                where = f".diffs[{position}].parent"
                problems.append(wrong(diff.parent, "the name of a diff before it", where))
            before.add(diff.name)
    return problems


_DIFF = shape_of(
    ForestDiff,
    {
        "name": NAME,
        "size": BYTES,
        "parent": maybe(NAME),
        "virtual_size": BYTES,
        "image": NAME,
        "file": maybe(NAME),
    },
    required=("file",),
)
FOREST = shape_of(
    DifferenceForest,
    {"alone_bytes": TRAFFIC, "total_bytes": TRAFFIC, "diffs": objects_of(_DIFF, once="name")},
    format_kind=one_of(FOREST_FORMAT),
    check=_parents_first,
)
"""How a diff tree looks as a file."""


def forest_text(forest: DifferenceForest) -> str:
    """Write a diff tree as JSON, one diff a line; `read_forest` gives an equal one."""
    return shaped_text(FOREST, FOREST_FORMAT, forest)


def read_forest(text: bytes | str, source: str = "") -> DifferenceForest:
    """Read a diff tree from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/difftree/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(FOREST, FOREST_FORMAT, text, source)
