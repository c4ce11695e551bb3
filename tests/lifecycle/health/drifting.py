"""Clusters that have changed since a placement was made for them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.parts import VM
from spareplace.placement import Placement
from spareplace.testing import clusters, clusters_with_placements, placements


@st.composite
def drifted(draw: st.DrawFn) -> tuple[Cluster, Placement]:
    """A cluster, and a placement that was right once, or never."""
    now = draw(clusters(min_servers=2, min_vms=1, max_vms=4))
    if draw(st.booleans()):
        return now, draw(placements(now))
    before, placement = draw(clusters_with_placements(max_vms=4))
    if draw(st.booleans()):
        stored = [part for part in placement.stored if draw(st.sampled_from((True, True, False)))]
        placement = replace(placement, stored=tuple(stored))
    if draw(st.sampled_from((False, False, False, True))):
        return now, placement  # names agree here and there
    return _changed(draw, before), placement


def _changed(draw: st.DrawFn, before: Cluster) -> Cluster:
    """Move VMs, let sizes and demands change, and drain servers."""
    flag = st.sampled_from((True, True, True, False))
    names = [server.name for server in before.servers]
    return replace(
        before,
        servers=tuple(
            replace(
                server,
                accept_extents=draw(flag),
                accept_rebuilds=draw(flag),
                disk=server.disk * draw(st.sampled_from((4, 4, 8, 3))) // 4,
            )
            for server in before.servers
        ),
        diffs=tuple(
            replace(diff, size=diff.size * draw(st.sampled_from((2, 2, 2, 1, 3))) // 2)
            for diff in before.diffs
        ),
        vms=tuple(_moved(draw, vm, names) for vm in before.vms),
    )


def _moved(draw: st.DrawFn, vm: VM, servers: list[str]) -> VM:
    factor = draw(st.sampled_from((1, 1, 2)))
    return replace(
        vm,
        server=draw(st.sampled_from([vm.server, vm.server, *servers])),
        disk=vm.disk * draw(st.sampled_from((1, 1, 1, 2))),
        demand={resource: amount * factor for resource, amount in vm.demand.items()},
    )
