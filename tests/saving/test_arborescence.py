from __future__ import annotations

import random
import tracemalloc

import networkx as nx
from hypothesis import given, settings

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


@settings(max_examples=25)
@given(sizes=tables(most=14))
def test_a_library_of_graphs_finds_none_either(sizes: Sizes) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    for image, size in enumerate(sizes.alone):
        graph.add_edge(-1, image, weight=size)
        for base, sizes_on in enumerate(sizes.on):
            if base != image:
                graph.add_edge(base, image, weight=sizes_on[image])
    found = nx.minimum_spanning_arborescence(graph).size("weight")
    assert total_size(sizes, least_forest(sizes)) == found


def test_memory_grows_with_the_pairs_of_images() -> None:
    places = [random.Random(number).randrange(1000) for number in range(150)]
    sizes = Sizes(
        alone=(2000,) * 150,
        on=tuple(tuple(4 + abs(a - b) for b in places) for a in places),
    )
    tracemalloc.start()
    try:
        least_forest(sizes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * 8 * 150**2


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
