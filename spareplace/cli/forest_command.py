"""``spareplace forest``: the diffs of a cluster as trees, with where a plan keeps them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from spareplace.canonical import fingerprint
from spareplace.cli.arguments import FILE, cluster_argument, refuse_two_dashes, verbose_option
from spareplace.cli.columns import name_shown
from spareplace.cli.described import Described
from spareplace.cli.printing import say
from spareplace.cli.sources import cluster_from, plan_from
from spareplace.cluster import Cluster
from spareplace.errors import OtherCluster
from spareplace.placement import Placement, Plan
from spareplace.reporting.graph import forest_dot
from spareplace.reporting.keeping import KeptDiff, forest_of
from spareplace.units import format_bytes

MOST_INDENTED = 20
"""Diffs higher up in a chain are indented no further."""

MOST_SERVERS = 4
"""Servers that are named with a diff."""


@click.command("forest", cls=Described)
@cluster_argument
@click.argument("plan", type=FILE, required=False)
@click.option("--dot", is_flag=True, help="Print it in the language of Graphviz.")
@verbose_option
def command(cluster: str, plan: str | None, dot: bool) -> None:
    """Show the diffs of a cluster as trees: their sizes, who needs them, where they are kept.

    CLUSTER and PLAN are files; one of them may be - for standard input. Without a plan only what
    servers hold anyway is kept.
    """
    refuse_two_dashes(cluster, plan or "")
    given = cluster_from(cluster)
    chosen = None if plan is None else plan_from(plan)
    expected = fingerprint(given)
    if chosen is not None and chosen.cluster_sha256 != expected:
        raise OtherCluster(expected, chosen.cluster_sha256)
    say(forest_dot(given, chosen) if dot else "\n".join(_lines(given, chosen)))


def _lines(cluster: Cluster, plan: Plan | None) -> Iterator[str]:
    forest = forest_of(cluster, Placement() if plan is None else plan.placement)
    for height, diff in forest.walk(forest.masters):
        indent = "  " * min(height, MOST_INDENTED)
        where = "" if plan is None and not diff.resident else f"  {_where(diff)}"
        vms = "1 VM" if diff.vms == 1 else f"{diff.vms} VMs"
        yield f"{indent}{name_shown(diff.name)}  {format_bytes(diff.size)}  {vms}{where}"


def _where(diff: KeptDiff) -> str:
    servers = [*diff.held, *diff.resident]
    named = ", ".join(name_shown(server, most=18) for server in servers[:MOST_SERVERS])
    rest = f" and {len(servers) - MOST_SERVERS} more" if len(servers) > MOST_SERVERS else ""
    return f"{diff.keeping} on {named}{rest}" if servers else diff.keeping
