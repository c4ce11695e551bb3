from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import or_

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spareplace.heuristics.copies import fewest_copies

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
