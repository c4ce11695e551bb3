from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.explaining.frontier_file import FRONTIER, frontier_text, read_frontier
from spareplace.explaining.trading import Frontier, Point, frontier
from spareplace.files import read_plan, schema_of
from spareplace.verify import check
from tests.examples import paper
from tests.files.strategies import plans


@st.composite
def frontiers(draw: st.DrawFn) -> Frontier:
    made = draw(st.lists(plans(), max_size=3))
    limits = st.integers(min_value=0, max_value=2**80)
    return Frontier(
        cluster_sha256=draw(st.text(min_size=1)),
        points=tuple(
            Point(
                stored_limit=draw(limits),
                stored_bytes=draw(limits),
                expected_transfer_bytes=it.expected_transfer_bytes,
                lower_bound_bytes=it.lower_bound_bytes,
                status=it.status,
                plan=it,
            )
            for it in made
        ),
    )


@settings(max_examples=20)
@given(found=frontiers())
def test_frontiers_read_back_and_are_valid_under_their_schema(found: Frontier) -> None:
    text = frontier_text(found)
    assert read_frontier(text) == found
    assert frontier_text(read_frontier(text)) == text
    jsonschema.validate(json.loads(text), schema_of("frontier", FRONTIER))


def test_the_plan_of_a_point_is_a_plan_file() -> None:
    cluster = paper()
    found = frontier(cluster, points=2, method="greedy")
    assert read_frontier(frontier_text(found).encode()) == found
    for written, point in zip(
        json.loads(frontier_text(found))["points"], found.points, strict=True
    ):
        plan = read_plan(json.dumps(written["plan"]))
        assert plan == point.plan
        assert check(cluster, plan, stored_limit=written["stored_limit"]) == ()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"format": "spareplace/plan/1"}', "$.format"),
        ('{"format": "spareplace/frontier/1", "points": []}', "$.cluster_sha256"),
        ('{"format": "spareplace/frontier/1", "cluster_sha256": "a", "points": [{}]}', "plan"),
    ],
)
def test_a_frontier_that_is_none_is_refused_with_its_path(text: str, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_frontier(text, "f.json")
    assert "f.json: $" in str(refused.value)
    assert any(path in problem.path or path in problem.found for problem in refused.value.problems)
