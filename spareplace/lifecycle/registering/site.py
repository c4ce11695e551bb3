"""What no registration changes: servers and failures, as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from spareplace.affinity import Flags
from spareplace.cluster import Cluster
from spareplace.parts import Failure, Server
from spareplace.units import exact_weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """The servers and the failures of a cluster.

    Parameters
    ----------
    servers, failures
        As in the cluster; an index is a position among them.
    at_server, at_failure
        Those positions, by name.
    resources
        ``"disk"``, then every resource that a server lists.
    at_resource
        The positions of the resources but the disk.
    down
        Whether a failure takes a server down, shape (failures, servers).
    losing
        For each server, the failures that take it down.
    gone
        The servers that each failure takes down.
    whole, parts
        The weight of each failure in whole numbers, of which `whole` are the weight 1.
    chance
        The weight of each failure as a float, to compare choices by.
    keeps, takes
        Whether a server accepts extents, and rebuilds; shape (servers,).
    """

    servers: tuple[Server, ...]
    failures: tuple[Failure, ...]
    at_server: Mapping[str, int]
    at_failure: Mapping[str, int]
    resources: tuple[str, ...]
    at_resource: Mapping[str, int]
    down: Flags
    losing: tuple[tuple[int, ...], ...]
    gone: tuple[frozenset[int], ...]
    whole: int
    parts: tuple[int, ...]
    chance: NDArray[np.float64]
    keeps: Flags
    takes: Flags

    @staticmethod
    def of(cluster: Cluster) -> Site:
        """Take them from a cluster."""
        at_server = {server.name: at for at, server in enumerate(cluster.servers)}
        down = np.zeros((len(cluster.failures), len(cluster.servers)), dtype=bool)
        losing: dict[int, list[int]] = defaultdict(list)
        for at, failure in enumerate(cluster.failures):
            for name in failure.servers:
                down[at, at_server[name]] = True
                losing[at_server[name]].append(at)
        listed = dict.fromkeys(key for server in cluster.servers for key in server.capacity)
        weights = tuple(exact_weight(failure.weight or 0.0) for failure in cluster.failures)
        whole = lcm(*(one.denominator for one in weights))
        return Site(
            servers=cluster.servers,
            failures=cluster.failures,
            at_server=at_server,
            at_failure={failure.name: at for at, failure in enumerate(cluster.failures)},
            resources=("disk", *listed),
            at_resource={name: at for at, name in enumerate(listed, start=1)},
            down=down,
            losing=tuple(tuple(losing[at]) for at in range(len(cluster.servers))),
            gone=tuple(frozenset(np.flatnonzero(one).tolist()) for one in down),
            whole=whole,
            parts=tuple(int(one * whole) for one in weights),
            chance=np.array([float(one) for one in weights]),
            keeps=np.array([server.accept_extents for server in cluster.servers], dtype=bool),
            takes=np.array([server.accept_rebuilds for server in cluster.servers], dtype=bool),
        )
