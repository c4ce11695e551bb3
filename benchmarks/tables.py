"""Tables in Markdown, made from rows of results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.best_known import Known, Record
from benchmarks.measurement import Measurement
from spareplace.units import format_bytes

OLDER = "†"
"""Behind the method where the row was made by older code."""

SAME = 1e-6
"""Values that differ by less, as a share, are one."""


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table, its first column to the left and the others to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def runs(rows: Iterable[Measurement], known: Mapping[str, Known], code: str) -> str:
    """Write a row for each run: what it found and proved, when, and with how much memory."""
    head = (
        "cluster", "method", "limit s", "expected transfer", "above best known", "bound", "gap",
        "first plan s", "within 5 % s", "whole s", "peak MiB",
    )  # fmt: skip
    return markdown(head, (_run(row, known, code) for row in rows))


def methods(rows: Sequence[Measurement], known: Mapping[str, Known]) -> str:
    """Write, for each family and method, on how many clusters it found, proved and was best."""
    groups: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for row in rows:
        groups[row.family, row.key.way].append(row)
    head = ("family", "method", "clusters", "no plan", "ended badly", "proven", "as best known")
    return markdown(
        head,
        (
            (
                family,
                way,
                str(len(group)),
                str(sum(row.outcome.ended in ("no plan", "infeasible") for row in group)),
                str(sum(row.outcome.ended in ("crashed", "killed") for row in group)),
                str(sum(row.outcome.status == "optimal" for row in group)),
                str(sum(as_best(row, known) for row in group)),
            )
            for (family, way), group in groups.items()
        ),
    )


def sizes(rows: Iterable[Measurement]) -> str:
    """Write how large each cluster is."""
    found = {
        row.case: (row.family, row.case, str(row.servers), str(row.vms), str(row.diffs))
        for row in rows
    }
    return markdown(("family", "cluster", "servers", "VMs", "diffs"), found.values())


def best(rows: Iterable[Measurement], known: Mapping[str, Known]) -> str:
    """Write the best that was ever seen of each cluster of the rows, and what made it."""
    table = []
    for cluster in dict.fromkeys(row.key.cluster for row in rows):
        if cluster not in known:
            continue
        entry = known[cluster]
        cells = [entry.case]
        for record in (entry.expected, entry.bound):
            cells += [record_bytes(record.bytes if record else None), _made(record)]
        table.append(cells)
    return markdown(("cluster", "least transfer", "by", "highest bound", "by"), table)


def as_best(row: Measurement, known: Mapping[str, Known]) -> bool:
    """Tell whether a run found the best value known."""
    above = above_best(row.outcome.expected, row.key.cluster, known)
    return above is not None and above <= SAME


def above_best(value: float | None, cluster: str, known: Mapping[str, Known]) -> float | None:
    """Give by what share a value is above the best one known; infinite where that is 0."""
    entry = known.get(cluster)
    if value is None or entry is None or entry.expected is None:
        return None
    least = entry.expected.bytes
    if value <= least + 1:  # a byte is nothing
        return 0.0
    return value / least - 1 if least > 0 else float("inf")


def share(value: float | None) -> str:
    """Write a share in per cent."""
    if value is None:
        return ""
    return "from 0" if value == float("inf") else f"{100 * value:.1f} %"


def record_bytes(value: float | None) -> str:
    """Write bytes, or nothing."""
    return "" if value is None else format_bytes(round(value))


def _run(row: Measurement, known: Mapping[str, Known], code: str) -> Sequence[str]:
    outcome = row.outcome
    mark = "" if row.key.code == code else OLDER
    return (
        row.case,
        row.key.way + mark,
        f"{row.key.seconds:g}",
        outcome.ended if outcome.expected is None else record_bytes(outcome.expected),
        share(above_best(outcome.expected, row.key.cluster, known)),
        record_bytes(outcome.bound),
        "proven" if outcome.status == "optimal" else share(outcome.gap),
        _seconds(outcome.first_seconds),
        _seconds(outcome.near_seconds),
        _seconds(outcome.wall_seconds),
        f"{outcome.peak_bytes / 2**20:.0f}",
    )


def _made(record: Record | None) -> str:
    if record is None:
        return ""
    solver = f" by {record.solver}" if record.method == "milp" else ""
    return f"{record.method}{solver}, {record.seconds:g} s, {record.date}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
