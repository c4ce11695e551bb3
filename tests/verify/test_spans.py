"""Ranges of bytes, compared with sets of them."""

from hypothesis import given
from hypothesis import strategies as st

from spareplace.verify.spans import Spans, length, union, without

ranges = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5)


def as_set(spans: list[tuple[int, int]] | Spans) -> set[int]:
    return {byte for start, stop in spans for byte in range(start, stop)}


@given(ranges)
def test_union_holds_the_bytes_of_all_and_has_one_form(some: list[tuple[int, int]]) -> None:
    found = union(some)
    assert as_set(found) == as_set(some)
    assert length(found) == len(as_set(some))
    edges = [edge for span in found for edge in span]
    assert edges == sorted(set(edges))  # none is empty, no two touch


@given(ranges, ranges)
def test_without_takes_away_just_the_bytes_named(
    some: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    left = without(union(some), union(taken))
    assert as_set(left) == as_set(some) - as_set(taken)
    assert left == union(left)
