"""More servers, or more disk for all: what helps where no single cause is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice

from spareplace.cluster import Cluster
from spareplace.explaining.causes import DISK
from spareplace.explaining.changes import ClusterChange
from spareplace.explaining.confirming import Remedy, planned_remedy
from spareplace.explaining.deciding import Judge
from spareplace.units import LARGEST

MOST_SERVERS = 4
"""Servers that are added together."""

MORE_DISK = (40, 20, 10, 5)
"""Hundredths of its disk that every server gets more, where no cause is known."""


def enough(cluster: Cluster, judge: Judge) -> tuple[Remedy, ...]:
    """Find changes after which there is a plan, where it is open whether there is one before.

    All servers get the same share of disk more, or servers are added; of each, as little as is
    found.

    Parameters
    ----------
    cluster
        What no plan was found for.
    judge
        Its clock bounds the search.
    """
    part = replace(judge, clock=judge.clock.part(0.6))
    tried = (planned_remedy(cluster, changes, judge) for changes in new_servers(cluster))
    return (*more_disk(cluster, part), *islice((it for it in tried if it is not None), 1))


def more_disk(cluster: Cluster, judge: Judge) -> tuple[Remedy, ...]:
    """Give every server so many hundredths of its disk more: less and less while it does."""
    least: tuple[Remedy, ...] = ()
    for hundredths in MORE_DISK:
        changes = tuple(
            ClusterChange(
                kind="capacity",
                server=server.name,
                resource=DISK,
                amount=more,
            )
            for server in cluster.servers
            if (more := min(server.disk * hundredths // 100, LARGEST - server.disk))
        )
        remedy = planned_remedy(cluster, changes, judge) if changes else None
        if remedy is None:
            break
        least = (remedy,)
    return least


def new_servers(cluster: Cluster) -> Iterator[tuple[ClusterChange, ...]]:
    """Add servers like the one that has most disk, one at first."""
    largest = max(cluster.servers, key=lambda server: server.disk)
    names = {server.name for server in cluster.servers}
    free = (name for number in count(len(names) + 1) if (name := f"server {number}") not in names)
    changes: tuple[ClusterChange, ...] = ()
    for name in islice(free, min(MOST_SERVERS, len(names))):
        changes += (ClusterChange(kind="add_server", server=name, like=largest.name),)
        yield changes
