from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import or_

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spareplace.cluster import Cluster
from spareplace.heuristics.copies import Need, fewest_copies
from spareplace.instance import number
from spareplace.testing import clusters

MASKS = st.lists(st.integers(0, 63), max_size=7)


@given(need=st.integers(0, 63), masks=MASKS)
@example(need=0b11111, masks=[1, 25, 28, 16, 3])
def test_up_to_three_copies_are_as_few_as_trying_every_choice_finds(
    need: int, masks: list[int]
) -> None:
    found = fewest_copies(need, masks)
    enough = [
        count
        for count in range(len(masks) + 1)
        if any(need & ~reduce(or_, chosen, 0) == 0 for chosen in combinations(masks, count))
    ]
    if not enough:
        assert found is None
    elif enough[0] <= 3:
        assert found == enough[0]
    else:
        assert found is not None
        assert found >= enough[0]


@pytest.mark.parametrize(("servers", "down_together", "copies"), [(5, 1, 2), (6, 2, 3)])
def test_one_copy_more_than_servers_that_fail_together(
    servers: int, down_together: int, copies: int
) -> None:
    failures = list(combinations(range(servers), down_together))
    masks = [
        sum(1 << bit for bit, down in enumerate(failures) if server not in down)
        for server in range(servers)
    ]
    assert fewest_copies((1 << len(failures)) - 1, masks) == copies


@settings(max_examples=100)
@given(cluster=clusters(min_servers=2, min_diffs=1, min_vms=1), copies=st.integers(0, 3))
def test_a_need_says_of_every_server_what_looking_at_each_alone_says(
    cluster: Cluster, copies: int
) -> None:
    instance = number(cluster)
    for diff, pairs in instance.dependents().items():
        need = Need.of(instance, diff, pairs)
        failures = sorted({failure for failure, _ in pairs})
        alone = {
            server: sum(
                1 << bit
                for bit, failure in enumerate(failures)
                if not instance.down[failure, server]
            )
            for server in range(len(cluster.servers))
        }
        resident = [server for server in alone if instance.resident[diff, server]]
        rest = (1 << len(failures)) - 1 & ~reduce(or_, (alone[at] for at in resident), 0)
        keepers = {at for at in alone if instance.keeps[at] and at not in resident}
        assert need.open == rest
        assert all(need.survives(at) == alone[at] for at in alone)
        assert need.copies() == fewest_copies(rest, [alone[at] for at in keepers])
        enough, helpful = need.candidates(copies), need.helpful()
        for at in alone:
            count = fewest_copies(rest & ~alone[at], [alone[other] for other in keepers])
            assert enough[at] == (at in keepers and count is not None and count <= copies)
            assert helpful[at] == (at in keepers and bool(rest & alone[at]))
