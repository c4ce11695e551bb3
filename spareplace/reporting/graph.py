"""The diff forest as a graph for NetworkX, and as text for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import networkx as nx

from spareplace.cluster import Cluster
from spareplace.placement import Placement, Plan
from spareplace.reporting.keeping import Keeping, forest_of
from spareplace.reporting.markup import shown
from spareplace.units import format_bytes

COLOURS: Mapping[Keeping, str] = {
    "whole": "#cfe3fb",
    "duplicated": "#c9ecd4",
    "split": "#fde0b8",
    "resident": "#e2e4e9",
    "not stored": "#ffffff",
}
"""Of the boxes; their text is black."""

MOST_SERVERS = 6
"""Servers that are named in a box."""


def forest_graph(cluster: Cluster, plan: Plan | None = None) -> nx.DiGraph[str]:
    """Give the diff forest as a graph with an edge from each diff to those on top of it.

    Parameters
    ----------
    cluster
        Its diffs are the nodes, in its order. Each has ``size`` (bytes) and ``vms`` (in how many
        VMs' chains it is).
    plan
        With it each node has ``keeping`` (``whole``, ``duplicated``, ``split``, ``resident`` or
        ``not stored``), ``stored`` (the bytes that each server stores of it) and ``resident``
        (the servers that hold it anyway).

    Examples
    --------
    >>> from spareplace import forest_graph, load_cluster, plan
    >>> cluster = load_cluster("examples/paper.json")
    >>> graph = forest_graph(cluster, plan(cluster, method="greedy"))
    >>> list(graph.successors("b0")), graph.nodes["b0"]["keeping"]
    (['b1', 'b2'], 'split')
    """
    forest = forest_of(cluster, Placement() if plan is None else plan.placement)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for diff in forest.diffs:
        graph.add_node(diff.name, size=diff.size, vms=diff.vms)
        if plan is not None:
            kept = {"keeping": diff.keeping, "stored": dict(diff.held), "resident": diff.resident}
            graph.nodes[diff.name].update(kept)
    graph.add_edges_from((it.parent, it.name) for it in forest.diffs if it.parent is not None)
    return graph


def forest_dot(cluster: Cluster, plan: Plan | None = None) -> str:
    r"""Write the diff forest in the language of Graphviz, the boxes coloured by where it is kept.

    Parameters
    ----------
    cluster
        Whose diffs.
    plan
        Where they are kept; without it the boxes have no colour.

    Examples
    --------
    >>> from spareplace import Cluster, Diff, Server
    >>> one = Cluster(servers=(Server(name="s", disk=9),), diffs=(Diff(name='a"', size=5),))
    >>> print(forest_dot(one))
    digraph forest {
      node [shape=box, style="rounded,filled", fillcolor=white, fontname=sans]
      n0 [label="a\"\n5 B"]
    }
    """
    graph = forest_graph(cluster, plan)
    number = {name: f"n{at}" for at, name in enumerate(graph)}
    lines = ["digraph forest {"]
    lines += ['  node [shape=box, style="rounded,filled", fillcolor=white, fontname=sans]']
    for name, node in graph.nodes.items():
        text = [name, format_bytes(node["size"])]
        colour = ""
        if plan is not None:
            text += list(_where(node["keeping"], list(node["stored"])))
            colour = f', fillcolor="{COLOURS[node["keeping"]]}"'
        label = r"\n".join(_quoted(part) for part in text)
        lines.append(f'  {number[name]} [label="{label}"{colour}]')
    lines += [f"  {number[below]} -> {number[top]}" for below, top in graph.edges]
    return "\n".join([*lines, "}"])


def _where(keeping: Keeping, servers: list[str]) -> Iterator[str]:
    yield keeping
    for server in servers[:MOST_SERVERS]:
        yield f"on {server}"
    if len(servers) > MOST_SERVERS:
        yield f"and {len(servers) - MOST_SERVERS} more"


def _quoted(text: str) -> str:
    """Make text stand for itself between quotation marks in a label."""
    return shown(text).replace("\\", "\\\\").replace('"', '\\"')
