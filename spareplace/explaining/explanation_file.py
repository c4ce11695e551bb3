"""Explanations as JSON files, of the format ``spareplace/explanation/1``."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, TypeVar, get_args

from spareplace.explaining.candidates import Blocker, Candidate, Rule, Target, Verdict
from spareplace.explaining.causes import Cause, CauseKind
from spareplace.explaining.changes import ChangeKind, ClusterChange
from spareplace.explaining.confirming import Remedy
from spareplace.explaining.copies import CopyWorth
from spareplace.explaining.explanation import (
    Binding,
    Explanation,
    FailureCost,
    PlanExplanation,
    Subject,
)
from spareplace.explaining.infeasibility import Infeasibility, Lack
from spareplace.files.decoding import object_of, objects_of, read_shaped
from spareplace.files.encode import shaped_text
from spareplace.files.number_kinds import BYTES, INTEGER, NUMBER, TRAFFIC
from spareplace.files.problems import refused
from spareplace.files.shapes import Kind, shape_of
from spareplace.files.text_kinds import FLAG, NAME, NAMES, TEXT, maybe, one_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Made = TypeVar("Made", bound="DataclassInstance")

EXPLANATION_FORMAT = "spareplace/explanation/1"


def _figure(value: object) -> int | float:
    """Read an amount of either sign; a whole number stays one."""
    if type(value) is int:
        return value
    if type(value) is Decimal and value.is_finite() and isfinite(float(value)):
        return float(value)
    raise refused(value, FIGURE.expected)


FIGURE = Kind(read=_figure, expected="a finite number", schema={"type": "number"})


_CAUSE = shape_of(Cause, {"kind": one_of(*get_args(CauseKind)), "name": NAME, "resource": TEXT})
LACK = shape_of(
    Lack,
    {
        "failure": maybe(NAME),
        "server": maybe(NAME),
        "resource": NAME,
        "need": FIGURE,
        "have": FIGURE,
        "vms": NAMES,
        "text": TEXT,
    },
)
CHANGE = shape_of(
    ClusterChange,
    {
        "kind": one_of(*get_args(ChangeKind)),
        **dict.fromkeys(("server", "vm", "failure", "group", "resource", "like"), maybe(NAME)),
        "amount": maybe(FIGURE),
    },
)
_REMEDY = shape_of(Remedy, {"changes": objects_of(CHANGE), "expected_transfer_bytes": NUMBER})
_INFEASIBILITY = shape_of(
    Infeasibility,
    {
        "causes": objects_of(_CAUSE),
        "irreducible": FLAG,
        "lacks": objects_of(LACK),
        "remedies": objects_of(_REMEDY),
    },
)
_BLOCKER = shape_of(
    Blocker,
    {
        "rule": one_of(*get_args(Rule)),
        "item": TEXT,
        **dict.fromkeys(("need", "have", "capacity", "running", "stored", "rebuilt"), FIGURE),
        "vms": NAMES,
    },
)
_CANDIDATE = shape_of(
    Candidate,
    {
        "server": NAME,
        "verdict": one_of(*get_args(Verdict)),
        "transfer_bytes": maybe(TRAFFIC),
        "held_bytes": TRAFFIC,
        "blockers": objects_of(_BLOCKER),
    },
)
_TARGET = shape_of(
    Target,
    {
        "vm": NAME,
        "failure": NAME,
        "server": maybe(NAME),
        "chain_bytes": TRAFFIC,
        "transfer_bytes": TRAFFIC,
        "reason": TEXT,
        "candidates": objects_of(_CANDIDATE),
    },
)
_COST = shape_of(
    FailureCost,
    {
        "failure": NAME,
        "weight": NUMBER,
        "rebuilds": INTEGER,
        "transfer_bytes": TRAFFIC,
        "expected_bytes": NUMBER,
        "share": NUMBER,
    },
)
_BINDING = shape_of(
    Binding,
    {
        "resource": NAME,
        "server": NAME,
        "failure": maybe(NAME),
        "left": FIGURE,
        "capacity": NUMBER,
    },
)
_COPY = shape_of(
    CopyWorth,
    {
        "diff": NAME,
        "server": NAME,
        "stored_bytes": BYTES,
        "duplicate_bytes": BYTES,
        "saves_bytes": NUMBER,
        "needed_in": NAMES,
    },
)
_PLAN = shape_of(
    PlanExplanation,
    {
        "expected_transfer_bytes": NUMBER,
        "lower_bound_bytes": maybe(NUMBER),
        "failures": objects_of(_COST),
        "bindings": objects_of(_BINDING),
        "copies": objects_of(_COPY),
        "targets": objects_of(_TARGET),
    },
)
EXPLANATION = shape_of(
    Explanation,
    {
        "cluster_sha256": NAME,
        "subject": one_of(*get_args(Subject)),
        "plan": maybe(object_of(_PLAN)),
        "infeasibility": maybe(object_of(_INFEASIBILITY)),
        "enough": objects_of(_REMEDY),
    },
    format_kind=one_of(EXPLANATION_FORMAT),
)


def explanation_text(explanation: Explanation) -> str:
    """Write an explanation as JSON; `read_explanation` gives an equal one."""
    return shaped_text(EXPLANATION, EXPLANATION_FORMAT, explanation)


def read_explanation(text: bytes | str, source: str = "") -> Explanation:
    """Read an explanation from the text of a file.

    Parameters
    ----------
    text
        JSON in UTF-8 of the format ``spareplace/explanation/1``.
    source
        What it was read from, for messages.

    Raises
    ------
    InvalidInput
        If its form is wrong; every problem is listed, each with its path.
    """
    return read_shaped(EXPLANATION, EXPLANATION_FORMAT, text, source)
