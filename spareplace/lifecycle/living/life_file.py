"""The life of a cluster as a file, ``spareplace/life/1``: replaced whole, or left as it was."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from spareplace.canonical import JSON, cluster_document
from spareplace.errors import InvalidInput, Problem
from spareplace.files import document_text, shaped_document, write_whole
from spareplace.files.decode_cluster import CLUSTER
from spareplace.files.decode_plan import PLAN
from spareplace.files.decoding import PLAN_FORMAT, object_of, objects_of, read_shaped
from spareplace.files.number_kinds import INTEGER
from spareplace.files.problems import refused, within, wrong
from spareplace.files.shapes import Kind, shape_of
from spareplace.files.storage import read_whole
from spareplace.files.text_kinds import NAME, TEXT, maybe, one_of
from spareplace.lifecycle.living.events import ClusterEvent, read_event
from spareplace.lifecycle.living.life import Away, Life
from spareplace.lifecycle.moves.moves_file import MOVES_FILE, MOVES_FORMAT, STEP
from spareplace.lifecycle.moves.steps import Step, moves_of
from spareplace.lifecycle.recovering.schedule_file import RECOVERY, RECOVERY_FORMAT

LIFE_FORMAT = "spareplace/life/1"


def _lines(value: object) -> tuple[ClusterEvent, ...]:
    if not isinstance(value, list):
        raise refused(value, LINES.expected)
    found = []
    for position, line in enumerate(value):
        try:
            found.append(read_event(str(TEXT.read(line))))
        except InvalidInput as error:
            raise InvalidInput(within(f"[{position}]", error.problems)) from None
    return tuple(found)


LINES = Kind(
    read=_lines,
    expected="a list of events, each as the line that told of it",
    schema={"type": "array", "items": {"type": "string"}},
)


def _counted(values: Mapping[str, object]) -> Sequence[Problem]:
    taken = values.get("taken")
    return [wrong(taken, "0 or more", ".taken")] if isinstance(taken, int) and taken < 0 else []


AWAY = shape_of(Away, {"server": NAME, "cluster": object_of(CLUSTER)})
LIFE = shape_of(
    Life,
    {
        "cluster": object_of(CLUSTER),
        "plan": maybe(object_of(PLAN)),
        "taken": INTEGER,
        "waiting": LINES,
        "moves": objects_of(STEP),
        "untrue": objects_of(STEP),
        "recovery": maybe(object_of(RECOVERY)),
        "goal": maybe(object_of(CLUSTER)),
        "away": objects_of(AWAY, once="server"),
    },
    required=("plan", "taken", "waiting", "moves", "untrue", "recovery", "goal", "away"),
    format_kind=one_of(LIFE_FORMAT),
    check=_counted,
)
"""How a life looks as a file."""


def save_life(life: Life, path: str | os.PathLike[str]) -> None:
    """Write a life to the file at a path; `load_life` gives an equal one.

    A process that is killed meanwhile leaves what the file held before, and perhaps a draft beside
    it, ``.spareplace-`` and some digits, that nobody reads.

    Parameters
    ----------
    life
        What is kept.
    path
        Where.

    Raises
    ------
    OSError
        If it cannot be written; what the file held before is still there.
    """
    write_whole(path, life_text(life))


def load_life(path: str | os.PathLike[str]) -> Life:
    """Read a life from a file.

    Parameters
    ----------
    path
        A JSON file in UTF-8 of the format ``spareplace/life/1``, of at most 64 MiB.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    OSError
        If it cannot be read.
    """
    return read_shaped(LIFE, LIFE_FORMAT, read_whole(path), os.fspath(path))


def life_text(life: Life) -> str:
    """Write a life as JSON; clusters, plan and recovery in it are documents of their own."""
    plan, recovery, goal = life.plan, life.recovery, life.goal
    document: dict[str, JSON] = {
        "format": LIFE_FORMAT,
        "cluster": cluster_document(life.cluster),
        "plan": None if plan is None else shaped_document(PLAN, PLAN_FORMAT, plan),
        "taken": life.taken,
        "waiting": [event.line for event in life.waiting],
        "moves": _steps(life.moves),
        "untrue": _steps(life.untrue),
        "recovery": (
            None if recovery is None else shaped_document(RECOVERY, RECOVERY_FORMAT, recovery)
        ),
        "goal": None if goal is None else cluster_document(goal),
        "away": [
            {"server": it.server, "cluster": cluster_document(it.cluster)} for it in life.away
        ],
    }
    return document_text(document)


def _steps(steps: tuple[Step, ...]) -> JSON:
    return shaped_document(MOVES_FILE, MOVES_FORMAT, moves_of(steps))["steps"]
