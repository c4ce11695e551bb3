"""What a registration changed as text for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.lifecycle.registering import Registered, Registration
from spareplace.placement import Extent
from spareplace.units import format_bytes

MOST_ROWS = 20
"""Diffs, and rebuilds, that are listed before the rest is counted."""


def registered_summary(news: Registration, done: Registered) -> str:
    """Describe what came and went, what is stored for it, and which rebuilds changed.

    Parameters
    ----------
    news
        What was registered.
    done
        What became of it.
    """
    parts = (_figures(news, done), _stored(done), _rebuilds(done))
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _figures(news: Registration, done: Registered) -> Iterator[str]:
    before = format_bytes(done.expected_transfer_bytes_before)
    after = format_bytes(done.expected_transfer_bytes_after)
    came = f"{_many(len(news.vms), 'VM')}, {_many(len(news.diffs), 'diff')}"
    went = f"{_many(len(news.leaving_vms), 'VM')}, {_many(len(news.leaving_diffs), 'diff')}"
    yield from table(
        [
            ("new or changed", came),
            ("leaving", went),
            ("stored", f"{_bytes(done.added)} more, {_bytes(done.removed)} no more"),
            ("rebuilds", f"{len(done.rebuilds)} new or changed"),
            ("expected transfer", f"{after}, before {before}"),
            ("time", f"{done.seconds:.3g} s"),
        ]
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _bytes(extents: tuple[Extent, ...]) -> str:
    return format_bytes(sum(extent.size for extent in extents))


def _stored(done: Registered) -> Iterator[str]:
    bytes_at: dict[tuple[str, str, str], int] = defaultdict(int)
    for sign, extents in (("+", done.added), ("-", done.removed)):
        for extent in extents:
            bytes_at[sign, extent.diff, extent.server] += extent.size
    if not bytes_at:
        return
    rows = [("", "diff", "on server", "bytes")]
    rows += [
        (sign, name_shown(diff), name_shown(server), format_bytes(size))
        for (sign, diff, server), size in list(bytes_at.items())[:MOST_ROWS]
    ]
    yield from table(rows, right={3})
    if len(bytes_at) > MOST_ROWS:
        yield f"and {len(bytes_at) - MOST_ROWS} more"


def _rebuilds(done: Registered) -> Iterator[str]:
    if not done.rebuilds:
        return
    rows = [("failure", "VM", "rebuilt on", "before")]
    rows += [
        (
            name_shown(one.failure, most=18),
            name_shown(one.vm, most=18),
            name_shown(one.server, most=18),
            "" if one.before is None else name_shown(one.before, most=18),
        )
        for one in done.rebuilds[:MOST_ROWS]
    ]
    yield from table(rows)
    if len(done.rebuilds) > MOST_ROWS:
        yield f"and {len(done.rebuilds) - MOST_ROWS} more"
