"""Bytes that the model keeps on each server become pieces that outlive every failure."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spareplace.exact.laying import Pieces, laid_out


def bytes_on(pieces: Pieces) -> dict[int, int]:
    kept: dict[int, int] = {}
    for size, keepers in pieces:
        for server in keepers:
            kept[server] = kept.get(server, 0) + size
    return kept


@settings(max_examples=150)
@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 20), min_size=2, max_size=6),
    st.sets(st.integers(0, 5)),
)
def test_where_one_server_fails_at_a_time_the_rows_of_the_model_are_enough(
    size: int, amounts: list[int], asking: set[int]
) -> None:
    kept = {server: min(amount, size) for server, amount in enumerate(amounts)}
    downs = [{server} for server in sorted(asking)]
    for (down,) in downs:  # cover[f,d]
        assume(sum(kept.values()) - kept.get(down, 0) >= size)
    if len(downs) > 1:  # twice[d]
        twice = sum(amount * (1 if server in asking else 2) for server, amount in kept.items())
        assume(twice >= 2 * size)
    found = laid_out([size], kept, downs, most=[99], least=[1])
    assert found is not None
    (pieces,) = found
    assert sum(bytes_ for bytes_, _ in pieces) == size
    assert bytes_on(pieces) == {server: amount for server, amount in kept.items() if amount}
    for _, keepers in pieces:
        assert all(set(keepers) - down for down in downs)


@settings(max_examples=100)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.lists(st.integers(0, 27), min_size=1, max_size=5),
    st.lists(st.sets(st.integers(0, 4), min_size=1), max_size=4),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_what_is_laid_out_keeps_every_rule(
    sizes: list[int], amounts: list[int], downs: list[set[int]], most: int, least: int
) -> None:
    whole = sum(sizes)
    kept = {server: min(amount, whole) for server, amount in enumerate(amounts)}
    count = len(sizes)
    found = laid_out(sizes, kept, downs, most=[most] * count, least=[least] * count)
    if found is None:
        return
    assert [sum(bytes_ for bytes_, _ in pieces) for pieces in found] == sizes
    together = [piece for pieces in found for piece in pieces]
    assert bytes_on(together) == {server: amount for server, amount in kept.items() if amount}
    for pieces in found:
        assert len(pieces) <= most
        assert len(pieces) == 1 or min(bytes_ for bytes_, _ in pieces) >= least
        assert all(set(keepers) - down for _, keepers in pieces for down in downs)


def test_halves_on_three_servers_that_may_each_fail_cannot_be_laid_out() -> None:
    # Any two of them have as many bytes as the diff, but some byte is on one of them alone.
    assert laid_out([8], {0: 4, 1: 4, 2: 4}, [{0}, {1}, {2}], most=[4], least=[1]) is None
