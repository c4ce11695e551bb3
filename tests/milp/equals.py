"""A strategy for clusters in which VMs are often equal but for their names."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.parts import VM
from spareplace.testing import feasible_clusters


@st.composite
def with_equals(draw: st.DrawFn, max_vms: int = 4) -> Cluster:
    """Make small clusters in which VMs of a server are often equal."""
    cluster = draw(feasible_clusters(max_servers=3, max_vms=max_vms, max_diffs=3))
    vms: list[VM] = []
    for vm in cluster.vms:
        earlier = [one for one in vms if one.server == vm.server]
        like = draw(st.sampled_from([vm, *earlier, *earlier]))
        vms.append(replace(like, name=vm.name))
    weights = st.sampled_from((0.0, 0.25, 1.0))  # of which the objective is an exact multiple
    failures = tuple(replace(lost, weight=draw(weights)) for lost in cluster.failures)
    return replace(cluster, vms=tuple(vms), failures=failures)
