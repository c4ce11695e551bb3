"""JSON Schemas of every document that a command reads or writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from spareplace.canonical import JSON
from spareplace.errors import InvalidInput, Problem
from spareplace.files import schema, schema_of
from spareplace.files.decode_cluster import CLUSTER
from spareplace.files.decode_plan import PLAN
from spareplace.lifecycle.health.status_file import STATUS
from spareplace.lifecycle.moves.difference_file import DIFFERENCE
from spareplace.lifecycle.moves.moves_file import MOVES_FILE
from spareplace.lifecycle.recovering.schedule_file import RECOVERY
from spareplace.lifecycle.registering.registration_file import REGISTERED, REGISTRATION
from spareplace.lifecycle.simulating.simulation_file import SIMULATION
from spareplace.references import nearly
from spareplace.saving.forest_file import FOREST

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from spareplace.files.shapes import Shape

_SHAPES: Mapping[str, Shape[DataclassInstance]] = {
    "cluster": CLUSTER,
    "plan": PLAN,
    "moves": MOVES_FILE,
    "diff": DIFFERENCE,
    "recovery": RECOVERY,
    "registration": REGISTRATION,
    "registered": REGISTERED,
    "status": STATUS,
    "simulation": SIMULATION,
    "difftree": FOREST,
}

_TRAFFIC: dict[str, JSON] = {"type": ["integer", "string"]}
_NAME: dict[str, JSON] = {"type": "string", "minLength": 1}
_MIGRATION: dict[str, JSON] = {
    "type": "object",
    "properties": {"vm": _NAME, "from": _NAME, "to": _NAME},
    "required": ["vm", "from", "to"],
    "additionalProperties": False,
}

_WHOLES: Mapping[str, tuple[str, ...]] = {
    "change": ("moved_bytes", "moves", "plan"),
    "reprotection": ("recovery", "moved_bytes", "moves", "plan", "cluster"),
    "drain": ("server", "moved_bytes", "moves", "migrations", "deletions", "plan", "cluster"),
}
"""The keys of the documents that are made of others."""

FORMATS = (*_SHAPES, *_WHOLES)
"""Every format that has a schema."""


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
    if name in ("cluster", "plan"):
        return schema("cluster" if name == "cluster" else "plan")
    if name in _SHAPES:
        return schema_of(name, _SHAPES[name])
    if name in _WHOLES:
        return _whole(name, _WHOLES[name])
    known = dict.fromkeys(FORMATS, "")
    problem = Problem(
        path="schema",
        found=repr(name)[:80],
        expected=f"one of {', '.join(FORMATS)}",
        hint=nearly(name, known),
    )
    raise InvalidInput([problem])


def _whole(name: str, keys: tuple[str, ...]) -> dict[str, JSON]:
    properties: dict[str, JSON] = {"format": {"const": f"spareplace/{name}/1"}}
    required: list[JSON] = ["format"]
    for key in keys:
        required.append(key)
        if key == "moved_bytes":
            properties[key] = _TRAFFIC
        elif key == "server":
            properties[key] = _NAME
        elif key == "migrations":
            properties[key] = {"type": "array", "items": _MIGRATION}
        else:
            properties[key] = document_schema("moves" if key == "deletions" else key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:spareplace:{name}:1",
        "title": name,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
