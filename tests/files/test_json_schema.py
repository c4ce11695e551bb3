from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.files import cluster_text, plan_text, schema
from spareplace.placement import Plan

from .bad_input import BAD_CLUSTERS, BAD_PLANS, GOOD_CLUSTER, GOOD_PLAN, Bad
from .strategies import clusters, plans

CLUSTER = Draft202012Validator(schema("cluster"))
PLAN = Draft202012Validator(schema("plan"))


@pytest.mark.parametrize("validator", [CLUSTER, PLAN], ids=["cluster", "plan"])
def test_the_schemas_are_schemas(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


def test_they_are_named_by_their_formats() -> None:
    assert [schema("cluster")["$id"], schema("plan")["$id"]] == [
        "urn:spareplace:cluster:1",
        "urn:spareplace:plan:1",
    ]


def plain(text: str) -> object:
    """Read a file as a program without our care would, but for ints that Python refuses."""
    return json.loads(text, parse_int=lambda digits: int(digits[:400]))


def test_good_files_are_valid() -> None:
    CLUSTER.validate(json.loads(GOOD_CLUSTER))
    PLAN.validate(json.loads(GOOD_PLAN))


@pytest.mark.parametrize("bad", BAD_CLUSTERS, ids=str)
def test_a_bad_cluster_is_not_valid_where_a_schema_can_tell(bad: Bad) -> None:
    assert CLUSTER.is_valid(plain(bad.put_into(GOOD_CLUSTER))) is not bad.by_schema


@pytest.mark.parametrize("bad", BAD_PLANS, ids=str)
def test_a_bad_plan_is_not_valid_where_a_schema_can_tell(bad: Bad) -> None:
    assert PLAN.is_valid(plain(bad.put_into(GOOD_PLAN))) is not bad.by_schema


@settings(max_examples=50, deadline=None)
@given(clusters())
def test_every_cluster_that_is_written_is_valid(cluster: Cluster) -> None:
    CLUSTER.validate(json.loads(cluster_text(cluster)))


@settings(max_examples=50, deadline=None)
@given(plans())
def test_every_plan_that_is_written_is_valid(plan: Plan) -> None:
    PLAN.validate(json.loads(plan_text(plan)))


def test_no_server_is_not_valid() -> None:
    assert not CLUSTER.is_valid({"format": "spareplace/cluster/1", "servers": []})


def objects(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for value in node.values():
            yield from objects(value)


@pytest.mark.parametrize("file", ["cluster", "plan"])
def test_every_object_is_closed_and_described_in_the_words_of_json(file: str) -> None:
    whole = schema(file)  # type: ignore[arg-type]
    found = list(objects(whole))
    assert len(found) == {"cluster": 5, "plan": 6}[file]
    for node in found:
        assert node["additionalProperties"] is False
        assert node["title"]
        assert node["description"]
    text = json.dumps([it for node in found for it in node.values()])
    assert "None" not in text
    assert "`" not in text


def test_descriptions_come_from_the_docstrings() -> None:
    vm = next(node for node in objects(schema("cluster")) if node["title"] == "vm")
    properties = vm["properties"]
    assert isinstance(properties, dict)
    assert properties["server"]["description"] == "The server that it runs on."


def test_a_file_of_no_known_sort_has_no_schema() -> None:
    with pytest.raises(InvalidInput, match="'cluster' or 'plan'"):
        schema("clutser")  # type: ignore[arg-type]
