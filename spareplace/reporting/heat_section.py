"""What each server receives in each failure, as a map of colours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from spareplace.canonical import JSON
from spareplace.cluster import Cluster
from spareplace.placement import Plan
from spareplace.reporting.figures import bytes_of, bytes_shown, counted
from spareplace.reporting.markup import Markup, name_of, shown, tag
from spareplace.reporting.pieces import (
    Column,
    Piece,
    figure_column,
    note,
    rest_of,
    section,
    table,
    text_column,
)

MOST_FIGURES = 16
"""Rows and columns up to which every cell has its figure; a larger map has colours alone."""

MOST_ROWS = 400
"""Failures of a map; those that transfer most."""

LEVELS = 5
"""Shades of the map."""

MOST_LISTED = 20
"""The largest cells that are listed below a map of colours."""

Cells: TypeAlias = Mapping[tuple[str, str], int]
"""Bytes, by failure and receiving server; none that are 0."""


def received(plan: Plan) -> Cells:
    """Add up what each server receives in each failure."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for recovery in plan.recoveries:
        for sent in recovery.transfers:
            found[recovery.failure, sent.target] += sent.size
    return found


def heat_section(cluster: Cluster, plan: Plan) -> Piece:
    """Show the map, without the failures and servers that would be empty rows and columns."""
    cells = received(plan)
    title = "Transfers by failure and receiving server"
    if not cells:
        return Piece(markup=section("heat", title, note("No failure transfers anything.")))
    costly = sorted(
        (it for it in plan.recoveries if it.transfer_bytes), key=lambda it: -it.transfer_bytes
    )[:MOST_ROWS]
    most = {recovery.failure for recovery in costly}
    rows = [it.failure for it in plan.recoveries if it.failure in most]
    targets = {target for _, target in cells}
    columns = [server.name for server in cluster.servers if server.name in targets]
    left_out = _left_out(cluster, plan, rows, columns)
    if max(len(rows), len(columns)) <= MOST_FIGURES:
        return Piece(markup=section("heat", title, left_out, _with_figures(rows, columns, cells)))
    markup = section("heat", title, left_out, _map(rows, columns, cells), _largest(cells))
    return Piece(markup=markup, later={"map": _pointed_at(rows, columns, cells)})


def _left_out(
    cluster: Cluster, plan: Plan, rows: Sequence[str], columns: Sequence[str]
) -> Markup | None:
    if (len(rows), len(columns)) == (len(plan.recoveries), len(cluster.servers)):
        return None
    return note(
        f"{counted(len(rows), 'failure')} of {len(plan.recoveries):,} and "
        f"{counted(len(columns), 'receiving server')} of {len(cluster.servers):,} are shown; "
        "the others transfer or receive nothing"
        + (", or less than these." if len(rows) == MOST_ROWS else ".")
    )


def _with_figures(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> Markup:
    top = max(cells.values())
    body = []
    for failure in rows:
        total = sum(cells.get((failure, server), 0) for server in columns)
        figures = [_cell(cells.get((failure, server), 0), top) for server in columns]
        body.append((name_of(failure), *figures, bytes_of(total)))
    heads = (
        text_column("Failure"),
        *(figure_column(shown(server)) for server in columns),
        Column(title="All servers", numeric=True),
    )
    return table("Bytes that each server receives in each failure", heads, body)


def _cell(size: int, top: int) -> Markup:
    level = _level(size, top)
    return tag("td", bytes_of(size), class_=f"n heat h{level}" if level else "n nothing")


def _level(size: int, top: int) -> int:
    """Give the shade: 0 for nothing, `LEVELS` for the most."""
    return -(-LEVELS * size // top)


def _map(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> Markup:
    """Draw all cells of one shade as one path, however many there are."""
    top = max(cells.values())
    row_at = {name: at for at, name in enumerate(rows)}
    column_at = {name: at for at, name in enumerate(columns)}
    shades: dict[int, list[str]] = defaultdict(list)
    for (failure, server), size in cells.items():
        if failure in row_at:
            place = f"M{column_at[server]} {row_at[failure]}h1v1h-1z"
            shades[_level(size, top)].append(place)
    label = (
        f"Map of {counted(len(rows), 'failure')} down and {counted(len(columns), 'server')} "
        f"across; the darkest cell is {bytes_shown(top)}"
    )
    drawing = tag(
        "svg",
        tag("title", label),
        tag("path", d=f"M0 0h{len(columns)}v{len(rows)}h-{len(columns)}z", class_="ground"),
        [tag("path", d="".join(shades[level]), class_=f"h{level}") for level in sorted(shades)],
        viewBox=f"0 0 {len(columns)} {len(rows)}",
        role="img",
        aria_label=label,
        preserveAspectRatio="none",
        style=f"aspect-ratio:{len(columns)}/{len(rows)}",
    )
    return tag(
        "figure",
        drawing,
        tag("figcaption", _axis("Down", rows), " ", _axis("Across", columns), " ", tag("output")),
        class_="map",
    )


def _pointed_at(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> JSON:
    """Give what the page says about a cell that the reader points at."""
    row_at = {name: at for at, name in enumerate(rows)}
    column_at = {name: at for at, name in enumerate(columns)}
    return {
        "rows": [shown(name) for name in rows],
        "columns": [shown(name) for name in columns],
        "cells": {
            f"{row_at[failure]} {column_at[server]}": bytes_shown(size)
            for (failure, server), size in sorted(cells.items())
            if failure in row_at
        },
    }


def _axis(direction: str, names: Sequence[str]) -> Markup:
    return tag("span", f"{direction}: ", name_of(names[0]), " to ", name_of(names[-1]), ".")


def _largest(cells: Cells) -> Markup:
    largest = sorted(cells.items(), key=lambda it: -it[1])
    return table(
        "The most that one server receives in one failure",
        (text_column("Failure"), text_column("Server"), figure_column("Receives")),
        [
            (name_of(failure), name_of(server), bytes_of(size))
            for (failure, server), size in largest[:MOST_LISTED]
        ],
        rest_of(len(largest), MOST_LISTED, "cell"),
    )
