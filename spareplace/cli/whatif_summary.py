"""What changes would do, as one table."""

from __future__ import annotations

from collections.abc import Iterator

from spareplace.cli.columns import name_shown, table
from spareplace.cli.printing import one_line
from spareplace.cli.recovery_summary import seconds_shown
from spareplace.explaining.supposing import Outlook, WhatIf
from spareplace.units import format_bytes


def whatif_summary(found: WhatIf) -> str:
    """Compare today's plan with the one for the changed cluster."""
    lines = ["what if:", *(f"  - {one_line(str(change))}" for change in found.changes), ""]
    if found.after is None:
        lines.append("there would be no plan; short would be:")
        lines += [f"  {one_line(lack.text)}" for lack in found.lacks]
        return "\n".join(lines)
    rows = [("", "today", "then", "difference"), *_rows(found.before, found.after)]
    rows.append(("to be copied", "", "", format_bytes(found.moved_bytes)))
    lines += table(rows, right={1, 2, 3})
    if found.gone_vms:
        names = ", ".join(name_shown(name) for name in found.gone_vms)
        lines.append(f"gone with their server, as they find no place: {names}")
    return "\n".join(lines)


def _rows(before: Outlook, after: Outlook) -> Iterator[tuple[str, str, str, str]]:
    for name, was, will in (
        ("expected transfer", before.expected_transfer_bytes, after.expected_transfer_bytes),
        ("stored", before.stored_bytes, after.stored_bytes),
        ("worst failure transfers", before.worst_transfer_bytes, after.worst_transfer_bytes),
    ):
        yield name, format_bytes(was), format_bytes(will), _difference(was, will)
    yield "  which is", _named(before.worst_failure), _named(after.worst_failure), ""
    if before.slowest_seconds is not None or after.slowest_seconds is not None:
        yield "slowest recovery", _seconds(before), _seconds(after), ""
        yield "  which is", _named(before.slowest_failure), _named(after.slowest_failure), ""
    for name, was, will in (
        ("servers", before.servers, after.servers),
        ("VMs", before.vms, after.vms),
        ("unprotected pairs", before.unprotected, after.unprotected),
    ):
        if was or will:
            yield name, str(was), str(will), f"{will - was:+d}" if was != will else ""


def _seconds(it: Outlook) -> str:
    return "unknown" if it.slowest_seconds is None else seconds_shown(it.slowest_seconds)


def _named(failure: str | None) -> str:
    return "none" if failure is None else name_shown(failure, most=18)


def _difference(was: float, will: float) -> str:
    if was == will:
        return ""
    return ("+" if will > was else "-") + format_bytes(abs(will - was))
