"""One measurement: what was asked, what came of it, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import NamedTuple

from spareplace.solvers.names import DEFAULT

NEAR = 1.05
"""The last value times this is near it."""


class Point(NamedTuple):
    """What a run had after so many seconds: bytes, and no incumbent before there is a plan."""

    seconds: float
    incumbent: float | None
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """All that a measurement depends on, but for the machine.

    Parameters
    ----------
    cluster
        Its fingerprint.
    method, seconds, seed, workers, solver
        As `plan` takes them; rows from before solvers were compared do not name theirs.
    code
        Which code ran, as `code_version` names it.
    """

    cluster: str
    method: str
    seconds: float
    seed: int
    workers: int
    code: str
    solver: str = DEFAULT

    @property
    def way(self) -> str:
        """The method, with its solver where several are compared."""
        return f"{self.method} by {self.solver}" if self.method == "milp" else self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one call of `plan` in a process of its own.

    Parameters
    ----------
    ended
        ``plan``, ``infeasible``, ``no plan``, ``crashed`` or ``killed``.
    why
        What was said where there is no plan.
    expected, bound
        Expected transfer and its proven lower bound in bytes; ``None`` where there is none.
    status, solver
        As in the plan.
    violations
        How many rules the plan breaks, 0 unless there is a defect.
    plan_seconds
        The call of `plan`.
    wall_seconds
        The whole process, with its start and the reading of the cluster.
    peak_bytes
        The most memory that all its processes together had, as `benchmarks.memory` sees it.
    curve
        The points at which incumbent or bound had changed.
    """

    ended: str
    why: str = ""
    expected: float | None = None
    bound: float | None = None
    status: str | None = None
    solver: str | None = None
    violations: int = 0
    plan_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0
    curve: tuple[Point, ...] = ()

    @property
    def gap(self) -> float | None:
        """How far the expected transfer may be above the least one, as a share of it."""
        if self.expected is None or self.bound is None:
            return None
        return 0.0 if self.expected <= self.bound else 1 - self.bound / self.expected

    @property
    def first_seconds(self) -> float | None:
        """When there was a plan first."""
        return self._reached(None)

    @property
    def near_seconds(self) -> float | None:
        """When the incumbent was within 5 % of its last value first."""
        return None if self.expected is None else self._reached(self.expected * NEAR + 1)

    def at(self, seconds: float) -> float | None:
        """Give the incumbent after so many seconds, in bytes."""
        if self.expected is not None and seconds >= self.plan_seconds:
            return self.expected
        known = [point.incumbent for point in self.curve if point.seconds <= seconds]
        return known[-1] if known else None

    def _reached(self, value: float | None) -> float | None:
        if self.expected is None:
            return None
        for point in self.curve:
            if point.incumbent is not None and (value is None or point.incumbent <= value):
                return point.seconds
        return self.plan_seconds  # it came with the answer, after the last point


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A row of the results.

    Parameters
    ----------
    case, family
        The name of the cluster, and its family's.
    servers, vms, diffs
        How many it has.
    key
        What was asked.
    outcome
        What came of it.
    commit
        Of the code, with a ``+`` if there were changes on top; empty where that is not known.
    versions
        Of Python and the libraries that take part.
    machine
        What it ran on.
    date
        The day, as in 2030-01-31.
    """

    case: str
    family: str
    servers: int
    vms: int
    diffs: int
    key: Key
    outcome: Outcome
    commit: str
    versions: Mapping[str, str]
    machine: str
    date: str


def written(row: Measurement) -> str:
    """Write a row as one line of JSON."""
    return json.dumps(asdict(row))


def read(line: str) -> Measurement:
    """Read a row from its line.

    Raises
    ------
    ValueError
        If the line is no row, such as one that was cut off.
    """
    document = json.loads(line)
    missing = {field.name for field in fields(Measurement)} - set(document)
    if missing:
        raise ValueError(f"no row of results: {', '.join(sorted(missing))} not there")
    outcome = document["outcome"]
    outcome["curve"] = tuple(Point(*point) for point in outcome["curve"])
    return Measurement(**{**document, "key": Key(**document["key"]), "outcome": Outcome(**outcome)})
