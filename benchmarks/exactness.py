"""What exactness buys: our methods beside buddy hosts and dedicated spares, by size of the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import product

from benchmarks.comparators import Verdict, buddies, dedicated, judged
from benchmarks.families import DISK_SIZES, SEEDS, SPARES, Case, disk_case
from benchmarks.measurement import Measurement
from benchmarks.tables import markdown, record_bytes
from spareplace import Cluster
from spareplace.canonical import fingerprint

METHODS = ("greedy", "level", "auto")


def exactness(cases: Iterable[Case], rows: Iterable[Measurement]) -> str:
    """Write, for each size of the disk and number of added hosts, the mean of every way.

    Parameters
    ----------
    cases
        Those of the family ``disk``.
    rows
        What was measured on them. A way without rows has an empty cell.
    """
    made = {case.name: case for case in cases}
    # By the cluster, not by its name: some are of another family as well, and measured once.
    measured = {(row.key.cluster, row.key.method): row for row in rows}
    table = [
        _row(
            slack, spares, [made[disk_case(slack, spares, seed)].make() for seed in SEEDS], measured
        )
        for slack, spares in product(DISK_SIZES, SPARES)
        if made
    ]
    head = (
        "disk", "hosts added", *METHODS, "buddy host", "sharing buddy", "added hosts as spares",
    )  # fmt: skip
    return markdown(head, table)


def _row(
    slack: float,
    spares: int,
    clusters: Sequence[Cluster],
    measured: Mapping[tuple[str, str], Measurement],
) -> Sequence[str]:
    keys = [fingerprint(cluster) for cluster in clusters]
    plans = [
        mean([measured[key, method] for key in keys if (key, method) in measured])
        for method in METHODS
    ]
    ways = [partial(buddies, sharing=False), partial(buddies, sharing=True)]
    cells = [verdict([judged(cluster, way(cluster)) for cluster in clusters]) for way in ways]
    empty = verdict([judged(cluster, dedicated(cluster)) for cluster in clusters]) if spares else ""
    return f"{slack:g}", str(spares), *plans, *cells, empty


def mean(rows: Sequence[Measurement]) -> str:
    """Write the mean expected transfer, and of how many clusters where some have no plan."""
    found = [row.outcome.expected for row in rows if row.outcome.expected is not None]
    if not rows:
        return ""
    if not found:
        return "no plan"
    partly = f" ({len(found)} of {len(rows)})" if len(found) < len(rows) else ""
    return record_bytes(sum(found) / len(found)) + partly


def verdict(verdicts: Sequence[Verdict]) -> str:
    """Write the mean expected transfer, and each rule that is broken, on how many clusters."""
    cell = record_bytes(sum(one.expected for one in verdicts) / len(verdicts))
    broken = Counter(rule for one in verdicts for rule in one.broken)
    if not broken:
        return cell
    told = ", ".join(f"{rule} ({count} of {len(verdicts)})" for rule, count in broken.items())
    return f"{cell}, breaks {told}"
