"""Writing clusters and plans as text: the same value always gives the same text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeGuard

from spareplace.canonical import JSON, cluster_document
from spareplace.cluster import Cluster
from spareplace.files.decode_plan import PLAN
from spareplace.files.decoding import PLAN_FORMAT
from spareplace.files.number_kinds import TRAFFIC
from spareplace.files.shapes import Key, Shape
from spareplace.placement import Plan
from spareplace.units import LARGEST

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def cluster_text(cluster: Cluster) -> str:
    """Write a cluster as JSON, one part a line; `read_cluster` gives an equal one.

    Examples
    --------
    >>> from spareplace.parts import Server
    >>> print(cluster_text(Cluster(servers=(Server(name="s1", disk=40),), failures=())), end="")
    {
      "format": "spareplace/cluster/1",
      "servers": [
        {"name": "s1", "disk": 40}
      ],
      "diffs": [],
      "vms": [],
      "failures": []
    }
    """
    return _spread(cluster_document(cluster)) + "\n"


def plan_text(plan: Plan) -> str:
    """Write a plan as JSON, one extent, rebuild or transfer a line.

    `read_plan` gives an equal plan. Traffic of more than 2^53 bytes is written as text, since
    not every reader of JSON keeps such numbers.
    """
    return shaped_text(PLAN, PLAN_FORMAT, plan)


def shaped_text(shape: Shape[DataclassInstance], name: str, value: object) -> str:
    """Write a value as the JSON file that its shape describes, one part a line.

    Parameters
    ----------
    shape
        How the file looks.
    name
        The format that its first key names.
    value
        Of the class that the shape makes.
    """
    return document_text(shaped_document(shape, name, value))


def shaped_document(shape: Shape[DataclassInstance], name: str, value: object) -> dict[str, JSON]:
    """Give the JSON document of `shaped_text`, to be part of another."""
    return {"format": name} | _document(shape, value)


def document_text(document: Mapping[str, JSON]) -> str:
    """Write any JSON document, each object of a list on a line of its own."""
    return _spread(document) + "\n"


def _document(shape: Shape[DataclassInstance], value: object) -> dict[str, JSON]:
    return {
        name: _value(key, getattr(value, key.attribute))
        for name, key in shape.keys.items()
        if key.attribute is not None
    }


def _value(key: Key, value: object) -> JSON:
    if key.kind.items is not None and isinstance(value, tuple):
        return [_document(key.kind.items, item) for item in value]
    if key.kind is TRAFFIC and isinstance(value, int) and value > LARGEST:
        return f"{value}B"
    if key.kind.part is not None:
        return None if value is None else _document(key.kind.part, value)
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{value!r} has no JSON form")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _spread(document: Mapping[str, JSON], indent: str = "") -> str:
    entries = (
        f"{_ENCODER.encode(key)}: {_text(value, indent + '  ')}" for key, value in document.items()
    )
    return _block("{", entries, "}", indent)


def _text(value: JSON, indent: str) -> str:
    """Give each object of a list a line, and an object that holds such lists many."""
    if _holds_objects(value):
        return _block("[", (_text(item, indent + "  ") for item in value), "]", indent)
    if isinstance(value, dict) and any(_is_wide(item) for item in value.values()):
        return _spread(value, indent)
    return _ENCODER.encode(value)


def _is_wide(value: JSON) -> bool:
    if isinstance(value, dict):
        return any(_is_wide(item) for item in value.values())
    return _holds_objects(value)


def _holds_objects(value: JSON) -> TypeGuard[list[JSON]]:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _block(first: str, entries: Iterable[str], last: str, indent: str) -> str:
    lines = f",\n{indent}  ".join(entries)
    return f"{first}\n{indent}  {lines}\n{indent}{last}"
