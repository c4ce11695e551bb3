"""Measured use of VMs over time, from a CSV table or an answer of Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from spareplace.files.problems import shown
from spareplace.importers.imported import Note
from spareplace.importers.sources import Source, json_of, refused
from spareplace.importers.tables import csv_rows, is_json, number_in
from spareplace.units import EXACT, exact_amount, parse_amount

MOST_SAMPLES = 5_000_000
"""Samples in one import: a bound on memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a VM used of a resource at one time.

    Parameters
    ----------
    time
        As the source writes it; only told apart from other times.
    vm, resource
        What was measured.
    amount
        How much, as an exact decimal in the unit of the servers' capacity.
    """

    time: str
    vm: str
    resource: str
    amount: Decimal


def samples_of(
    source: Source, labels: Sequence[str], resource: str | None, notes: list[Note]
) -> Iterator[Sample]:
    """Read the samples of one source, each VM's use of a resource at a time once.

    Parameters
    ----------
    source
        CSV with the columns ``time``, ``vm``, ``resource`` and ``value``, or what Prometheus'
        HTTP interface answers to ``/api/v1/query`` or ``/api/v1/query_range``.
    labels
        For Prometheus: the labels of which the first that a series has names its VM.
    resource
        For Prometheus: what was measured, unless the series say it in a label ``resource``.
    notes
        Takes what was passed over or put together.

    Raises
    ------
    InvalidInput
        If it has neither form, or a value is no amount.
    """
    if is_json(source):
        yield from _of_prometheus(source, labels, resource, notes)
    else:
        yield from _of_csv(source)


def _of_csv(source: Source) -> Iterator[Sample]:
    first: dict[tuple[str, str, str], int] = {}
    for row in csv_rows(source, ("time", "vm", "resource", "value")):
        time, vm, resource = (row.cells[key] for key in ("time", "vm", "resource"))
        line = f"line {row.line}"
        for key, text in (("vm", vm), ("resource", resource)):
            if not text:
                raise refused(source, f"{line}, {key}", "nothing", "a name")
        if first.setdefault((time, vm, resource), row.line) != row.line:
            raise refused(
                source,
                line,
                f"{resource!r:.80} of vm {vm!r:.80} at {time!r:.80} again",
                f"each time once; line {first[time, vm, resource]} has it",
            )
        amount = _amount(source, f"{line}, value", row.cells["value"].strip())
        yield Sample(time=time, vm=vm, resource=resource, amount=amount)


def _amount(source: Source, path: str, text: str) -> Decimal:
    number = number_in(text)
    try:
        return parse_amount(text) if number is None else exact_amount(number)
    except ValueError:
        expected = 'a number from 0 to 2^53, or text such as "2GiB"'
        raise refused(source, path, f"{text!r:.80}", expected) from None


def _of_prometheus(
    source: Source, labels: Sequence[str], resource: str | None, notes: list[Note]
) -> Iterator[Sample]:
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    series: defaultdict[tuple[str, str], int] = defaultdict(int)
    for path, metric, points in _series(source):
        vm = next((metric[label] for label in labels if label in metric), None)
        if vm is None:
            about = f"{source.path}, {path}"
            assumed = f"it has none of the labels {', '.join(labels)}: passed over"
            notes.append(Note(about=about, assumed=assumed, give="name the label of VMs"))
            continue
        what = metric.get("resource", resource)
        if what is None:
            raise refused(
                source,
                f"{path}.metric",
                "no label 'resource'",
                "to know what was measured",
                "name the resource (--resource)",
            )
        series[vm, what] += 1
        for at, time, text in points:
            if text == "NaN":
                assumed = "some of its values are NaN: passed over"
                notes.append(Note(about=f"vm {vm!r}", assumed=assumed))
                continue
            sums[time, vm, what] = EXACT.add(
                sums[time, vm, what], _amount(source, f"{path}{at}", text)
            )
    for (vm, what), count in series.items():
        if count > 1:
            assumed = f"{count} series tell its {what}: added up"
            notes.append(Note(about=f"vm {vm!r}", assumed=assumed))
    for (time, vm, what), amount in sums.items():
        yield Sample(time=time, vm=vm, resource=what, amount=amount)


def _series(
    source: Source,
) -> Iterator[tuple[str, Mapping[str, str], list[tuple[str, str, str]]]]:
    """Give each series: its path, its labels, and path, time and value of each of its points."""
    document = json_of(source, "an answer of Prometheus")
    answer = document if isinstance(document, dict) else {}
    held = answer.get("data")
    held = held if isinstance(held, dict) else {}
    found = held.get("result")
    if answer.get("status") != "success" or held.get("resultType") not in ("matrix", "vector"):
        why = "no answer of Prometheus with a matrix or a vector"
        if answer.get("status") == "error":
            why = f"an error of Prometheus: {shown(answer.get('error'))}"
        raise refused(source, "$", why, "what /api/v1/query or /api/v1/query_range answers")
    if not isinstance(found, list):
        raise refused(source, "$.data.result", shown(found), "a list of series")
    for position, one in enumerate(found):
        path = f"$.data.result[{position}]"
        if not isinstance(one, dict) or not isinstance(one.get("metric"), dict):
            raise refused(source, path, shown(one), "a series with its labels in metric")
        metric = {key: str(value) for key, value in one["metric"].items() if value}
        points = [(".value", one["value"])] if "value" in one else _many(source, path, one)
        yield path, metric, [_point(source, path, at, point) for at, point in points]


def _many(source: Source, path: str, one: Mapping[str, object]) -> list[tuple[str, object]]:
    points = one.get("values")
    if not isinstance(points, list):
        raise refused(source, path, "neither value nor values", "a list of points in values")
    return [(f".values[{number}]", point) for number, point in enumerate(points)]


def _point(source: Source, path: str, at: str, point: object) -> tuple[str, str, str]:
    if not isinstance(point, list) or len(point) != 2 or not isinstance(point[1], str):
        raise refused(
            source, f"{path}{at}", shown(point), 'a time and a value: [1700000000, "1.5"]'
        )
    return at, shown(point[0]), point[1]
