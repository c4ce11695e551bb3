"""A day of registrations on a prepared state: their times, and what they cost beside a fresh plan.

``python -m benchmarks.registering`` prints a table: for each size of the disk and each method of
the first plan, the milliseconds of processor time of registering one VM with one diff of its own
(it uses one thread, and other work on the machine counts little), and the expected transfer
before, after the day, and of a fresh plan of the same method for the cluster of the evening.
VMs leave in between, and their diffs are stored no longer; that is timed by itself.

With ``--night`` a second table follows: what a search from what is stored in the evening finds if
it may move so many bytes. With 0 it tells what was left to gain by other rebuilds alone.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from benchmarks.tables import markdown, record_bytes
from spareplace import (
    VM,
    Cluster,
    Diff,
    NoPlan,
    Plan,
    Registration,
    Standing,
    generate_cluster,
    plan,
)

Way = Literal["greedy", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day of registrations took and cost.

    Parameters
    ----------
    slack
        How much disk there is, as `generate_cluster` takes it.
    method
        Of the first and of the fresh plan.
    seconds
        Of processor time, of each registration of a VM with its diff.
    leaving
        The same of each VM that left.
    refused
        How many found no room.
    before, after, fresh
        Expected transfers: in the morning, in the evening, of the fresh plan then; the last
        ``None`` where the method finds none.
    stored
        Bytes that were copied to servers during the day.
    nights
        By the bytes that may move at night, the expected transfer after it.
    """

    slack: float
    method: Way
    seconds: tuple[float, ...]
    leaving: tuple[float, ...]
    refused: int
    before: float
    after: float
    fresh: float | None
    stored: int
    nights: Mapping[int, float | None]


def news(cluster: Cluster, coming: int, leaving: int, seed: int) -> Iterator[Registration]:
    """Give the registrations of a day: new VMs on shared diffs, and some of the old ones going."""
    random = Random(seed)
    size = {diff.name: diff.size for diff in cluster.diffs}
    shared = [diff for diff in cluster.diffs if diff.parent is not None and "." not in diff.parent]
    old = [vm.name for vm in cluster.vms]
    for number in range(coming):
        below = shared[random.randrange(len(shared))]
        own = Diff(
            name=f"day-{number}", size=random.randrange(500, 8000) * 10**6, parent=below.name
        )
        like = cluster.vms[random.randrange(len(cluster.vms))]
        vm = VM(
            name=f"day-{number}",
            server=cluster.servers[random.randrange(len(cluster.servers))].name,
            diff=own.name,
            disk=own.size + below.size + size[below.parent or ""],
            demand=like.demand,
        )
        yield Registration(diffs=(own,), vms=(vm,))
        if number * leaving // coming < (number + 1) * leaving // coming:
            yield Registration(leaving_vms=(old.pop(random.randrange(len(old))),))


def day(
    cluster: Cluster,
    slack: float,
    method: Way,
    limit: float,
    *,
    coming: int = 200,
    seed: int = 1,
    nights: Sequence[int] = (),
) -> Day:
    """Live through a day, plan anew in the evening, and replan at night."""
    first = plan(cluster, method=method, time_limit=limit, workers=1)
    standing = Standing.of(cluster, first)
    seconds: list[float] = []
    leaving: list[float] = []
    refused = stored = 0
    for registration in news(cluster, coming, coming // 2, seed):
        started = time.process_time()
        try:
            done = standing.register(registration)
        except NoPlan:
            refused += 1
        else:
            taken = time.process_time() - started
            (seconds if registration.vms else leaving).append(taken)
            stored += sum(extent.size for extent in done.added)
    evening, after = standing.cluster, standing.plan
    return Day(
        slack=slack,
        method=method,
        seconds=tuple(seconds),
        leaving=tuple(leaving),
        refused=refused,
        before=first.expected_transfer_bytes,
        after=after.expected_transfer_bytes,
        fresh=_expected(evening, method, limit),
        stored=stored,
        nights={most: _expected(evening, "search", limit, after, most) for most in nights},
    )


def _expected(
    cluster: Cluster,
    method: Way,
    limit: float,
    current: Plan | None = None,
    move_limit: int | None = None,
) -> float | None:
    try:
        found = plan(
            cluster,
            method=method,
            time_limit=limit,
            workers=1,
            current=current,
            move_limit=move_limit,
        )
    except NoPlan:
        return None
    return found.expected_transfer_bytes


def table(days: Iterable[Day]) -> str:
    """Write the days as rows of a table."""
    head = (
        "disk", "method", "median ms", "99 % ms", "most ms", "leaving: median ms", "99 % ms",
        "refused", "stored", "before", "after the day", "fresh plan", "ratio",
    )  # fmt: skip
    return markdown(head, [_row(one) for one in days])


def _row(one: Day) -> Sequence[str]:
    return (
        f"{one.slack:g}",
        one.method,
        f"{1e3 * statistics.median(one.seconds):.1f}",
        f"{1e3 * _late(one.seconds):.1f}",
        f"{1e3 * max(one.seconds):.1f}",
        f"{1e3 * statistics.median(one.leaving):.1f}",
        f"{1e3 * _late(one.leaving):.1f}",
        str(one.refused),
        record_bytes(one.stored),
        record_bytes(one.before),
        record_bytes(one.after),
        "no plan" if one.fresh is None else record_bytes(one.fresh),
        _ratio(one),
    )


def _late(seconds: Sequence[float]) -> float:
    """Give the 99th percentile."""
    return sorted(seconds)[min(len(seconds) * 99 // 100, len(seconds) - 1)]


def night_table(days: Iterable[Day]) -> str:
    """Write what replanning at night brings, as rows of a table."""
    rows = [
        (f"{one.slack:g}", one.method, record_bytes(most), "no plan" if found is None
         else record_bytes(found), "no plan" if one.fresh is None else record_bytes(one.fresh))
        for one in days
        for most, found in one.nights.items()
    ]  # fmt: skip
    return markdown(("disk", "method", "may move", "after the night", "fresh plan"), rows)


def _ratio(one: Day) -> str:
    if one.fresh is None:
        return ""
    if not one.fresh:
        return "1.00" if not one.after else "more than 0"
    return f"{one.after / one.fresh:.2f}"


def main() -> None:
    """Measure as the command line says, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--slack", type=float, nargs="+", default=[1.3, 1.2])
    parser.add_argument("--methods", nargs="+", choices=("greedy", "search"), default=["greedy"])
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each plan")
    parser.add_argument("--seed", type=int, default=1, help="of the day's registrations")
    parser.add_argument("--night", type=int, nargs="*", default=[], help="GB that may move")
    given = parser.parse_args()
    nights = [most * 10**9 for most in given.night]
    days = []
    for slack in given.slack:
        cluster = generate_cluster(
            servers=given.servers, vms_per_server=20, disk_slack=slack, seed=1
        )
        days += [
            day(cluster, slack, method, given.limit, seed=given.seed, nights=nights)
            for method in given.methods
        ]
    print(table(days))
    if nights:
        print()
        print(night_table(days))


if __name__ == "__main__":
    main()
