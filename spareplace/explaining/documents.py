"""Answers about capacity and changes as JSON: to be written, and not read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, get_args

from spareplace.explaining.explanation_file import CHANGE, LACK
from spareplace.explaining.filling import OneMore
from spareplace.explaining.fitting import Capacity, Home
from spareplace.explaining.supposing import Outlook, WhatIf
from spareplace.files.decoding import object_of, objects_of
from spareplace.files.number_kinds import INTEGER, NUMBER, TRAFFIC
from spareplace.files.shapes import Key, Kind, Shape, shape_of
from spareplace.files.text_kinds import NAME, NAMES, maybe, one_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Made = TypeVar("Made", bound="DataclassInstance")

CAPACITY_FORMAT = "spareplace/capacity/1"
WHATIF_FORMAT = "spareplace/whatif/1"


def _written(
    make: type[Made], kinds: Mapping[str, Kind], *, form: str = ""
) -> Shape[DataclassInstance]:
    """Describe some fields of a value, to be written and not to be read back."""
    keys = {name: Key(attribute=name, kind=kind, required=True) for name, kind in kinds.items()}
    if form:
        keys = {"format": Key(attribute=None, kind=one_of(form), required=True)} | keys
    return Shape(
        name=make.__name__.lower(),
        make=make,
        keys=keys,
        required=frozenset(keys),
        check=lambda _values: (),
    )


_HOME = shape_of(Home, {"server": NAME, "vms": INTEGER})
CAPACITY = _written(
    Capacity,
    {
        "cluster_sha256": NAME,
        "vms": INTEGER,
        "homes": objects_of(_HOME),
        "one_more": one_of(*get_args(OneMore)),
        "runs_out": objects_of(LACK),
        "expected_transfer_bytes": NUMBER,
    },
    form=CAPACITY_FORMAT,
)

_OUTLOOK = shape_of(
    Outlook,
    {
        "servers": INTEGER,
        "vms": INTEGER,
        "expected_transfer_bytes": NUMBER,
        "lower_bound_bytes": maybe(NUMBER),
        "stored_bytes": TRAFFIC,
        "worst_failure": maybe(NAME),
        "worst_transfer_bytes": TRAFFIC,
        "slowest_failure": maybe(NAME),
        "slowest_seconds": maybe(NUMBER),
        "unprotected": INTEGER,
    },
)
WHATIF = _written(
    WhatIf,
    {
        "cluster_sha256": NAME,
        "changes": objects_of(CHANGE),
        "before": object_of(_OUTLOOK),
        "after": maybe(object_of(_OUTLOOK)),
        "moved_bytes": TRAFFIC,
        "gone_vms": NAMES,
        "lacks": objects_of(LACK),
    },
    form=WHATIF_FORMAT,
)
