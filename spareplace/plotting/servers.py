"""What fills each server in its worst failure, as stacked bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spareplace.cluster import Cluster
from spareplace.lifecycle.tightness import resources_of
from spareplace.placement import Plan
from spareplace.plotting.canvas import axes, plain
from spareplace.reporting.occupancy import Occupancy, occupancies, resource_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT_MOST = 40
"""Servers that are shown unless the caller says otherwise."""

PARTS = (("running", "#7d8899"), ("stored", "#2f7ad1"), ("rebuilt", "#e08a1e"))


def disk_and_resources(
    cluster: Cluster, plan: Plan, ax: Axes | None = None, *, most: int = DEFAULT_MOST
) -> Axes:
    """Draw the disk and every resource of each server in the failure that asks most of it.

    A group of bars for each server, a bar for each resource, as percent of what the server has:
    what its own VMs use, what is stored, what VMs rebuilt there use.

    Parameters
    ----------
    cluster
        What the plan is for.
    plan
        One that keeps every rule.
    ax
        Where to draw; by default in a new figure.
    most
        How many servers to show; where there are more, the fullest.

    Raises
    ------
    ModuleNotFoundError
        If there is no Matplotlib to make axes with.
    """
    found = occupancies(cluster, plan.placement)
    names = _fullest([server.name for server in cluster.servers], found, most)
    resources = resources_of(cluster)
    kept = [one for one in found if one.server in set(names)]
    ax = axes(ax, 8, 1 + 0.16 * len(names) * (len(resources) + 1))
    thick = 1 / (len(resources) + 1)
    at = {name: place for place, name in enumerate(names)}
    rank = {resource: place for place, resource in enumerate(resources)}
    places = [at[one.server] + thick * (rank[one.resource] + 1) - 0.5 for one in kept]
    left = [0.0] * len(kept)
    for part, colour in PARTS:
        widths = [100 * one.share(getattr(one, part)) for one in kept]
        ax.barh(places, widths, height=0.9 * thick, left=left, color=colour, label=part)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for one, place in zip(kept, places, strict=True):
        if len(resources) > 1:
            label = plain(resource_shown(one.resource))
            ax.text(101, place, label, va="center", fontsize="xx-small", clip_on=False)
    ax.axvline(100, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), [plain(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, max([100.0, *left]))
    ax.set_xlabel("percent in use in the worst failure")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(PARTS), frameon=False)
    return ax


def _fullest(names: Sequence[str], found: Sequence[Occupancy], most: int) -> list[str]:
    """Give the servers with the fullest resource, in the cluster's order."""
    share = dict.fromkeys(names, 0.0)
    for one in found:
        share[one.server] = max(share[one.server], one.share(one.used))
    chosen = set(sorted(names, key=lambda name: -share[name])[: max(most, 0)])
    return [name for name in names if name in chosen]
