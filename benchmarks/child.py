"""The process of one measurement: ``python -m benchmarks.child CLUSTER OPTIONS`` plans once.

CLUSTER is a file, OPTIONS a JSON object of arguments for `plan`. It prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from benchmarks.measurement import Outcome, Point
from benchmarks.memory import largest_process
from spareplace import Infeasible, NoPlan, Plan, Progress, load_cluster, plan
from spareplace.cluster import Cluster
from spareplace.options import Options
from spareplace.verify import check


def main() -> None:
    """Plan, and print what came of it."""
    cluster = load_cluster(sys.argv[1])
    outcome = measured(cluster, Options(**json.loads(sys.argv[2])))
    print(json.dumps(document(outcome)))


def measured(cluster: Cluster, options: Options) -> Outcome:
    """Plan once and keep what was seen on the way."""
    curve: list[Point] = []
    began = time.perf_counter()
    try:
        found = _plan(cluster, options, lambda seen: _note(curve, seen))
    except (Infeasible, NoPlan) as none:
        ended = "infeasible" if isinstance(none, Infeasible) else "no plan"
        return Outcome(
            ended=ended,
            why=str(none)[:500],
            plan_seconds=time.perf_counter() - began,
            peak_bytes=largest_process(),
            curve=tuple(curve),
        )
    seconds = time.perf_counter() - began
    return Outcome(
        ended="plan",
        expected=found.expected_transfer_bytes,
        bound=found.lower_bound_bytes,
        status=found.status,
        solver=found.solver,
        violations=len(check(cluster, found)),
        plan_seconds=seconds,
        peak_bytes=largest_process(),
        curve=tuple(curve),
    )


def document(outcome: Outcome) -> dict[str, object]:
    """Give the fields of an outcome, to be printed."""
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


def _plan(cluster: Cluster, options: Options, progress: Callable[[Progress], object]) -> Plan:
    return plan(
        cluster,
        method=options.method,
        solver=options.solver,
        time_limit=options.time_limit,
        seed=options.seed,
        workers=options.workers,
        progress=progress,
    )


def _note(curve: list[Point], seen: Progress) -> None:
    """Keep a point when it tells something new; the answer does not ask to stop."""
    if not curve or (seen.incumbent, seen.bound) != curve[-1][1:]:
        curve.append(Point(round(seen.seconds, 3), seen.incumbent, seen.bound))


if __name__ == "__main__":
    main()
