"""JSON Schemas of every document that has a format of ours, by the name in its format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, get_args

from spareplace.canonical import JSON
from spareplace.disks.disks_file import DISK_LIST
from spareplace.errors import InvalidInput, Problem
from spareplace.explaining.documents import CAPACITY, WHATIF
from spareplace.explaining.explanation_file import EXPLANATION
from spareplace.explaining.frontier_file import FRONTIER
from spareplace.files import schema_of
from spareplace.files.decode_cluster import CLUSTER
from spareplace.files.decode_plan import PLAN
from spareplace.goals import Goal
from spareplace.importers.hosts import HOST_LIST
from spareplace.importers.known_files import IMAGE_LIST
from spareplace.lifecycle.health.status_file import STATUS
from spareplace.lifecycle.living.life_file import LIFE
from spareplace.lifecycle.moves.difference_file import DIFFERENCE
from spareplace.lifecycle.moves.moves_file import MOVES_FILE
from spareplace.lifecycle.recovering.schedule_file import RECOVERY
from spareplace.lifecycle.registering.registration_file import REGISTERED, REGISTRATION
from spareplace.lifecycle.simulating.simulation_file import SIMULATION
from spareplace.references import nearly
from spareplace.saving.forest_file import FOREST
from spareplace.verify.violation import Rule

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from spareplace.files.shapes import Shape

Schema: TypeAlias = dict[str, JSON]

_SHAPES: Mapping[str, Shape[DataclassInstance]] = {
    "cluster": CLUSTER,
    "plan": PLAN,
    "moves": MOVES_FILE,
    "diff": DIFFERENCE,
    "recovery": RECOVERY,
    "registration": REGISTRATION,
    "registered": REGISTERED,
    "life": LIFE,
    "status": STATUS,
    "simulation": SIMULATION,
    "difftree": FOREST,
    "disks": DISK_LIST,
    "explanation": EXPLANATION,
    "capacity": CAPACITY,
    "whatif": WHATIF,
    "frontier": FRONTIER,
    "hosts": HOST_LIST,
    "images": IMAGE_LIST,
}
"""What is read or written by its shape."""

_NAME: Schema = {"type": "string", "minLength": 1}
_TEXT: Schema = {"type": "string"}
_NAME_OR_NULL: Schema = {"type": ["string", "null"]}
_COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
_FIGURE_OR_NULL: Schema = {"type": ["number", "null"]}
_BYTES: Schema = {"type": "integer", "minimum": 0}
_TRAFFIC: Schema = {"type": ["integer", "string"]}
_AMOUNT: Schema = {
    "description": "A number, or the same as text with a B where a number would lose digits.",
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?B$"}],
}


def _closed(properties: Mapping[str, JSON]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(properties: Mapping[str, JSON]) -> Schema:
    return {"type": "array", "items": _closed(properties)}


_SHORTAGE: Schema = {
    "failure": _NAME_OR_NULL,
    "server": _NAME_OR_NULL,
    "resource": _NAME,
    "needed": _AMOUNT,
    "available": _AMOUNT,
    "missing": _AMOUNT,
    "vms": {"type": "array", "items": _NAME},
}
_VIOLATION: Schema = {
    "rule": {"enum": list(get_args(Rule))},
    "failure": _NAME_OR_NULL,
    "server": _NAME_OR_NULL,
    "item": _TEXT,
    "amount": _AMOUNT,
    "found": _TEXT,
    "expected": _TEXT,
}
_SOLVER: Schema = {
    "name": _NAME,
    "version": _NAME_OR_NULL,
    "available": {"type": "boolean"},
    "why": _TEXT,
}
_HOW_FAR: Mapping[str, Schema | str] = {
    "command": _NAME,
    "seconds": {"type": "number", "minimum": 0},
    "last": {"type": "boolean"},
    "objective": {"enum": [*get_args(Goal), None]},
    **dict.fromkeys(("incumbent", "bound", "gap"), _FIGURE_OR_NULL),
    **dict.fromkeys(("method", "at"), _NAME_OR_NULL),
    **dict.fromkeys(("done", "total"), _COUNT_OR_NULL),
}
_CHANGE: Mapping[str, Schema | str] = {"moved_bytes": _TRAFFIC, "moves": "moves", "plan": "plan"}

_WHOLES: Mapping[str, Mapping[str, Schema | str]] = {
    "change": _CHANGE,
    "reprotection": {"recovery": "recovery", **_CHANGE, "cluster": "cluster"},
    "drain": {
        "server": _NAME,
        "moved_bytes": _TRAFFIC,
        "moves": "moves",
        "migrations": _list_of({"vm": _NAME, "from": _NAME, "to": _NAME}),
        "deletions": "moves",
        "left": _list_of({"diff": _NAME, "server": _NAME, "start": _BYTES, "stop": _BYTES}),
        "plan": "plan",
        "cluster": "cluster",
    },
    "infeasible": {"shortages": _list_of(_SHORTAGE)},
    "check": {"violations": _list_of(_VIOLATION)},
    "solvers": {"solvers": _list_of(_SOLVER)},
    "progress": _HOW_FAR,
    "message": {"text": _TEXT},
}
"""The keys of the documents that no shape describes; where one holds another, its name."""

FORMATS = (*_SHAPES, *_WHOLES)
"""Every format."""


def document_schema(name: str) -> dict[str, JSON]:
    """Give the JSON Schema (draft 2020-12) of one of `FORMATS`.

    Raises
    ------
    InvalidInput
        If there is no such format.

    Examples
    --------
    >>> document_schema("change")["required"]
    ['format', 'moved_bytes', 'moves', 'plan']
    """
    if name in _SHAPES:
        return schema_of(name, _SHAPES[name])
    if name in _WHOLES:
        return _whole(name, _WHOLES[name])
    problem = Problem(
        path="schema",
        found=repr(name)[:80],
        expected=f"one of {', '.join(FORMATS)}",
        hint=nearly(name, dict.fromkeys(FORMATS, "")),
    )
    raise InvalidInput([problem])


def _whole(name: str, keys: Mapping[str, Schema | str]) -> dict[str, JSON]:
    properties: Schema = {"format": {"const": f"spareplace/{name}/1"}}
    for key, what in keys.items():
        properties[key] = document_schema(what) if isinstance(what, str) else what
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:spareplace:{name}:1",
        "title": name,
        **_closed(properties),
    }
