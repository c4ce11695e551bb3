"""Weights that lead a search to another goal."""

from __future__ import annotations

from fractions import Fraction

from spareplace.cluster import Cluster
from spareplace.parts import VM, Diff, Failure, Server
from spareplace.placement import Extent, Placement, Rebuild
from spareplace.search.reweighting import next_weights


def test_what_a_failure_without_weight_transfers_is_no_measure() -> None:
    """Only the failure of a transfers anything, all 9 GB, and it counts nothing."""
    cluster = Cluster(
        servers=tuple(Server(name=name, disk=10**10) for name in "abc"),
        diffs=(Diff(name="base", size=9 * 10**9),),
        vms=(VM(name="web", server="a", diff="base"),),
        failures=(
            Failure(name="a", servers=("a",), weight=0.0),
            Failure(name="b", servers=("b",), weight=1.0),
        ),
    )
    placement = Placement(
        stored=(Extent(diff="base", server="b", start=0, stop=9 * 10**9),),
        rebuilds={"a": (Rebuild(vm="web", server="c"),)},
    )
    asked = (Fraction(0), Fraction(1))
    weights = next_weights("worst", cluster, placement, asked, asked)
    assert weights[0] == 0 < weights[1]
