"""Moves as JSON, ``spareplace/moves/1``: how they are written, and read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from spareplace.errors import Problem
from spareplace.files import shaped_text
from spareplace.files.decoding import objects_of, read_shaped
from spareplace.files.number_kinds import BYTES, TRAFFIC
from spareplace.files.problems import wrong
from spareplace.files.shapes import shape_of
from spareplace.files.text_kinds import NAME, maybe, one_of
from spareplace.lifecycle.moves.steps import Action, Moves, Step

MOVES_FORMAT = "spareplace/moves/1"


def _fits_together(values: Mapping[str, object]) -> Sequence[Problem]:
    problems = []
    start, stop = values.get("start"), values.get("stop")
    if isinstance(start, int) and isinstance(stop, int) and start >= stop:
        problems.append(wrong(stop, f"more than {start}, where it starts", ".stop"))
    source = values.get("source")
    if values.get("action") == "copy" and source is None:
        problems.append(wrong(source, "the server that sends the copy", ".from"))
    if values.get("action") == "delete" and source is not None:
        problems.append(wrong(source, "null: nobody sends anything", ".from"))
    return problems


STEP = shape_of(
    Step,
    {
        "action": one_of(*get_args(Action)),
        "diff": NAME,
        "server": NAME,
        "start": BYTES,
        "stop": BYTES,
        "source": maybe(NAME),
    },
    renamed={"source": "from"},
    check=_fits_together,
)

_KINDS = {"copied_bytes": TRAFFIC, "deleted_bytes": TRAFFIC, "steps": objects_of(STEP)}

MOVES = shape_of(Moves, _KINDS, required=("steps",))
"""As a part of another file."""

MOVES_FILE = shape_of(Moves, _KINDS, required=("steps",), format_kind=one_of(MOVES_FORMAT))


def moves_text(moves: Moves) -> str:
    """Write moves as JSON, one step a line; `read_moves` gives equal ones."""
    return shaped_text(MOVES_FILE, MOVES_FORMAT, moves)


def read_moves(text: bytes | str, source: str = "") -> Moves:
    """Read moves from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/moves/1``, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(MOVES_FILE, MOVES_FORMAT, text, source)
