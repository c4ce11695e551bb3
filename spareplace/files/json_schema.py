"""JSON Schemas of the files, made from the same shapes that read them."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from spareplace.canonical import JSON
from spareplace.errors import InvalidInput, Problem
from spareplace.files.decode_cluster import CLUSTER
from spareplace.files.decode_plan import PLAN
from spareplace.files.number_kinds import DEFINITIONS
from spareplace.files.shapes import Key, Shape

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_FILES: Mapping[str, Shape[DataclassInstance]] = {"cluster": CLUSTER, "plan": PLAN}


def schema(file: Literal["cluster", "plan"]) -> dict[str, JSON]:
    """Give the JSON Schema (draft 2020-12) of one sort of file.

    Every file that is read without a problem is valid under it. The reader refuses more: names
    used twice, references that lead nowhere, or cycles are beyond a schema.

    Parameters
    ----------
    file
        ``"cluster"`` or ``"plan"``.

    Raises
    ------
    InvalidInput
        If there is no such file.

    Examples
    --------
    >>> schema("cluster")["required"]
    ['format', 'servers']
    """
    if file not in _FILES:
        known = " or ".join(repr(name) for name in _FILES)
        raise InvalidInput([Problem(path="schema", found=repr(file)[:80], expected=known)])
    return schema_of(file, _FILES[file])


def schema_of(file: str, shape: Shape[DataclassInstance]) -> dict[str, JSON]:
    """Give the JSON Schema (draft 2020-12) of the files that a shape describes.

    Parameters
    ----------
    file
        What they are called in their format.
    shape
        How they look.
    """
    parts: dict[str, JSON] = {part.name: _object(part) for part in _parts(shape)}
    used = json.dumps(parts)
    parts |= {name: it for name, it in DEFINITIONS.items() if f'"#/$defs/{name}"' in used}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:spareplace:{file}:1",
        **_object(shape),
        "$defs": parts,
    }


def _parts(shape: Shape[DataclassInstance]) -> Iterator[Shape[DataclassInstance]]:
    for key in shape.keys.values():
        part = key.kind.items or key.kind.part
        if part is not None:
            yield part
            yield from _parts(part)


def _object(shape: Shape[DataclassInstance]) -> dict[str, JSON]:
    summary, told = _described(shape)
    return {
        "title": shape.name,
        "description": summary,
        "type": "object",
        "properties": {name: _property(key, told) for name, key in shape.keys.items()},
        "required": [name for name, key in shape.keys.items() if key.required],
        "additionalProperties": False,
    }


def _property(key: Key, told: Mapping[str, str]) -> dict[str, JSON]:
    if key.attribute is None:
        return {"description": "What sort of file this is, and its version.", **key.kind.schema}
    if key.attribute not in told:
        return {**key.kind.schema}
    # what is None in Python is null in a file if the key is required, and else left out
    nothing = "null" if key.required else "absent"
    text = re.sub(r"(?<=\. )``None``", nothing.capitalize(), told[key.attribute])
    return {"description": _plain(text.replace("``None``", nothing)), **key.kind.schema}


def _described(shape: Shape[DataclassInstance]) -> tuple[str, dict[str, str]]:
    """Take the summary and the descriptions of the fields from the docstring of the class."""
    summary, _, rest = (inspect.getdoc(shape.make) or "").partition("\n\n")
    section = re.search(r"Parameters\n-+\n(.*?)(?=\n\n\w+\n-+\n|\Z)", rest, re.DOTALL)
    told: dict[str, str] = {}
    if section is not None:
        for names, lines in re.findall(r"^(\w.*)\n((?:    .*\n?)+)", section[1], re.MULTILINE):
            told.update(dict.fromkeys(names.split(", "), " ".join(lines.split())))
    return _plain(summary), told


def _plain(text: str) -> str:
    return re.sub(r"`+([^`]*)`+", r"\1", " ".join(text.split()))
