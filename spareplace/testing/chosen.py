"""A strategy for placements: any choice, most of which break some rule."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.cluster import Cluster
from spareplace.holding import merged
from spareplace.parts import Diff
from spareplace.placement import Extent, Placement, Rebuild, Unprotected
from spareplace.testing.drawing import EVEN, one_of, some_of


@st.composite
def placements(draw: DrawFn, cluster: Cluster) -> Placement:
    """Make placements for a cluster that name its parts, and may break every rule.

    Diffs are whole, duplicated and split; extents may overlap; rebuilds may be missing, of VMs
    that are not lost, or on servers that fail.

    Examples
    --------
    >>> from hypothesis import find
    >>> from spareplace.parts import Server
    >>> pair = Cluster(
    ...     servers=(Server(name="a", disk=10**9), Server(name="b", disk=10**9)),
    ...     diffs=(Diff(name="base", size=10**8),),
    ... )
    >>> twice = find(placements(pair), lambda placement: placement.stored_bytes == 2 * 10**8)
    >>> sum(extent.size for extent in twice.stored if extent.server == "b")
    100000000
    """
    hosts = [server.name for server in cluster.servers]
    extents = [extent for diff in cluster.diffs for extent in _extents(draw, diff, hosts)]
    rebuilds: dict[str, tuple[Rebuild, ...]] = {}
    given_up: list[Unprotected] = []
    for failure in cluster.failures:
        rebuilt: list[Rebuild] = []
        for vm in cluster.vms:
            lost = vm.protect and vm.server in failure.servers
            if one_of(draw, (False, True) if lost else [False] * 9 + [True]):
                rebuilt.append(Rebuild(vm=vm.name, server=one_of(draw, hosts)))
            elif lost and draw(EVEN):
                given_up.append(Unprotected(vm=vm.name, failure=failure.name, reason="drawn"))
        if draw(EVEN) or rebuilt:
            rebuilds[failure.name] = tuple(rebuilt)
    return Placement(
        stored=tuple(sorted(extents)) if draw(EVEN) else merged(extents),
        rebuilds=rebuilds,
        unprotected=tuple(given_up),
    )


def _extents(draw: DrawFn, diff: Diff, hosts: list[str]) -> list[Extent]:
    """Cut a diff, put each piece on any servers, and sometimes add a range across the cuts."""
    cuts = {0, diff.size, *(_cut(draw, diff) for _ in range(one_of(draw, (0, 1, 2, 3))))}
    extents = [
        Extent(diff=diff.name, server=server, start=start, stop=stop)
        for start, stop in pairwise(sorted(cuts))
        for server in some_of(draw, hosts)
    ]
    start, stop = sorted((_cut(draw, diff), _cut(draw, diff)))
    if draw(EVEN) and start < stop:
        extents.append(Extent(diff=diff.name, server=one_of(draw, hosts), start=start, stop=stop))
    return extents


def _cut(draw: DrawFn, diff: Diff) -> int:
    """Draw where to cut: at a half or a quarter, or anywhere."""
    quarters = one_of(draw, (2, 1, 3, None))
    if quarters is None:
        return draw(st.integers(0, diff.size))
    return diff.size * quarters // 4
