"""What stored bytes buy, and how planning gets on, as curves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spareplace.explaining.trading import Frontier
from spareplace.plotting.canvas import GB, axes
from spareplace.watching import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def frontier(found: Frontier, ax: Axes | None = None) -> Axes:
    """Draw the expected transfer of each plan of a frontier over what it stores.

    Parameters
    ----------
    found
        As `spareplace.frontier` gives it. Proven bounds are dotted.
    ax
        Where to draw; by default in a new figure.

    Raises
    ------
    ModuleNotFoundError
        If there is no Matplotlib to make axes with.
    """
    ax = axes(ax, 6, 4)
    stored = [point.stored_bytes / GB for point in found.points]
    sent = [point.expected_transfer_bytes / GB for point in found.points]
    ax.plot(stored, sent, marker="o", label="plans")
    bounds = [
        (point.stored_limit / GB, point.lower_bound_bytes / GB)
        for point in found.points
        if point.lower_bound_bytes is not None
    ]
    if bounds:
        ax.plot(*zip(*bounds, strict=True), linestyle=":", label="bounds, by limit")
    ax.set_xlabel("stored, GB")
    ax.set_ylabel("expected transfer, GB")
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def convergence(told: Iterable[Progress], ax: Axes | None = None) -> Axes:
    """Draw the best plan so far and the bound over the seconds of a call of `plan`.

    Parameters
    ----------
    told
        What its ``progress`` was told, in order.
    ax
        Where to draw; by default in a new figure.

    Raises
    ------
    ModuleNotFoundError
        If there is no Matplotlib to make axes with.

    Examples
    --------
    Collect what `plan` tells, then draw it:

    >>> from spareplace import load_cluster, plan
    >>> told = []
    >>> made = plan(load_cluster("examples/paper.json"), method="greedy", progress=told.append)
    >>> told[-1].incumbent
    15000000000.0
    """
    ax = axes(ax, 6, 4)
    kept = list(told)
    in_seconds = any(it.objective == "time" for it in kept)
    unit = 1 if in_seconds else GB
    best = [(it.seconds, it.incumbent / unit) for it in kept if it.incumbent is not None]
    bound = [(it.seconds, it.bound / unit) for it in kept]
    if best:
        ax.step(*zip(*best, strict=True), where="post", label="best plan")
    if bound:
        ax.step(*zip(*bound, strict=True), where="post", linestyle=":", label="bound")
        ax.legend()
    ax.set_xlabel("seconds")
    ax.set_ylabel("recovery time, s" if in_seconds else "transfer, GB")
    ax.set_ylim(bottom=0)
    return ax
