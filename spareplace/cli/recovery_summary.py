"""A recovery as text for people: who is up where and when, what that takes, and who is lost."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.cli.printing import one_line
from spareplace.lifecycle.recovering.schedule import RecoverySchedule
from spareplace.units import format_bytes

MOST_ROWS = 40
"""VMs that are listed before the rest is counted."""

_UNKNOWN = "unknown: no server on the way has a net_in or net_out"

MOST_FAILED = 5
"""Failed servers that are named."""


def recovery_summary(schedule: RecoverySchedule) -> str:
    """Describe a recovery in lines of about 80 characters."""
    parts = [
        "\n".join(table(list(_figures(schedule)))),
        "\n".join(_rebuilds(schedule)),
        "\n".join(_lost(schedule)),
    ]
    return "\n\n".join(part for part in parts if part)


def seconds_shown(seconds: float) -> str:
    """Write a time for a reader.

    Examples
    --------
    >>> seconds_shown(0.0), seconds_shown(12.345), seconds_shown(3725)
    ('0 s', '12.3 s', '1 h 2 min 5 s')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def _figures(schedule: RecoverySchedule) -> Iterator[tuple[str, str]]:
    names = ", ".join(name_shown(name) for name in schedule.failed[:MOST_FAILED])
    more = len(schedule.failed) - MOST_FAILED
    yield "failed", f"{names} and {more} more" if more > 0 else names
    lost = f", {len(schedule.lost)} cannot be" if schedule.lost else ""
    never = len(schedule.never_rebuilt)
    yield (
        "VMs",
        f"{len(schedule.rebuilds)} rebuilt{lost}"
        + (f", {never} never are (protect is false)" if never else ""),
    )
    count = len(schedule.transfers)
    yield (
        "transfers",
        f"{count}, {format_bytes(schedule.transfer_bytes)}" if count else "none",
    )
    link = schedule.busiest_link
    known = link is not None or not schedule.transfers
    yield "time", seconds_shown(schedule.seconds) if known else _UNKNOWN
    if link is not None:
        carried = f"{format_bytes(link.bytes)} in {seconds_shown(link.seconds)} at least"
        yield "busiest link", f"{link.direction} of {name_shown(link.server)}: {carried}"


def _rebuilds(schedule: RecoverySchedule) -> Iterator[str]:
    if not schedule.rebuilds:
        return
    rows = [("up after", "VM", "on server")]
    rows += [
        (seconds_shown(one.seconds), name_shown(one.vm), name_shown(one.server))
        for one in schedule.rebuilds[:MOST_ROWS]
    ]
    yield from table(rows, right={0})
    if len(schedule.rebuilds) > MOST_ROWS:
        yield f"and {len(schedule.rebuilds) - MOST_ROWS} more"


def _lost(schedule: RecoverySchedule) -> Iterator[str]:
    if not schedule.lost:
        return
    yield "cannot be rebuilt:"
    for one in schedule.lost[:MOST_ROWS]:
        yield f"  {name_shown(one.vm)}: {one_line(str(one))}"
    if len(schedule.lost) > MOST_ROWS:
        yield f"  and {len(schedule.lost) - MOST_ROWS} more"
