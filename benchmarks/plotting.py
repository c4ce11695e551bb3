"""A picture of how plans and bounds converge. It needs matplotlib, which nothing else does."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Measurement

SHOWN = ("6x5-tight-1", "12x10-tight-1", "32x30-tight-1", "200x20-tight-1")
"""One cluster of each size."""

GB = 10**9


class NoPlotting(RuntimeError):
    """There is no matplotlib."""


def convergence(rows: Sequence[Measurement], path: Path) -> None:
    """Draw the best plan of each method, and its bound, over the seconds.

    Parameters
    ----------
    rows
        Those of other clusters than `SHOWN` are left out.
    path
        Of the PNG.

    Raises
    ------
    NoPlotting
        If the library is not there.
    """
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError as absent:
        raise NoPlotting("matplotlib is not there") from absent
    matplotlib.use("Agg")  # to a file: there may be no screen
    pyplot = importlib.import_module("matplotlib.pyplot")
    names = [name for name in SHOWN if any(row.case == name for row in rows)]
    width = max(len(names), 1)
    figure, axes = pyplot.subplots(1, width, figsize=(4.5 * width, 4), squeeze=False)
    for name, axis in zip(names, axes[0], strict=False):
        for number, row in enumerate(row for row in rows if row.case == name):
            plans, bounds = steps(row)
            colour = f"C{number}"
            if plans:
                seconds, values = zip(*plans, strict=True)
                axis.step(seconds, values, where="post", color=colour, label=row.key.way)
                axis.plot(seconds[-1:], values[-1:], "o", color=colour)
            if any(value for _, value in bounds):
                axis.step(*zip(*bounds, strict=True), where="post", color=colour, linestyle=":")
        axis.set_xscale("symlog", linthresh=1)
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set(title=name, xlabel="seconds", ylabel="expected transfer, GB")
        axis.set_ylim(bottom=0)
        axis.legend(title="bounds dotted")
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)


def steps(row: Measurement) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Give (seconds, GB) of the incumbents and of the bounds, up to the end of the run."""
    curve, outcome = row.outcome.curve, row.outcome
    plans = [(p.seconds, p.incumbent / GB) for p in curve if p.incumbent is not None]
    bounds = [(p.seconds, p.bound / GB) for p in curve]
    if outcome.expected is not None:
        plans.append((outcome.plan_seconds, outcome.expected / GB))
    if outcome.bound is not None:
        bounds.append((outcome.plan_seconds, outcome.bound / GB))
    return plans, bounds
