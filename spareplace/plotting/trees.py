"""The diff forest as a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spareplace.cluster import Cluster
from spareplace.placement import Plan
from spareplace.plotting.canvas import axes, plain
from spareplace.reporting.keeping import KEEPINGS, Forest, forest_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "whole": "#2f7ad1",
    "duplicated": "#2e9e5b",
    "split": "#e08a1e",
    "resident": "#7d8899",
    "not stored": "#ffffff",
}

LARGEST_DOT = 400.0
"""The area of the largest diff's dot, in square points."""

MOST_LABELS = 60
"""With more diffs, none is labelled."""


def forest(cluster: Cluster, plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the diff forest: masters at the top, dots as large as the diffs, coloured by where
    each is kept.

    Parameters
    ----------
    cluster
        Whose diffs.
    plan
        Where they are kept.
    ax
        Where to draw; by default in a new figure.

    Raises
    ------
    ModuleNotFoundError
        If there is no Matplotlib to make axes with.
    """
    trees = forest_of(cluster, plan.placement)
    place = _places(trees)
    leaves = sum(not trees.below[diff.name] for diff in trees.diffs)
    tallest = max((-y for _, y in place.values()), default=0.0)
    ax = axes(ax, min(4 + 0.35 * leaves, 24), 2 + tallest)
    for diff in trees.diffs:
        if diff.parent is not None:
            (x, y), (above, top) = place[diff.name], place[diff.parent]
            ax.plot([above, x], [top, y], color="#b8bec8", linewidth=0.8, zorder=1)
    largest = max((diff.size for diff in trees.diffs), default=0) or 1
    for keeping in KEEPINGS:
        kept = [diff for diff in trees.diffs if diff.keeping == keeping]
        if kept:
            ax.scatter(
                [place[diff.name][0] for diff in kept],
                [place[diff.name][1] for diff in kept],
                s=[max(LARGEST_DOT * diff.size / largest, 12.0) for diff in kept],
                color=COLOURS[keeping],
                edgecolors="black",
                linewidths=0.5,
                label=keeping,
                zorder=2,
            )
    if len(trees.diffs) <= MOST_LABELS:
        for diff in trees.diffs:
            x, y = place[diff.name]
            ax.annotate(
                plain(diff.name),
                (x, y),
                xytext=(0, -12),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize="x-small",
                bbox={"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 0.5},
            )
    ax.set_axis_off()
    ax.margins(0.05, 0.2)
    if trees.diffs:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(KEEPINGS), frameon=False)
    return ax


def _places(trees: Forest) -> dict[str, tuple[float, float]]:
    """Give each leaf a column of its own, and each other diff the middle of those on top of it."""
    order = list(trees.walk(trees.masters))
    across: dict[str, float] = {}
    columns = 0
    for _, diff in order:
        if not trees.below[diff.name]:
            across[diff.name] = float(columns)
            columns += 1
    for _, diff in reversed(order):
        if trees.below[diff.name]:
            above = [across[child.name] for child in trees.on(diff.name)]
            across[diff.name] = (min(above) + max(above)) / 2
    return {diff.name: (across[diff.name], -float(height)) for height, diff in order}
