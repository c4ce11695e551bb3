"""The best value and the best bound ever seen for each cluster, and how they were got."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.measurement import Measurement

BEST = Path(__file__).parent / "best_known.json"


class Contradiction(ValueError):
    """A bound above a value: one of the two is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A figure in bytes, and what made it."""

    bytes: float
    method: str
    solver: str | None
    seconds: float
    seed: int
    workers: int
    code: str
    commit: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a cluster: its name, the least expected transfer, the highest bound."""

    case: str
    expected: Record | None = None
    bound: Record | None = None


def load(path: Path = BEST) -> dict[str, Known]:
    """Read what is known, by the fingerprint of the cluster; nothing if there is no file."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        cluster: Known(
            case=entry["case"], expected=_record(entry["expected"]), bound=_record(entry["bound"])
        )
        for cluster, entry in document.items()
    }


def save(known: Mapping[str, Known], path: Path = BEST) -> None:
    """Write what is known, by name of the cluster."""
    document = {
        cluster: asdict(entry)
        for cluster, entry in sorted(known.items(), key=lambda item: item[1].case)
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def improved(known: Mapping[str, Known], row: Measurement) -> dict[str, Known]:
    """Add what a row knows better.

    A row counts only if its plan breaks no rule. A value is better if it is less, a bound if it
    is higher; of two alike the first one stays.

    Raises
    ------
    Contradiction
        If the row's value is below the best bound, or its bound above the best value: one of
        the two is wrong.
    """
    outcome, before = row.outcome, known.get(row.key.cluster, Known(case=row.case))
    if outcome.expected is None or outcome.violations:
        return dict(known)
    after = before
    if before.expected is None or outcome.expected < before.expected.bytes:
        after = replace(after, expected=_made(row, outcome.expected))
    if outcome.bound is not None and (before.bound is None or outcome.bound > before.bound.bytes):
        after = replace(after, bound=_made(row, outcome.bound))
    _refuse_contradiction(after)
    return {**known, row.key.cluster: after}


def _refuse_contradiction(known: Known) -> None:
    if known.expected is None or known.bound is None:
        return
    if known.bound.bytes > known.expected.bytes * (1 + 1e-9):
        raise Contradiction(
            f"{known.case}: bound {known.bound.bytes} of {known.bound.method} is above the value "
            f"{known.expected.bytes} of {known.expected.method}"
        )


def _made(row: Measurement, value: float) -> Record:
    return Record(
        bytes=value,
        method=row.key.method,
        solver=row.outcome.solver,
        seconds=row.key.seconds,
        seed=row.key.seed,
        workers=row.key.workers,
        code=row.key.code,
        commit=row.commit,
        date=row.date,
    )


def _record(document: dict[str, object] | None) -> Record | None:
    return None if document is None else Record(**document)  # type: ignore[arg-type]
