from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from spareplace.errors import InvalidInput
from spareplace.explaining.asking import explain
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.documents import (
    CAPACITY,
    CAPACITY_FORMAT,
    WHATIF,
    WHATIF_FORMAT,
)
from spareplace.explaining.explanation_file import EXPLANATION, explanation_text, read_explanation
from spareplace.explaining.fitting import capacity
from spareplace.explaining.supposing import what_if
from spareplace.files import read_cluster, schema_of, shaped_text
from spareplace.planning import plan
from tests.cli.commands import FULL, TINY
from tests.examples import paper

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from spareplace.files.shapes import Shape


def valid(shape: Shape[DataclassInstance], name: str, text: str) -> None:
    jsonschema.validate(json.loads(text), schema_of(name, shape))


def test_explanations_read_back_and_are_valid_under_their_schema() -> None:
    cluster, full = paper(), read_cluster(FULL)
    for found in (
        explain(cluster, plan(cluster, method="greedy"), failure="Sk"),
        explain(cluster),
        explain(full),
    ):
        text = explanation_text(found)
        assert read_explanation(text) == found
        valid(EXPLANATION, "explanation", text)


def test_an_explanation_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="subject"):
        read_explanation('{"format": "spareplace/explanation/1", "cluster_sha256": "a"}')


def test_the_other_documents_are_valid_under_their_schemas() -> None:
    cluster = read_cluster(TINY)
    today = plan(cluster, method="greedy")
    less = ClusterChange(kind="capacity", server="b", resource="disk", amount=-61)
    text = shaped_text(WHATIF, WHATIF_FORMAT, what_if(cluster, today, [less]))
    assert json.loads(text)["after"] is None
    valid(WHATIF, "whatif", text)
    more = ClusterChange(kind="add_server", server="c", like="a")
    found = capacity(cluster, "web", changes=[more])
    valid(CAPACITY, "capacity", shaped_text(CAPACITY, CAPACITY_FORMAT, found))
