"""What the methods are meant to show, and whether the rows show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from benchmarks.best_known import Known
from benchmarks.measurement import Measurement
from benchmarks.schedule import QUICK
from benchmarks.tables import SAME, above_best, markdown

GIB = 2**30

END = 2.0
"""Seconds after its limit by which a plan has been written down and checked."""


def claims(
    rows: Sequence[Measurement],
    known: Mapping[str, Known],
    halves: Sequence[Measurement] = (),
) -> str:
    """Write each claim with the clusters on which it holds, and those on which it does not.

    Parameters
    ----------
    rows
        One for each question.
    known
        The best ever seen.
    halves
        Those that had half the time.
    """

    def within(seconds: float, most: float) -> Callable[[Measurement], bool]:
        def near(row: Measurement) -> bool:
            above = above_best(row.outcome.at(seconds), row.key.cluster, known)
            return above is not None and above <= most

        return near

    auto = [row for row in rows if row.key.method == "auto"]
    huge = [row for row in rows if row.family == "huge"]
    table = [
        _claim("tiny and the paper: `auto` proves in under 1 s",
               _of(auto, "tiny", "paper"), _proven_in(1)),
        _claim("small and tight: `auto` proves a gap of at most 10 %, or reaches 0",
               [row for row in _of(auto, "small") if "tight" in row.case], _close),
        _claim("20 x 10 with real layers: `auto` proves within 60 s",
               _named(auto, "20x10-layers"), _proven_in(60)),
        _as_good(rows),
        _claim("32 x 30: `auto` within 5 % of the best known after 30 s",
               _named(auto, "32x30"), within(30, 0.05)),
        _claim("32 x 30: `auto` within 5 % of the best known where 30 s are all that it has",
               [row for row in _named(halves, "32x30") if row.key.method == "auto"],
               within(30 + END, 0.05)),
        _claim("100 x 20 and 200 x 20: `auto` within 10 % of the best known after 60 s",
               _named(auto, "100x20-", "200x20-"), within(60, 0.1)),
        _claim("1,000 x 20: `auto` finds a plan, all processes below 4 GiB",
               _of(auto, "huge"), lambda row: _found(row) and row.outcome.peak_bytes < 4 * GIB),
        _claim("1,000 x 20: greedy ends in under 60 s",
               [row for row in huge if row.key.method == "greedy"],
               lambda row: row.outcome.wall_seconds < 60),
    ]  # fmt: skip
    return markdown(("claim", "clusters", "holds on", "not on"), table)


def _claim(
    words: str, rows: Sequence[Measurement], holds: Callable[[Measurement], bool]
) -> Sequence[str]:
    return _verdict(words, {row.case: holds(row) for row in rows})


def _verdict(words: str, holds: Mapping[str, bool]) -> Sequence[str]:
    if not holds:
        return words, "0", "not measured", ""
    failing = [case for case, held in holds.items() if not held]
    return words, str(len(holds)), str(len(holds) - len(failing)), ", ".join(failing)


def _as_good(rows: Sequence[Measurement]) -> Sequence[str]:
    """Hold `auto` against every other method that ran on the same cluster.

    One that ran against the quick ones alone shows nothing: they do not take their time.
    """
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.family != "disk":
            value = row.outcome.expected
            values[row.case][row.key.way] = float("inf") if value is None else value
    return _verdict(
        "every size: `auto` is at least as good as each single method in three times its time",
        {
            case: of["auto"] <= min(of.values()) * (1 + SAME) + 1
            for case, of in values.items()
            if "auto" in of and of.keys() - {"auto", *QUICK}
        },
    )


def _of(rows: Sequence[Measurement], *families: str) -> list[Measurement]:
    return [row for row in rows if row.family in families]


def _named(rows: Sequence[Measurement], *beginnings: str) -> list[Measurement]:
    return [row for row in rows if row.case.startswith(beginnings)]


def _proven_in(seconds: float) -> Callable[[Measurement], bool]:
    return lambda row: row.outcome.status == "optimal" and row.outcome.plan_seconds < seconds


def _close(row: Measurement) -> bool:
    return row.outcome.gap is not None and (row.outcome.gap <= 0.1 or row.outcome.expected == 0)


def _found(row: Measurement) -> bool:
    return row.outcome.ended == "plan"
