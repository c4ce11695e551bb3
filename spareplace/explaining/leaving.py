"""A cluster without one of its servers: what ran there is rebuilt first, as in a failure."""

from __future__ import annotations

from spareplace.cluster import Cluster
from spareplace.lifecycle.recovering import after_recovery, recover
from spareplace.placement import Placement


def leave(
    cluster: Cluster, placement: Placement, server: str
) -> tuple[Cluster, Placement, tuple[str, ...]]:
    """Take a server away: its VMs run where `recover` rebuilds them, its extents are gone.

    Returns
    -------
    tuple
        The cluster, what is still stored in it, and the VMs that found no place and are gone.
    """
    schedule = recover(cluster, placement, [server])
    after, stored = after_recovery(cluster, placement, schedule)
    gone = (*(lost.vm for lost in schedule.lost), *schedule.never_rebuilt)
    return after, stored, gone
