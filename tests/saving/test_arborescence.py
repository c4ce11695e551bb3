from __future__ import annotations

from hypothesis import given

from spareplace.saving.arborescence import least_forest, total_size
from spareplace.saving.sharing import Sizes
from tests.saving.strategies import all_forests, tables


@given(sizes=tables())
def test_no_forest_has_smaller_files(sizes: Sizes) -> None:
    count = len(sizes.alone)
    found = least_forest(sizes)
    assert tuple(found) in all_forests(count, limit=count)
    assert total_size(sizes, found) == min(
        total_size(sizes, forest) for forest in all_forests(count, limit=count)
    )


@given(sizes=tables())
def test_what_is_stored_already_costs_nothing_and_stays(sizes: Sizes) -> None:
    count = len(sizes.alone)
    settled = {0} if count > 1 else set()
    found = least_forest(sizes, settled)
    assert all(found[image] is None for image in settled)
    assert total_size(sizes, found, settled) == min(
        total_size(sizes, forest, settled)
        for forest in all_forests(count, limit=count)
        if all(forest[image] is None for image in settled)
    )


def test_sizes_beyond_what_floats_tell_apart_are_told_apart() -> None:
    large = 2**53
    sizes = Sizes(alone=(large, large + 1, large), on=((0, 1, large - 1), (1, 0, 1), (1, 1, 0)))
    assert least_forest(sizes) == [None, 0, 1]


def test_of_files_of_one_size_the_earlier_image_is_built_on() -> None:
    sizes = Sizes(alone=(9, 9, 9), on=((0, 5, 5), (5, 0, 5), (5, 5, 0)))
    assert least_forest(sizes) == [None, 0, 0]


def test_no_image_has_no_parent() -> None:
    assert least_forest(Sizes(alone=(), on=())) == []
