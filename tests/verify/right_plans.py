"""Right plans of all kinds, to plant breaches into.

They are for failures of `a` and of `b`, which run the VMs; `c` and `d` take them. The server
`no` has no disk and no capacity, and accepts nothing.
"""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.holding import merged
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Plan

from .plans import MIB, extent, filled

Case: TypeAlias = tuple[Cluster, Plan]

ROOMY = 1000 * MIB
TAKERS = ("c", "d")
GROUPS = {"v0": ("g", "h"), "v1": ("g",), "v2": ("h",)}


@st.composite
def right_plans(draw: st.DrawFn) -> Case:
    diffs: list[Diff] = []
    for number in range(draw(st.integers(1, 4))):
        parents = st.sampled_from([None, *(diff.name for diff in diffs)])
        size = draw(st.integers(1, 6)) * 4 * MIB
        diffs.append(Diff(name=f"d{number}", size=size, parent=draw(parents)))
    vms = [
        VM(
            name=f"v{number}",
            server="ab"[number % 2],
            diff=draw(st.sampled_from([diff.name for diff in diffs])),
            disk=draw(st.integers(1, 5)),
            demand={"cpu": draw(st.sampled_from((0.1, 0.25, 2)))},
            groups=GROUPS.get(f"v{number}", ()),
        )
        for number in range(draw(st.integers(2, 5)))
    ]
    cluster = Cluster(
        servers=(
            *(Server(name=name, disk=ROOMY, capacity={"cpu": 50}) for name in "abcd"),
            Server(name="no", disk=0, accept_extents=False, accept_rebuilds=False),
        ),
        diffs=tuple(diffs),
        vms=tuple(vms),
        failures=tuple(
            Failure(name=name.upper(), servers=(name,), weight=draw(st.sampled_from((0.1, 0.7))))
            for name in "ab"
        ),
    )
    stored = [part for diff in diffs for part in draw(copies(diff))]
    rebuilds = {
        failure.name: {
            vm.name: draw(st.sampled_from(TAKERS)) for vm in vms if vm.server in failure.servers
        }
        for failure in cluster.failures
    }
    if "v2" in rebuilds["A"]:  # v0 and v2 ran together as given; no rebuild may bring them together
        rebuilds["A"]["v2"] = "c" if rebuilds["A"]["v0"] == "d" else "d"
    return cluster, filled(cluster, merged(stored), rebuilds)


@st.composite
def copies(draw: st.DrawFn, diff: Diff) -> list[Extent]:
    """The two halves, each on at least one server that takes part in no failure."""
    half = diff.size // 2
    found = []
    for start, stop in ((0, half), (half, diff.size)):
        on = {draw(st.sampled_from(TAKERS)), *draw(st.sets(st.sampled_from("abcd")))}
        found += [extent(diff.name, server, start, stop) for server in sorted(on)]
    return found
