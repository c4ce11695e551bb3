"""Rows of results made by hand."""

from __future__ import annotations

from benchmarks.measurement import Key, Measurement, Outcome, Point

GB = 10**9


def made(
    case: str = "6x5-tight-1",
    family: str = "small",
    method: str = "auto",
    code: str = "new",
    *,
    cluster: str = "",
    seconds: float = 60.0,
    asked_solver: str = "cp-sat",
    **outcome: object,
) -> Measurement:
    """Make a row; what is not given is as if a plan of 10 GB had been found at once."""
    given = {"ended": "plan", "expected": 10.0 * GB, "bound": 0.0, "plan_seconds": 60.0, **outcome}
    return Measurement(
        case=case,
        family=family,
        servers=6,
        vms=30,
        diffs=40,
        key=Key(
            cluster=cluster or case,
            method=method,
            seconds=seconds,
            seed=0,
            workers=8,
            code=code,
            solver=asked_solver,
        ),
        outcome=Outcome(**given),  # type: ignore[arg-type]
        commit="abc",
        versions={"python": "3.11"},
        machine="2 cores",
        date="2030-01-31",
    )


CURVE = (
    Point(0.1, None, 0.0),
    Point(0.5, 100.0 * GB, 0.0),
    Point(7.0, 10.4 * GB, 1.0 * GB),
    Point(40.0, 10.0 * GB, 2.0 * GB),
)
"""A plan after half a second, one within 5 % of the last after seven, the last after forty."""
