"""The difference between two plans as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.cli.steps import span_shown, steps_shown
from spareplace.cli.summary import MOST_ROWS
from spareplace.lifecycle.moves.difference import PlanDifference
from spareplace.units import format_bytes


def difference_summary(difference: PlanDifference) -> str:
    """Describe a difference in lines of about 80 characters; all steps are listed, if any."""
    parts = [
        "\n".join(_figures(difference)),
        "\n".join(_servers(difference)),
        "\n".join(_rebuilds(difference)),
        "" if difference.moves is None else "\n".join(steps_shown(difference.moves)),
    ]
    return "\n\n".join(part for part in parts if part)


def _figures(difference: PlanDifference) -> Iterator[str]:
    if not difference.same_cluster:
        yield "the plans are of different clusters"
    if difference.is_none:
        yield "no difference in what is stored and rebuilt"
        if difference.same_cluster:
            return
    expected = (
        difference.expected_transfer_bytes_before,
        difference.expected_transfer_bytes_after,
    )
    largest = (difference.largest_transfer_bytes_before, difference.largest_transfer_bytes_after)
    yield from table(
        [
            ("to copy", format_bytes(difference.copied_bytes)),
            ("to delete", format_bytes(difference.deleted_bytes)),
            ("expected transfer", _before_and_after(*expected)),
            ("largest transfer", _before_and_after(*largest)),
        ]
    )


def _before_and_after(before: float, after: float) -> str:
    return f"{format_bytes(before)} before, {format_bytes(after)} after"


def _servers(difference: PlanDifference) -> Iterator[str]:
    changes = [(it, "copy") for it in difference.copied]
    changes += [(it, "delete") for it in difference.deleted]
    if not changes:
        return
    changes.sort(key=lambda change: (change[0].server, change[1], change[0]))
    rows = [("server", "change", "diff", "bytes", "size")]
    rows += [
        (
            name_shown(it.server, most=18),
            what,
            name_shown(it.diff, most=18),
            span_shown(it),
            format_bytes(it.size),
        )
        for it, what in changes[:MOST_ROWS]
    ]
    yield from table(rows, right={4})
    if len(changes) > MOST_ROWS:
        yield f"and {len(changes) - MOST_ROWS} more extents"


def _rebuilds(difference: PlanDifference) -> Iterator[str]:
    changes = difference.rebuilds
    if not changes:
        return
    rows = [("failure", "VM", "rebuilt on", "before")]
    rows += [
        (
            name_shown(change.failure, most=18),
            name_shown(change.vm, most=18),
            "nowhere" if change.after is None else name_shown(change.after, most=18),
            "nowhere" if change.before is None else name_shown(change.before, most=18),
        )
        for change in changes[:MOST_ROWS]
    ]
    yield from table(rows)
    if len(changes) > MOST_ROWS:
        yield f"and {len(changes) - MOST_ROWS} more rebuilds"
