"""How the objects in a file are described: once, for reading, writing and the schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from spareplace.canonical import JSON
from spareplace.errors import Problem

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Made = TypeVar("Made", bound="DataclassInstance", covariant=True)

Read: TypeAlias = Callable[[object], object]
"""It gives the value of what stands in a file, or raises `InvalidInput`.

The paths of its problems start at what it was given: "" is all of it, "[2]" its third item.
"""

Check: TypeAlias = Callable[[Mapping[str, object]], Sequence[Problem]]
"""It lists what is wrong between the values of one object, some of which may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of value that a key can have.

    Parameters
    ----------
    read
        How it is read.
    expected
        What may stand there, in words.
    schema
        The same as a JSON Schema.
    items
        For a list of objects: what each looks like.
    part
        For one object: what it looks like.
    """

    read: Read
    expected: str
    schema: Mapping[str, JSON]
    items: Shape[DataclassInstance] | None = None
    part: Shape[DataclassInstance] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of an object.

    Parameters
    ----------
    attribute
        What the class calls it; ``None`` for the key that names the format.
    kind
        What its value can be.
    required
        Whether it may not be left out.
    """

    attribute: str | None
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[Made]):
    """One sort of object that a file can hold.

    Parameters
    ----------
    name
        What it is called.
    make
        The class that is made of it.
    keys
        By name, in the order in which they are written.
    required
        The names of those that may not be left out.
    check
        For a class that does not check itself.
    """

    name: str
    make: Callable[..., Made]
    keys: Mapping[str, Key]
    required: frozenset[str]
    check: Check


def shape_of(
    make: type[Made],
    kinds: Mapping[str, Kind],
    *,
    required: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    format_kind: Kind | None = None,
    check: Check = lambda _values: (),
) -> Shape[Made]:
    """Describe a dataclass as it stands in a file.

    Parameters
    ----------
    make
        The class. The order of its fields is the order of the keys, and a field without a
        default is a key that is required.
    kinds
        The kind of every field, by the name of the field.
    required
        Keys that a file must have although the class has a default.
    renamed
        The keys of the fields that are called otherwise in a file.
    format_kind
        For a whole file: the kind of its first key, ``format``.
    check
        As in `Shape`.
    """
    keys: dict[str, Key] = {}
    if format_kind is not None:
        keys["format"] = Key(attribute=None, kind=format_kind, required=True)
    for field in fields(make):
        name = (renamed or {}).get(field.name, field.name)
        optional = field.default is not MISSING or field.default_factory is not MISSING
        needed = name in required or not optional
        keys[name] = Key(attribute=field.name, kind=kinds[field.name], required=needed)
    return Shape(
        name=make.__name__.lower(),
        make=make,
        keys=keys,
        required=frozenset(name for name, key in keys.items() if key.required),
        check=check,
    )
