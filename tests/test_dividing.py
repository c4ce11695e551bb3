"""A cluster whose split diffs are divided needs, holds and transfers the same bytes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.dividing import divided
from spareplace.holding import merged
from spareplace.parts import VM, Diff, Server
from spareplace.placement import Extent
from spareplace.recovery import Needs
from spareplace.testing import clusters, placements


@settings(max_examples=60)
@given(st.data())
def test_a_placement_can_be_taken_apart_and_put_together_again(data: st.DataObject) -> None:
    cluster = data.draw(clusters(max_servers=3, max_vms=4, max_diffs=4))
    drawn = data.draw(placements(cluster))
    placement = replace(drawn, stored=merged(drawn.stored))
    division = divided(cluster, placement.stored)
    apart = division.apart(placement)
    assert division.together(apart) == placement
    assert Needs.of(division.cluster).expected(apart) == Needs.of(cluster).expected(placement)


@settings(max_examples=60)
@given(st.data())
def test_each_server_holds_a_part_whole_or_not_at_all(data: st.DataObject) -> None:
    cluster = data.draw(clusters(max_servers=3, max_vms=4, max_diffs=4))
    drawn = data.draw(placements(cluster))
    division = divided(cluster, drawn.stored)
    size = {diff.name: diff.size for diff in division.cluster.diffs}
    apart = division.apart(replace(drawn, stored=merged(drawn.stored)))
    assert all(extent.size == size[extent.diff] for extent in apart.stored)
    assert sum(size.values()) == sum(diff.size for diff in cluster.diffs)


def test_a_part_gets_a_name_that_no_diff_has() -> None:
    cluster = Cluster(
        servers=(Server(name="a", disk=100, resident=("base",)), Server(name="b", disk=100)),
        diffs=(Diff(name="base", size=40), Diff(name="base[0,20)", size=1, parent="base")),
        vms=(VM(name="web", server="a", diff="base"),),
    )
    division = divided(cluster, (Extent(diff="base", server="b", start=0, stop=20),))
    first, second, child = division.cluster.diffs
    assert (first.name, second.name, child.parent) == ("base[0,20)'", "base[20,40)", "base[20,40)")
    assert division.cluster.servers[0].resident == ("base[0,20)'", "base[20,40)")
    assert division.cluster.vms[0].diff == "base[20,40)"
