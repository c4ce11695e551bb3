"""Plots, drawn without a screen. Where Matplotlib is not installed, only its absence is tested."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from spareplace import plotting
from spareplace.cluster import Cluster
from spareplace.explaining.trading import Frontier, Point
from spareplace.parts import Server
from spareplace.placement import Placement, Plan
from spareplace.watching import Progress
from tests.reporting.clusters import greedy, hostile, many, planned

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="Matplotlib is not installed"
)

GB = 10**9


@pytest.fixture
def ax() -> Iterator[Axes]:
    """Axes of a figure that is drawn in memory."""
    from matplotlib.figure import Figure

    figure = Figure()
    yield figure.subplots()
    figure.savefig(io.BytesIO(), format="png")  # all of it can be drawn


def _drawn(line: Line2D) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]


def _frontier(plan: Plan) -> Frontier:
    points = [
        Point(
            stored_limit=stored * GB,
            stored_bytes=stored * GB,
            expected_transfer_bytes=expected * 1e9,
            lower_bound_bytes=bound,
            status="feasible",
            plan=plan,
        )
        for stored, expected, bound in ((100, 40, 1e9), (200, 15, None))
    ]
    return Frontier(cluster_sha256=plan.cluster_sha256, points=tuple(points))


@needs_matplotlib
def test_bars_are_as_long_as_what_is_in_use(ax: Axes) -> None:
    """By hand: Si runs 120 of 270 GB, stores 40, takes 40 in Sk; Sl is full."""
    cluster, plan = greedy()
    assert plotting.disk_and_resources(cluster, plan, ax) is ax
    widths = [bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
    si = [widths[0], widths[4], widths[8]]
    assert si == pytest.approx([100 * part / 270 for part in (120, 40, 40)])
    assert sum(widths[3::4]) == pytest.approx(100)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Si", "Sj", "Sk", "Sl"]


@needs_matplotlib
def test_of_many_servers_the_fullest_are_drawn(ax: Axes) -> None:
    cluster, plan = many(50, 2)
    plotting.disk_and_resources(cluster, plan, ax, most=10)
    assert len(ax.get_yticks()) == 10


@needs_matplotlib
def test_every_diff_has_a_dot_of_the_colour_of_its_keeping(ax: Axes) -> None:
    cluster, plan = greedy()
    assert plotting.forest(cluster, plan, ax) is ax
    dots = {it.get_label(): len(it.get_offsets()) for it in ax.collections}  # type: ignore[arg-type]
    assert dots == {"whole": 26, "split": 1}
    assert len(ax.lines) == 25
    assert {text.get_text() for text in ax.texts} == {diff.name for diff in cluster.diffs}


@needs_matplotlib
def test_a_frontier_is_a_curve_with_its_bounds(ax: Axes) -> None:
    _, plan = greedy()
    assert plotting.frontier(_frontier(plan), ax) is ax
    curve, bounds = ax.lines
    assert _drawn(curve) == [(100, 40), (200, 15)]
    assert _drawn(bounds) == [(100, 1)]


@needs_matplotlib
def test_convergence_shows_the_best_plan_and_the_bound(ax: Axes) -> None:
    told = [
        Progress(seconds=0.0, incumbent=None, bound=0.0),
        Progress(seconds=1.0, incumbent=4e9, bound=1e9),
        Progress(seconds=2.0, incumbent=2e9, bound=2e9),
    ]
    assert plotting.convergence(told, ax) is ax
    best, bound = ax.lines
    assert _drawn(best) == [(1, 4), (2, 2)]
    assert _drawn(bound) == [(0, 0), (1, 1), (2, 2)]


@needs_matplotlib
def test_recovery_times_are_shown_in_seconds(ax: Axes) -> None:
    told = [Progress(seconds=1.0, incumbent=30.0, bound=10.0, objective="time")]
    plotting.convergence(told, ax)
    assert _drawn(ax.lines[0]) == [(1, 30)]
    assert ax.get_ylabel() == "recovery time, s"


@needs_matplotlib
def test_hostile_names_are_drawn_as_text(ax: Axes) -> None:
    cluster, plan = hostile()
    plotting.disk_and_resources(cluster, plan, ax)
    plotting.forest(cluster, plan, ax)


@needs_matplotlib
def test_nothing_is_drawn_of_nothing(ax: Axes) -> None:
    cluster = Cluster(servers=(Server(name="a", disk=0),), failures=())
    plan = planned(cluster, Placement())
    plotting.disk_and_resources(cluster, plan, ax)
    plotting.forest(cluster, plan, ax)
    plotting.convergence([], ax)
    plotting.frontier(Frontier(cluster_sha256=plan.cluster_sha256, points=()), ax)


@needs_matplotlib
def test_axes_are_made_where_none_are_given() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    cluster, plan = greedy()
    made = [
        plotting.disk_and_resources(cluster, plan),
        plotting.forest(cluster, plan),
        plotting.frontier(_frontier(plan)),
        plotting.convergence([]),
    ]
    assert len({id(one.figure) for one in made}) == 4
    for number in pyplot.get_fignums():
        pyplot.figure(number).savefig(io.BytesIO(), format="png")
    pyplot.close("all")


def test_without_matplotlib_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'spareplace\[plotting\]'"):
        plotting.forest(*greedy())
