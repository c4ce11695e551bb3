from __future__ import annotations

from dataclasses import dataclass, field, fields

import pytest

from spareplace.files.decode_cluster import CLUSTER, DIFF, FAILURE, GUEST, SERVER
from spareplace.files.decode_plan import (
    EXTENT,
    PLAN,
    REBUILD,
    RECOVERY,
    TRANSFER,
    UNPROTECTED,
)
from spareplace.files.shapes import Shape, shape_of
from spareplace.files.text_kinds import FLAG, NAME, one_of


@dataclass(frozen=True)
class Lamp:
    name: str
    place: str = "desk"
    lit: bool = field(default_factory=bool)


KINDS = {"name": NAME, "place": NAME, "lit": FLAG}


def test_fields_without_a_default_are_required() -> None:
    shape = shape_of(Lamp, KINDS)
    assert list(shape.keys) == ["name", "place", "lit"]
    assert shape.required == {"name"}


def test_a_file_may_require_more_and_call_fields_otherwise() -> None:
    shape = shape_of(Lamp, KINDS, required=("in",), renamed={"place": "in"})
    assert shape.required == {"name", "in"}
    assert shape.keys["in"].attribute == "place"


def test_the_format_comes_first_and_is_no_field() -> None:
    shape = shape_of(Lamp, KINDS, format_kind=one_of("lamp/1"))
    assert next(iter(shape.keys)) == "format"
    assert shape.keys["format"].attribute is None
    assert "format" in shape.required


def test_a_field_without_a_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        shape_of(Lamp, {"name": NAME, "place": NAME})


@pytest.mark.parametrize(
    "shape",
    [SERVER, DIFF, GUEST, FAILURE, CLUSTER, EXTENT, REBUILD, TRANSFER, UNPROTECTED, RECOVERY, PLAN],
    ids=lambda shape: shape.name,
)
def test_every_field_of_every_part_stands_in_its_file(shape: Shape[Lamp]) -> None:
    attributes = {key.attribute for key in shape.keys.values()} - {None}
    assert attributes == {it.name for it in fields(shape.make)}  # type: ignore[arg-type]
