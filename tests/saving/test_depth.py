from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spareplace.saving.arborescence import least_forest, total_size
from spareplace.saving.depth import within_depth
from spareplace.saving.sharing import Sizes
from tests.saving.strategies import all_forests, tables


@given(sizes=tables(), limit=st.integers(0, 3))
def test_no_chain_is_too_long_and_no_forest_is_beaten_below_the_least(
    sizes: Sizes, limit: int
) -> None:
    found = within_depth(sizes, least_forest(sizes), limit, {})
    possible = all_forests(len(sizes.alone), limit)
    assert tuple(found) in possible
    least = min(total_size(sizes, forest) for forest in possible)
    assert least <= total_size(sizes, found) <= sum(sizes.alone)


@given(sizes=tables())
def test_a_forest_within_the_limit_stays_the_least(sizes: Sizes) -> None:
    least = least_forest(sizes)
    found = within_depth(sizes, least, len(sizes.alone), {})
    assert total_size(sizes, found) == total_size(sizes, least)


def test_a_limit_of_0_makes_masters_of_all() -> None:
    sizes = Sizes(alone=(9, 9), on=((0, 1), (1, 0)))
    assert within_depth(sizes, [None, 0], 0, {}) == [None, None]


def test_of_a_chain_that_is_too_long_the_one_that_costs_least_is_moved() -> None:
    # 0 - 1 - 2 - 3, with at most 2: 3 would grow by 6 on 1; 2, with 3 on top of it, by 1 on 0.
    far = 90
    sizes = Sizes(
        alone=(100, far, far, far),
        on=((0, 5, 6, far), (far, 0, 5, 11), (far, far, 0, 5), (far, far, far, 0)),
    )
    assert within_depth(sizes, [None, 0, 1, 2], 2, {}) == [None, 0, 0, 2]


def test_differences_below_what_is_stored_already_count() -> None:
    sizes = Sizes(alone=(100, 100, 90), on=((0, 5, 20), (5, 0, 5), (5, 5, 0)))
    assert within_depth(sizes, [None, None, 1], 3, {0: 0, 1: 2}) == [None, None, 1]
    assert within_depth(sizes, [None, None, 1], 2, {0: 0, 1: 2}) == [None, None, 0]
