"""Reading the objects of a file by their shapes, so that nothing is taken in that is not known.

Every problem is collected; the paths of those raised here start at the object that was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from spareplace.canonical import JSON
from spareplace.errors import InvalidInput, Problem
from spareplace.files.json_text import parse_json
from spareplace.files.problems import (
    MOST_PROBLEMS,
    missing,
    refusal,
    refused,
    repeated,
    step,
    unknown,
    within,
    wrong,
)
from spareplace.files.shapes import Key, Kind, Made, Shape

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PLAN_FORMAT = "spareplace/plan/1"

_FORMAT = re.compile(r"spareplace/([a-z]+)/\d+")
"""What the formats of our files are called."""


def read_document(text: bytes | str, expected: str) -> Mapping[str, object]:
    """Read a file as one object, unless it says that it is a file of the other format.

    Raises
    ------
    InvalidInput
        If it is not. Whether its keys are right is not looked at.
    """
    document = parse_json(text)
    if not isinstance(document, dict):
        raise refused(document, "an object", "$")
    found = document.get("format")
    if isinstance(found, str) and found != expected and _sort(found) not in ("", _sort(expected)):
        hint = f"this is a {_sort(found)}, where a {_sort(expected)} is expected"
        raise InvalidInput([replace(wrong(found, repr(expected), "$.format"), hint=hint)])
    return document


def _sort(name: str) -> str:
    found = _FORMAT.fullmatch(name)
    return found[1] if found else ""


def read_shaped(shape: Shape[Made], name: str, text: bytes | str, source: str = "") -> Made:
    """Read a whole file of one shape, and make what it describes.

    Parameters
    ----------
    shape
        How the file looks.
    name
        The format that its first key has to name.
    text
        JSON in UTF-8, of at most 64 MiB.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    try:
        document = read_document(text, name)
    except InvalidInput as error:
        raise refusal(error.problems, source) from None
    values, problems = read_values(shape, document)
    if problems:
        raise refusal(within("$", problems), source, cut_short=len(problems) >= MOST_PROBLEMS)
    try:
        return shape.make(**values)
    except InvalidInput as error:
        raise refusal(within("$.", error.problems), source) from None


def read_values(
    shape: Shape[Made], document: Mapping[str, object]
) -> tuple[dict[str, object], list[Problem]]:
    """Read the values of one object by attribute, and list what is wrong with it."""
    values: dict[str, object] = {}
    problems = repeated(document)
    for name, item in document.items():
        key = shape.keys.get(name)
        if key is None:
            problems.append(unknown(name, shape.keys))
        else:
            try:
                value = key.kind.read(item)
            except InvalidInput as error:
                problems += within(step(name), _told(key, item, error))
            else:
                if key.attribute is not None:
                    values[key.attribute] = value
        if len(problems) >= MOST_PROBLEMS:
            return values, problems
    if not shape.required <= document.keys():
        problems += [
            missing(name, key.kind.expected)
            for name, key in shape.keys.items()
            if key.required and name not in document
        ]
    problems += shape.check(values)
    return values, problems


def _told(key: Key, item: object, error: InvalidInput) -> tuple[Problem, ...]:
    if item is None and not key.required:
        return tuple(replace(it, hint="leave the key out instead") for it in error.problems)
    return error.problems


def read_part(shape: Shape[Made], document: object) -> Made:
    """Read one object and make what it describes.

    Raises
    ------
    InvalidInput
        If it has an unknown, repeated or missing key or a value that it cannot have.
    """
    if not isinstance(document, dict):
        raise refused(document, "an object")
    values, problems = read_values(shape, document)
    if problems:
        raise InvalidInput(problems)
    try:
        return shape.make(**values)
    except InvalidInput as error:
        raise InvalidInput(within(".", error.problems)) from None


def object_of(shape: Shape[DataclassInstance]) -> Kind:
    """Describe one object of a shape."""
    return Kind(
        read=partial(read_part, shape),
        expected=f"an object, a {shape.name}",
        schema={"$ref": f"#/$defs/{shape.name}"},
        part=shape,
    )


def objects_of(shape: Shape[DataclassInstance], least: int = 0, once: str = "") -> Kind:
    """Describe a list of objects of one shape.

    Parameters
    ----------
    shape
        What each looks like.
    least
        How many there must be; said in the schema only.
    once
        The key of which no two may have the same value. None for the parts of a cluster, whose
        names are checked with all that refers to them.
    """

    def read(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise refused(value, expected)
        made: list[object] = []
        problems = _twice(value, once) if once else []
        for position, document in enumerate(value):
            try:
                made.append(read_part(shape, document))
            except InvalidInput as error:
                problems += within(f"[{position}]", error.problems)
            if len(problems) >= MOST_PROBLEMS:
                break
        if problems:
            raise InvalidInput(problems)
        return tuple(made)

    expected = f"a list of objects, each a {shape.name}"
    schema: dict[str, JSON] = {"type": "array", "items": {"$ref": f"#/$defs/{shape.name}"}}
    if least:
        schema["minItems"] = least
    return Kind(read=read, expected=expected, schema=schema, items=shape)


def _twice(documents: list[object], key: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for position, document in enumerate(documents):
        name = document.get(key) if isinstance(document, dict) else None
        if len(problems) >= MOST_PROBLEMS:
            break
        if isinstance(name, str) and first.setdefault(name, position) != position:
            problem = wrong(name, f"a {key} that stands here only once", f"[{position}].{key}")
            problems.append(replace(problem, hint=f"number {first[name]} of the list has it too"))
    return problems
