from __future__ import annotations

import json
from dataclasses import replace
from decimal import localcontext

import pytest
from hypothesis import given, settings

from spareplace.canonical import cluster_document, fingerprint
from spareplace.cluster import Cluster
from spareplace.files import cluster_text, plan_text, read_cluster, read_plan
from spareplace.placement import Plan
from spareplace.units import LARGEST

from .bad_input import GOOD_CLUSTER, GOOD_PLAN
from .strategies import clusters, plans


@settings(max_examples=150, deadline=None)
@given(clusters())
def test_a_cluster_that_is_written_reads_back_equal(cluster: Cluster) -> None:
    again = read_cluster(cluster_text(cluster).encode())
    assert again == cluster
    assert fingerprint(again) == fingerprint(cluster)


@settings(max_examples=150, deadline=None)
@given(plans())
def test_a_plan_that_is_written_reads_back_equal(plan: Plan) -> None:
    assert read_plan(plan_text(plan).encode()) == plan


@settings(max_examples=30, deadline=None)
@given(clusters(), plans())
def test_the_same_value_gives_the_same_text(cluster: Cluster, plan: Plan) -> None:
    assert cluster_text(read_cluster(cluster_text(cluster))) == cluster_text(cluster)
    assert plan_text(read_plan(plan_text(plan))) == plan_text(plan)


@settings(max_examples=30, deadline=None)
@given(clusters())
def test_the_text_of_a_cluster_is_its_document(cluster: Cluster) -> None:
    assert json.loads(cluster_text(cluster)) == cluster_document(cluster)


@settings(max_examples=30, deadline=None)
@given(clusters())
def test_the_precision_of_the_caller_does_not_matter(cluster: Cluster) -> None:
    with localcontext(prec=3):
        assert read_cluster(cluster_text(cluster)) == cluster


def test_each_part_of_a_cluster_has_a_line() -> None:
    text = cluster_text(read_cluster(GOOD_CLUSTER))
    assert [line.strip(" ,") for line in text.splitlines() if '"vm1"' in line] == [
        '{"name": "vm1", "server": "s1", "diff": "web", "disk": 4000, '
        '"demand": {"cpu": 2, "memory": 4294967296}, "groups": ["front"], '
        '"allowed_servers": ["s1", "s2"], "priority": 5}'
    ]
    assert len(text.splitlines()) == 2 + 1 + 4 * 2 + 4 + 2 + 2 + 2  # braces, format, lists, parts


def test_each_extent_rebuild_and_transfer_of_a_plan_has_a_line() -> None:
    text = plan_text(read_plan(GOOD_PLAN))
    assert (
        text[text.index('  "stored"') :]
        == """\
  "stored": [
    {"diff": "b0", "server": "Si", "start": 0, "stop": 20},
    {"diff": "b0", "server": "Sj", "start": 20, "stop": 40}
  ],
  "recoveries": [
    {
      "failure": "Sk",
      "weight": 0.25,
      "transfer_bytes": 46,
      "rebuilds": [
        {"vm": "G", "server": "Si"}
      ],
      "transfers": [
        {"diff": "b0", "from": "Sj", "to": "Si", "start": 21, "stop": 41}
      ]
    },
    {"failure": "Sl", "weight": 1.0, "transfer_bytes": 0, "rebuilds": [], "transfers": []}
  ],
  "unprotected": [
    {"vm": "K", "failure": "Sk", "reason": ""}
  ]
}
"""
    )


def test_traffic_above_what_a_json_number_can_hold_is_written_as_text() -> None:
    plan = read_plan(GOOD_PLAN)
    large = replace(plan.recoveries[0], transfer_bytes=LARGEST + 1)
    text = plan_text(replace(plan, recoveries=(large,)))
    assert '"transfer_bytes": "9007199254740993B"' in text
    assert read_plan(text).recoveries == (large,)


def test_a_figure_that_no_file_can_hold_is_not_written() -> None:
    plan = replace(read_plan(GOOD_PLAN), seconds=float("inf"))
    with pytest.raises(ValueError, match="JSON"):
        plan_text(plan)
