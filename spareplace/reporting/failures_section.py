"""What each failure does: a table of all, and the rebuilds and transfers of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from spareplace.canonical import JSON
from spareplace.cluster import Cluster
from spareplace.placement import Plan, Recovery
from spareplace.reporting.figures import bytes_of, bytes_shown, counted, percent_shown
from spareplace.reporting.markup import Child, Markup, joined, name_of, shown, tag
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
from spareplace.reporting.times import NEVER, RecoveryTime, recovery_times
from spareplace.units import exact_weight

MOST_FAILURES = 200
"""Failures that are shown: those that cost most."""

STATIC_ROWS = 400
"""With more rebuilds and transfers in all, those of a failure are put in place when opened."""

MOST_TRANSFERS = 200
"""Transfers of a failure that are shown: the largest."""

MOST_NAMES = 30
"""VMs that are named in one cell."""

Times: TypeAlias = Mapping[str, RecoveryTime]


def failures_section(cluster: Cluster, plan: Plan) -> Piece:
    """Show what failures do, the costliest first."""
    title = "What each failure does"
    if not plan.recoveries:
        return Piece(markup=section("failures", title, note("No failures to be ready for.")))
    costly = sorted(
        plan.recoveries,
        key=lambda it: (-exact_weight(it.weight) * it.transfer_bytes, -it.transfer_bytes),
    )
    kept = costly[:MOST_FAILURES]
    times = recovery_times(cluster, plan, frozenset(it.failure for it in kept))
    is_static = sum(len(it.rebuilds) + len(it.transfers) for it in kept) <= STATIC_ROWS
    later: dict[str, JSON] = {}
    details = []
    for at, recovery in enumerate(kept):
        content = _details(recovery, times.get(recovery.failure))
        if not is_static:
            later[f"f{at}"] = content
            content = waiting(f"f{at}")
        details.append(folded(_summary(recovery, times), content, key=f"f{at}"))
    made = section(
        "failures",
        title,
        _table(cluster, plan, kept, times, _rest(costly)),
        tag("h3", "Rebuilds and transfers"),
        boxed("Rebuilds and transfers of each failure", joined(details), len(details)),
    )
    return Piece(markup=made, later=later)


def _rest(costly: Sequence[Recovery]) -> str:
    left_out = costly[MOST_FAILURES:]
    if not left_out:
        return ""
    most = bytes_shown(max(recovery.transfer_bytes for recovery in left_out))
    return f"{rest_of(len(costly), MOST_FAILURES, 'failure')}, each with at most {most}"


def _table(
    cluster: Cluster, plan: Plan, kept: Sequence[Recovery], times: Times, rest: str
) -> Markup:
    down = {failure.name: failure.servers for failure in cluster.failures}
    given_up = Counter(pair.failure for pair in plan.unprotected)
    columns = [
        text_column("Failure"),
        figure_column("Weight"),
        figure_column("Servers down"),
        figure_column("VMs rebuilt"),
        *([figure_column("VMs not protected")] if given_up else []),
        figure_column("Transfer"),
        figure_column("Share of the expected transfer"),
        *([figure_column("All up after")] if times else []),
    ]
    rows: list[list[Child]] = [
        [
            tag("a", name_of(it.failure), href=f"#f{at}"),
            f"{it.weight:.6g}",
            len(down.get(it.failure, ())),
            len(it.rebuilds),
            *([given_up[it.failure]] if given_up else []),
            bytes_of(it.transfer_bytes),
            _share(it, plan),
            *([_seconds(times[it.failure].seconds)] if times else []),
        ]
        for at, it in enumerate(kept)
    ]
    return table("Failures, the costliest first", columns, rows, rest)


def _share(recovery: Recovery, plan: Plan) -> Markup:
    whole = plan.expected_transfer_bytes
    share = recovery.weight * recovery.transfer_bytes / whole if whole else 0.0
    return tag("data", percent_shown(share), value=f"{share:.6g}")


def _seconds(seconds: float) -> Markup:
    if seconds == NEVER:
        return tag("data", "never: a rate is 0", value="Infinity")
    return tag("data", _duration(seconds), value=f"{seconds:.6g}", title=f"{seconds:,.3f} s")


def _duration(seconds: float) -> str:
    """Write seconds as people tell them."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"


def _summary(recovery: Recovery, times: Times) -> Child:
    time = times.get(recovery.failure)
    return [
        tag("b", name_of(recovery.failure)),
        f": {counted(len(recovery.rebuilds), 'VM')} rebuilt, ",
        bytes_of(recovery.transfer_bytes),
        " transferred",
        [", all up after ", _seconds(time.seconds)] if time else None,
    ]


def _details(recovery: Recovery, time: RecoveryTime | None) -> Markup:
    if not recovery.rebuilds:
        return note("Nothing is rebuilt.")
    return joined([_targets(recovery, time), _transfers(recovery)])


def _targets(recovery: Recovery, time: RecoveryTime | None) -> Markup:
    """List the VMs that each server rebuilds, and what it receives for them."""
    vms: dict[str, list[str]] = defaultdict(list)
    for rebuild in recovery.rebuilds:
        vms[rebuild.server].append(rebuild.vm)
    received: Counter[str] = Counter()
    for sent in recovery.transfers:
        received[sent.target] += sent.size
    columns = [
        text_column("Server"),
        text_column("Rebuilds"),
        figure_column("VMs"),
        figure_column("Receives"),
        *([figure_column("Up after")] if time else []),
    ]
    rows: list[list[Child]] = [
        [
            name_of(server),
            _names(names),
            len(names),
            bytes_of(received[server]),
            *([_seconds(max(time.up[vm] for vm in names))] if time else []),
        ]
        for server, names in vms.items()
    ]
    return table(f"Where VMs are rebuilt in {shown(recovery.failure)}", columns, rows)


def _names(names: Sequence[str]) -> Child:
    listed: list[Child] = [
        [", " if at else "", name_of(name)] for at, name in enumerate(names[:MOST_NAMES])
    ]
    rest = rest_of(len(names), MOST_NAMES, "VM")
    return [*listed, f" {rest}" if rest else None]


def _transfers(recovery: Recovery) -> Markup:
    if not recovery.transfers:
        return note("Nothing is transferred: each server holds all that its rebuilds need.")
    largest = sorted(recovery.transfers, key=lambda sent: -sent.size)
    return table(
        f"Transfers in {shown(recovery.failure)}",
        (
            text_column("Diff"),
            text_column("From"),
            text_column("To"),
            figure_column("Bytes"),
            figure_column("From byte"),
            figure_column("Up to byte"),
        ),
        [
            (
                name_of(sent.diff),
                name_of(sent.source),
                name_of(sent.target),
                bytes_of(sent.size),
                f"{sent.start:,}",
                f"{sent.stop:,}",
            )
            for sent in largest[:MOST_TRANSFERS]
        ],
        rest_of(len(largest), MOST_TRANSFERS, "transfer"),
    )
