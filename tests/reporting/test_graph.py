from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings

from spareplace.cluster import Cluster
from spareplace.parts import Diff, Server
from spareplace.placement import Placement
from spareplace.reporting.graph import forest_dot, forest_graph
from spareplace.testing import clusters_with_placements
from tests.reporting.clusters import HOSTILE, greedy, planned


@settings(max_examples=40)
@given(given=clusters_with_placements())
def test_the_graph_is_the_forest(given: tuple[Cluster, Placement]) -> None:
    cluster, placement = given
    graph = forest_graph(cluster, planned(cluster, placement))
    assert list(graph) == [diff.name for diff in cluster.diffs]
    assert set(graph.edges) == {(it.parent, it.name) for it in cluster.diffs if it.parent}
    assert not cluster.diffs or nx.is_branching(graph)
    stored = sum(sum(held.values()) for _, held in graph.nodes(data="stored"))
    assert stored == placement.stored_bytes


def test_a_graph_without_a_plan_says_nothing_of_where_diffs_are_kept() -> None:
    cluster, _ = greedy()
    assert forest_graph(cluster).nodes["b0"] == {"size": 40 * 10**9, "vms": 4}


def test_every_diff_has_a_box_and_every_difference_an_arrow() -> None:
    cluster, plan = greedy()
    text = forest_dot(cluster, plan)
    assert text.count("label=") == 27
    assert text.count(" -> ") == 25
    assert r'label="b0\n40 GB\nsplit\non Si\non Sj", fillcolor="#fde0b8"' in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_label(name: str) -> None:
    cluster = Cluster(servers=(Server(name="s", disk=1),), diffs=(Diff(name=name, size=1),))
    line = forest_dot(cluster).splitlines()[2]
    label = line.removeprefix('  n0 [label="').removesuffix('"]')
    assert len(forest_dot(cluster).splitlines()) == 4
    # within a label every quotation mark and backslash has a backslash of its own
    rest = label.removesuffix(r"\n1 B").replace("\\\\", "").replace('\\"', "")
    assert '"' not in rest
    assert "\\" not in rest
