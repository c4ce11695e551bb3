"""The steps of a change as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.lifecycle.moves.steps import Moves, Step
from spareplace.placement import Extent
from spareplace.units import format_bytes


def steps_shown(moves: Moves) -> Iterator[str]:
    """List steps in their order, and what they copy and delete together."""
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
            span_shown(step),
            format_bytes(step.size),
            _route(step),
        )
        for number, step in enumerate(moves.steps, start=1)
    ]
    yield from table(rows, right={0, 4}) if rows else ()


def span_shown(it: Extent | Step) -> str:
    """Write the range of bytes that something has of a diff."""
    return f"{it.start}-{it.stop}"


def _route(step: Step) -> str:
    server = name_shown(step.server, most=18)
    if step.source is None:
        return f"from {server}"
    if step.source == step.server:
        return f"saved on {server}"
    return f"{name_shown(step.source, most=18)} to {server}"
