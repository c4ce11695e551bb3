"""The diff forest, each diff with where it is kept, as lists that open and close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from spareplace.canonical import JSON
from spareplace.cluster import Cluster
from spareplace.placement import Plan
from spareplace.reporting.figures import bytes_of, counted
from spareplace.reporting.keeping import KEEPINGS, Forest, Keeping, KeptDiff, forest_of
from spareplace.reporting.markup import Child, Markup, joined, name_of, tag
from spareplace.reporting.pieces import (
    Piece,
    boxed,
    figure_column,
    folded,
    note,
    rest_of,
    section,
    table,
    text_column,
    waiting,
)

OPEN_DIFFS = 60
"""With more diffs, all lists are closed at first."""

STATIC_DIFFS = 300
"""With more diffs, what is on a master is put in place when the master is opened."""

MOST_DIFFS = 5000
"""Diffs of the masters that are shown, but for the first master, which always is."""

DEEPEST = 20
"""From this depth on the diffs are listed one below the other, not one inside the other."""

MOST_SERVERS = 6
"""Servers that are named with a diff."""

MEANING: Mapping[Keeping, str] = {
    "whole": "all of it on one server",
    "duplicated": "all of it on several servers",
    "split": "some server holds only a part",
    "resident": "stored nowhere, held by servers anyway",
    "not stored": "held nowhere: no failure needs it, or it is empty",
}


def forest_section(cluster: Cluster, plan: Plan) -> Piece:
    """Show the diff forest."""
    forest = forest_of(cluster, plan.placement)
    if not forest.diffs:
        return Piece(markup=section("forest", "Diffs", note("The cluster has no diffs.")))
    is_open = len(forest.diffs) <= OPEN_DIFFS
    later: dict[str, JSON] = {}
    items: list[Markup] = []
    reached = 0
    for master in forest.masters:
        reached += 1 + forest.below[master.name]
        if items and reached > MOST_DIFFS:
            break
        content = _list_on(master, forest, height=1, is_open=is_open)
        if content and len(forest.diffs) > STATIC_DIFFS:
            key = f"d{len(items)}"
            later[key], content = content, waiting(key)
        items.append(_item(master, content, forest, is_open=is_open))
    made = section(
        "forest",
        "Diffs and where they are kept",
        _totals(forest.diffs),
        boxed("The diff forest", tag("ul", items, class_="forest"), len(forest.diffs)),
        _not_shown(forest, forest.masters[len(items) :]),
    )
    return Piece(markup=made, later=later)


def _not_shown(forest: Forest, masters: Sequence[KeptDiff]) -> Markup | None:
    if not masters:
        return None
    count = sum(1 + forest.below[master.name] for master in masters)
    return note(f"and {counted(len(masters), 'more master')}, {counted(count, 'diff')} in all")


def _totals(diffs: tuple[KeptDiff, ...]) -> Markup:
    """Sum up by how diffs are kept: the legend of the colours."""
    count = Counter(diff.keeping for diff in diffs)
    size: Counter[Keeping] = Counter()
    stored: Counter[Keeping] = Counter()
    for diff in diffs:
        size[diff.keeping] += diff.size
        stored[diff.keeping] += diff.stored_bytes
    return table(
        "Diffs by how they are kept",
        (
            text_column("Kept"),
            figure_column("Diffs"),
            figure_column("Their bytes"),
            figure_column("Stored"),
            text_column("Meaning"),
        ),
        [
            (_chip(it), f"{count[it]:,}", bytes_of(size[it]), bytes_of(stored[it]), MEANING[it])
            for it in KEEPINGS
            if count[it]
        ],
    )


def _list_on(parent: KeptDiff, forest: Forest, *, height: int, is_open: bool) -> Markup:
    """List what is on top of a diff; nothing if nothing is."""
    diffs = forest.on(parent.name)
    if not diffs:
        return Markup("")
    if height >= DEEPEST:
        flat = list(islice(forest.walk(diffs), STATIC_DIFFS))
        rest = rest_of(forest.below[parent.name], STATIC_DIFFS, "diff")
        return joined(
            [tag("ul", [_flat_item(diff) for _, diff in flat]), note(rest) if rest else None]
        )
    items = [
        _item(
            diff,
            _list_on(diff, forest, height=height + 1, is_open=is_open),
            forest,
            is_open=is_open,
        )
        for diff in diffs
    ]
    return tag("ul", items)


def _item(diff: KeptDiff, content: Markup, forest: Forest, *, is_open: bool) -> Markup:
    if not content:
        return tag("li", _line(diff), class_="leaf")
    below = counted(forest.below[diff.name], "diff")
    more = tag("span", f" · {below} on top of it", class_="where")
    return tag("li", folded([_line(diff), more], content, is_open=is_open))


def _flat_item(diff: KeptDiff) -> Markup:
    on = tag("span", " · on top of ", name_of(diff.parent or ""), class_="where")
    return tag("li", _line(diff), on, class_="leaf")


def _line(diff: KeptDiff) -> Child:
    return [
        _chip(diff.keeping),
        " ",
        tag("b", name_of(diff.name)),
        " ",
        bytes_of(diff.size),
        " ",
        tag("span", _where(diff), "needed by ", counted(diff.vms, "VM"), class_="where"),
    ]


def _chip(keeping: Keeping) -> Markup:
    return tag("span", keeping, class_=f"chip {keeping.replace(' ', '-')}")


def _where(diff: KeptDiff) -> Child:
    """Name the servers; with those that hold only a part, how much."""
    places: list[Child] = [
        [name_of(server)] if held == diff.size else [name_of(server), " ", bytes_of(held)]
        for server, held in diff.held.items()
    ]
    places += [[name_of(server), " (resident)"] for server in diff.resident]
    if not places:
        return None
    joints = [", " if at else "on " for at in range(len(places))]
    pairs = list(zip(joints, places, strict=True))
    return [
        *pairs[:MOST_SERVERS],
        f" {rest_of(len(places), MOST_SERVERS, 'server')}".rstrip(),
        " · ",
    ]
