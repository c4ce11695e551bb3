"""Each server's disk and resources in its worst failure, as bars with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from spareplace.cluster import Cluster
from spareplace.lifecycle.tightness import DISK
from spareplace.placement import Plan
from spareplace.reporting.figures import amount_of, percent_shown
from spareplace.reporting.markup import Child, Markup, joined, name_of, shown, tag
from spareplace.reporting.occupancy import Occupancy, occupancies, resource_shown
from spareplace.reporting.pieces import (
    Column,
    figure_column,
    folded,
    note,
    rest_of,
    section,
    table,
    text_column,
)

MOST_SERVERS = 200
"""Rows of a table. Where there are more servers, the fullest are shown."""

OPEN_ROWS = 60
"""With more rows in all, the tables of other resources than disk are closed at first."""

PARTS = ("running", "stored", "rebuilt", "free")


def servers_section(cluster: Cluster, plan: Plan) -> Markup:
    """Show what fills every server, a table for each resource."""
    found = occupancies(cluster, plan.placement)
    tables = [
        _of_resource(resource, list(rows), is_open=len(found) <= OPEN_ROWS)
        for resource, rows in groupby(found, key=lambda one: one.resource)
    ]
    legend = tag(
        "ul",
        [tag("li", tag("i", class_=f"swatch {part}"), part) for part in PARTS],
        class_="legend",
    )
    return section(
        "servers",
        "Servers in their worst failures",
        note(
            "For each server, the failure that rebuilds most on it: what its own VMs use, what "
            "is stored on it, what the VMs rebuilt on it use, and what is left."
        ),
        legend,
        tables,
    )


def _of_resource(resource: str, rows: list[Occupancy], *, is_open: bool) -> Markup:
    title = shown(resource_shown(resource))
    kept = rows
    if len(rows) > MOST_SERVERS:
        fullest = sorted(range(len(rows)), key=lambda at: -rows[at].share(rows[at].used))
        kept = [rows[at] for at in sorted(fullest[:MOST_SERVERS])]
    is_disk = resource == DISK
    made = table(
        "Disk of each server in its worst failure"
        if is_disk
        else f"Each server in its worst failure: {title}",
        _columns(is_disk=is_disk),
        [_row(one, is_disk=is_disk) for one in kept],
        rest_of(len(rows), MOST_SERVERS, "server") + (" that are less full" * (kept is not rows)),
    )
    if is_disk:
        return made
    fullest_share = max((one.share(one.used) for one in rows), default=0.0)
    summary = joined([tag("bdi", title), f": at most {percent_shown(fullest_share)} in use"])
    return folded(summary, made, is_open=is_open)


def _columns(*, is_disk: bool) -> Sequence[Column]:
    parts = [part for part in PARTS if is_disk or part != "stored"]
    return (
        text_column("Server"),
        Column(title="In use", sortable=True, numeric=True),
        *(figure_column(part.capitalize()) for part in parts),
        figure_column("Of"),
        text_column("In failure"),
    )


def _row(one: Occupancy, *, is_disk: bool) -> Sequence[Child]:
    parts = [one.running, one.stored, one.rebuilt] if is_disk else [one.running, one.rebuilt]
    is_over = one.free < 0
    free = tag("td", amount_of(one.resource, one.free), class_="n over" if is_over else "n")
    return (
        name_of(one.server),
        _bar(one),
        *(amount_of(one.resource, part) for part in parts),
        free,
        amount_of(one.resource, one.capacity),
        "none" if one.failure is None else name_of(one.failure),
    )


def _bar(one: Occupancy) -> Markup:
    """Draw the shares as one cell: its background has a stop at the end of each part."""
    ends = []
    reached = 0.0
    for part in (one.running, one.stored, one.rebuilt):
        reached = min(reached + one.share(part), 1.0)
        ends.append(f"{100 * reached:.4g}%")
    style = ";".join(f"--{key}:{end}" for key, end in zip("abc", ends, strict=True))
    share = one.share(one.used)
    return tag(
        "td",
        tag("data", percent_shown(share), value=f"{share:.6g}"),
        class_="bar n",
        style=style,
    )
