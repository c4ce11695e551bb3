"""A plan as text for people: what it costs, and what each failure asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from spareplace.cli.columns import WIDTH, name_shown, table
from spareplace.cli.printing import one_line
from spareplace.cluster import Cluster, chain_of
from spareplace.lifecycle.tightness import DISK, Tightest, tightest
from spareplace.placement import Plan, Recovery
from spareplace.units import format_bytes
from spareplace.watching import Progress

MOST_ROWS = 20
"""Failures, and unprotected VMs, that are listed before the rest is counted."""

_LONGEST_REASON = 400


def summary(cluster: Cluster, plan: Plan) -> str:
    """Describe a plan in lines of about 80 characters.

    Parameters
    ----------
    cluster
        What the plan is for.
    plan
        One that keeps every rule.
    """
    parts = [
        "\n".join(table(list(_figures(cluster, plan)))),
        "\n".join(_failures(plan.recoveries)),
        "\n".join(_tightest(tightest(cluster, plan.placement))),
        "\n".join(_unprotected(plan)),
    ]
    return "\n\n".join(part for part in parts if part)


def gap_shown(gap: float | None) -> str:
    """Write a gap as percent.

    Examples
    --------
    >>> gap_shown(0.0), gap_shown(0.12345), gap_shown(1e-9), gap_shown(None)
    ('0 %', '12.3 %', 'under 0.01 %', 'unknown')
    """
    if gap is None:
        return "unknown"
    return "under 0.01 %" if 0 < gap < 0.0001 else f"{100 * gap:.3g} %"


def progress_line(progress: Progress) -> str:
    """Say in one line how far the planner is."""
    best = "none yet" if progress.incumbent is None else format_bytes(progress.incumbent)
    return (
        f"{progress.seconds:.1f} s  best {best}  bound {format_bytes(progress.bound)}  "
        f"gap {gap_shown(progress.gap)}"
    )


def _figures(cluster: Cluster, plan: Plan) -> Iterator[tuple[str, str]]:
    yield "status", f"{plan.status}: {_proven(plan)}"
    solver = f", solver {name_shown(plan.solver, most=24)}" if plan.solver else ""
    yield "method", f"{name_shown(plan.method, most=24)}{solver}"
    yield "expected transfer", format_bytes(plan.expected_transfer_bytes)
    bound = plan.lower_bound_bytes
    yield "lower bound", "none proven" if bound is None else format_bytes(bound)
    yield "gap", gap_shown(plan.gap)
    yield "stored", _stored(cluster, plan)
    yield "time", f"{plan.seconds:.3g} s"


def _proven(plan: Plan) -> str:
    if plan.status == "optimal":
        return "the expected transfer is proven least"
    if plan.gap == 0.0:
        return "whether more VMs could be protected is not proven"
    return "the expected transfer is not proven least"


def _stored(cluster: Cluster, plan: Plan) -> str:
    """Compare what is stored with the diffs of all VMs that are rebuilt, each counted once."""
    diffs = {diff.name: diff for diff in cluster.diffs}
    last = {vm.name: vm.diff for vm in cluster.vms}
    rebuilt = {rebuild.vm for recovery in plan.recoveries for rebuild in recovery.rebuilds}
    needed = {name for vm in rebuilt for name in chain_of(last[vm], diffs)}
    once = sum(diffs[name].size for name in needed)
    if not once:
        return format_bytes(plan.stored_bytes)
    times = plan.stored_bytes / once
    return (
        f"{format_bytes(plan.stored_bytes)}, {times:.3g} x the {format_bytes(once)} "
        "that rebuilds need"
    )


def _failures(recoveries: Sequence[Recovery]) -> Iterator[str]:
    """List the failures that cost most, by weight x transfer and then by transfer."""
    if not recoveries:
        yield "no failures to be ready for"
        return
    costly = sorted(
        recoveries, key=lambda one: (-one.weight * one.transfer_bytes, -one.transfer_bytes)
    )
    rows = [("failure", "weight", "VMs rebuilt", "transfer")]
    rows += [
        (
            name_shown(recovery.failure),
            f"{recovery.weight:.4g}",
            str(len(recovery.rebuilds)),
            format_bytes(recovery.transfer_bytes),
        )
        for recovery in costly[:MOST_ROWS]
    ]
    yield from table(rows, right={1, 2, 3})
    rest = costly[MOST_ROWS:]
    if rest:
        most = format_bytes(max(recovery.transfer_bytes for recovery in rest))
        yield f"and {len(rest)} more failures, each with at most {most}"


def _tightest(places: Sequence[Tightest]) -> Iterator[str]:
    if not places:
        return
    rows = [("resource", "least left", "on server", "in failure")]
    rows += [
        (
            "disk" if place.resource == DISK else name_shown(place.resource, most=14),
            _left(place),
            name_shown(place.server, most=18),
            "none" if place.failure is None else name_shown(place.failure, most=18),
        )
        for place in places[:MOST_ROWS]
    ]
    yield from table(rows)
    if len(places) > MOST_ROWS:
        yield f"and {len(places) - MOST_ROWS} more resources"


def _left(place: Tightest) -> str:
    left, capacity = (format_bytes(amount) for amount in (max(place.left, 0.0), place.capacity))
    if place.resource != DISK:  # in units that nobody told us
        left, capacity = left.rstrip("B "), capacity.rstrip("B ")
    return f"{left} of {capacity}"


def _unprotected(plan: Plan) -> Iterator[str]:
    pairs = plan.unprotected
    if not pairs:
        return
    yield f"unprotected: {len(pairs)} (VM, failure) {'pair' if len(pairs) == 1 else 'pairs'}"
    for reason, alike in groupby(pairs[:MOST_ROWS], lambda pair: pair.reason):
        for pair in alike:
            yield f"  {name_shown(pair.vm)} in {name_shown(pair.failure)}"
        shown = one_line(reason[:_LONGEST_REASON])
        yield textwrap.fill(shown, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4)
    if len(pairs) > MOST_ROWS:
        yield f"  and {len(pairs) - MOST_ROWS} more"
