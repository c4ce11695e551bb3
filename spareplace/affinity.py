"""Which servers a VM may be rebuilt on, whatever room they have: groups and allowed servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from spareplace.cluster import Cluster

Flags: TypeAlias = NDArray[np.bool_]


def allowed_targets(cluster: Cluster, at_server: Mapping[str, int]) -> Flags:
    """Tell whether rules 4 and 5 let a VM be rebuilt on a server beside the VMs that run there.

    Shape (VMs, servers).
    """
    accepts = np.array([server.accept_rebuilds for server in cluster.servers], dtype=bool)
    allowed = np.tile(accepts, (len(cluster.vms), 1))
    running: dict[str, set[int]] = defaultdict(set)
    for vm in cluster.vms:
        for group in vm.groups:
            running[group].add(at_server[vm.server])
    for position, vm in enumerate(cluster.vms):
        if vm.allowed_servers is not None:
            only = [at_server[name] for name in vm.allowed_servers]
            allowed[position] &= np.isin(np.arange(len(accepts)), only)
        for group in vm.groups:
            # Its own server is down whenever it is rebuilt.
            allowed[position, list(running[group])] = False
    return allowed


def groups_of(cluster: Cluster) -> tuple[tuple[int, ...], ...]:
    """Give the anti-affinity groups of each VM as numbers."""
    numbers: dict[str, int] = {}
    return tuple(
        tuple(numbers.setdefault(group, len(numbers)) for group in vm.groups) for vm in cluster.vms
    )
