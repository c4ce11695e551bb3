"""The difference between two plans as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.cli.summary import MOST_ROWS
from spareplace.lifecycle.moves.difference import PlanDifference
from spareplace.lifecycle.moves.steps import Moves, Step
from spareplace.placement import Extent
from spareplace.units import format_bytes


def difference_summary(difference: PlanDifference) -> str:
    """Describe a difference in lines of about 80 characters; all steps are listed, if any."""
    parts = [
        "\n".join(_figures(difference)),
        "\n".join(_servers(difference)),
        "\n".join(_rebuilds(difference)),
        "" if difference.moves is None else "\n".join(_steps(difference.moves)),
    ]
    return "\n\n".join(part for part in parts if part)


def _figures(difference: PlanDifference) -> Iterator[str]:
    if not difference.same_cluster:
        yield "the plans are of different clusters"
    if difference.is_none:
        yield "no difference in what is stored and rebuilt"
        if difference.same_cluster:
            return
    before = format_bytes(difference.expected_transfer_bytes_before)
    after = format_bytes(difference.expected_transfer_bytes_after)
    yield from table(
        [
            ("to copy", format_bytes(difference.copied_bytes)),
            ("to delete", format_bytes(difference.deleted_bytes)),
            ("expected transfer", f"{before} before, {after} after"),
        ]
    )


def _servers(difference: PlanDifference) -> Iterator[str]:
    changes = [(it, "copy") for it in difference.copied]
    changes += [(it, "delete") for it in difference.deleted]
    if not changes:
        return
    changes.sort(key=lambda change: (change[0].server, change[1], change[0]))
    rows = [("server", "change", "diff", "bytes", "size")]
    rows += [
        (name_shown(it.server, most=18), what, name_shown(it.diff, most=18), _span(it), _size(it))
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


def _steps(moves: Moves) -> Iterator[str]:
    yield (
        f"{len(moves.steps)} {'step' if len(moves.steps) == 1 else 'steps'}, "
        f"in this order: {format_bytes(moves.copied_bytes)} copied, "
        f"{format_bytes(moves.deleted_bytes)} deleted"
    )
    rows = [
        (
            f"{number}.",
            step.action,
            name_shown(step.diff, most=18),
            _span(step),
            _size(step),
            _route(step),
        )
        for number, step in enumerate(moves.steps, start=1)
    ]
    yield from table(rows, right={0, 4}) if rows else ()


def _span(it: Extent | Step) -> str:
    return f"{it.start}-{it.stop}"


def _size(it: Extent | Step) -> str:
    return format_bytes(it.size)


def _route(step: Step) -> str:
    server = name_shown(step.server, most=18)
    if step.source is None:
        return f"from {server}"
    if step.source == step.server:
        return f"saved on {server}"
    return f"{name_shown(step.source, most=18)} to {server}"
