"""Sequences of registrations: every rule is kept after each, and the books say what is so."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.errors import NoPlan
from spareplace.lifecycle.registering import Standing
from spareplace.lifecycle.registering.opening import open_books
from spareplace.placement import Placement
from spareplace.testing import clusters_with_placements
from spareplace.verify import check

from .coming_and_going import by_name, plan_of, registrations


@settings(max_examples=60, deadline=None)
@given(clusters_with_placements(max_vms=5, max_diffs=5), st.data())
def test_after_each_registration_every_rule_is_kept(
    made: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    standing = Standing.of(made[0], plan_of(*made))
    for _ in range(4):
        cluster, plan = standing.cluster, standing.plan
        news = data.draw(registrations(cluster))
        books = by_name(standing._books)
        try:
            done = standing.register(news)
        except NoPlan:
            assert standing.cluster == cluster
            assert standing.plan == plan
            assert by_name(standing._books) == books
            continue
        after = standing.plan
        assert check(standing.cluster, after) == ()
        assert done.expected_transfer_bytes_before == plan.expected_transfer_bytes
        assert done.expected_transfer_bytes_after == after.expected_transfer_bytes
        assert {vm.name for vm in standing.cluster.vms} == (
            {vm.name for vm in cluster.vms} - set(news.leaving_vms)
        ) | {vm.name for vm in news.vms}
        before = {(e.diff, e.server, at) for e in plan.stored for at in (e.start, e.stop - 1)}
        now = {(e.diff, e.server, at) for e in after.stored for at in (e.start, e.stop - 1)}
        removed = {(e.diff, e.server) for e in done.removed}
        added = {(e.diff, e.server) for e in done.added}
        assert {place[:2] for place in before - now} <= removed | added
        fresh = open_books(standing.cluster, after)
        assert by_name(standing._books) == by_name(fresh)
