from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from spareplace.lifecycle.recovering.ordering import best_sequence

Fetching = tuple[dict[int, tuple[int, ...]], dict[int, int]]
"""What each VM lacks, and the bytes of each diff."""


@st.composite
def fetchings(draw: DrawFn) -> Fetching:
    chains: list[tuple[int, ...]] = []
    for number in range(draw(st.integers(1, 6))):
        chains.append((*draw(st.sampled_from([(), *chains])), number))
    vms = draw(st.lists(st.sampled_from([(), *chains]), min_size=1, max_size=7))
    used = {row for chain in vms for row in chain}
    return dict(enumerate(vms)), {row: draw(st.integers(0, 9)) for row in sorted(used)}


def _sum_of_times(fetching: Fetching, sequence: tuple[int, ...]) -> int:
    lacks, sizes = fetching
    reached, there = 0, {}
    for row in sequence:
        reached += sizes[row]
        there[row] = reached
    return sum(max((there[row] for row in rows), default=0) for rows in lacks.values())


@settings(max_examples=60)
@given(fetching=fetchings())
def test_no_sequence_has_vms_up_sooner(fetching: Fetching) -> None:
    lacks, sizes = fetching
    found = tuple(best_sequence(lacks, lacks, sizes))
    assert sorted(found) == sorted(sizes)
    least = min(_sum_of_times(fetching, order) for order in permutations(sizes))
    assert _sum_of_times(fetching, found) == least


def test_the_base_of_three_vms_comes_before_a_smaller_image_and_that_of_two_does_not() -> None:
    # 20 first: 20 + 65 + 70 + 75 = 230. The base first: 45 + 50 + 55 + 75 = 225.
    lacks = {0: (1, 2), 1: (1, 3), 2: (1, 4), 3: (5,)}
    sizes = {1: 40, 2: 5, 3: 5, 4: 5, 5: 20}
    assert best_sequence(lacks, lacks, sizes) == [1, 2, 3, 4, 5]
    # With two VMs on the base: 45 + 50 + 70 = 165, but 20 + 65 + 70 = 155.
    two = {vm: lacks[vm] for vm in (0, 1, 3)}
    assert best_sequence(two, two, sizes) == [5, 1, 2, 3]
