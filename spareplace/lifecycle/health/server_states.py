"""What a placement breaks as it stands, without any failure: server by server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from spareplace.amounts import DISK
from spareplace.instance import Instance
from spareplace.lifecycle.health.protection import ServerState
from spareplace.placement import Extent


def states_of_servers(
    instance: Instance, stored: Iterable[Extent], most_rebuilt: Sequence[int]
) -> tuple[ServerState, ...]:
    """Say of every server what it stores, what disk that leaves, and what is wrong with it.

    Parameters
    ----------
    instance
        The cluster.
    stored
        The extents that count.
    most_rebuilt
        The most disk that the VMs rebuilt on each server take in one failure.
    """
    size = stored_on(instance, stored)
    over = (instance.left < 0).astype(bool)
    found = []
    for at, server in enumerate(instance.cluster.servers):
        left = int(instance.left[at, DISK]) - size[at]
        short = [instance.resources[it] for it in np.flatnonzero(over[at])]
        found.append(
            ServerState(
                server=server.name,
                stored_bytes=size[at],
                disk_left_bytes=left,
                worst_left_bytes=left - most_rebuilt[at],
                overfull_bytes=max(-left, 0) if size[at] else 0,
                refused_bytes=0 if server.accept_extents else size[at],
                overcommitted=tuple(dict.fromkeys(short)),
            )
        )
    return tuple(found)


def stored_on(instance: Instance, stored: Iterable[Extent]) -> list[int]:
    """Give the bytes stored on each server."""
    size: Counter[str] = Counter()
    for extent in stored:
        size[extent.server] += extent.size
    return [size[server.name] for server in instance.cluster.servers]
