from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.lifecycle.moves.moves_file import MOVES_FILE, moves_text, read_moves
from spareplace.lifecycle.moves.steps import Moves, Step, apply_step, moves_of, replayed
from spareplace.placement import Extent, Placement

spans = (
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted).filter(lambda it: it[0] < it[1])
)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    start, stop = draw(spans)
    copies = draw(st.booleans())
    return Step(
        action="copy" if copies else "delete",
        diff=draw(st.sampled_from("xy")),
        server=draw(st.sampled_from("ab")),
        start=start,
        stop=stop,
        source=draw(st.sampled_from("ab")) if copies else None,
    )


def single_bytes(stored: tuple[Extent, ...]) -> set[tuple[str, str, int]]:
    return {(it.diff, it.server, byte) for it in stored for byte in range(it.start, it.stop)}


@given(st.lists(steps(), max_size=8))
def test_steps_add_and_remove_single_bytes(done: list[Step]) -> None:
    expected: set[tuple[str, str, int]] = set()
    for step, stored in zip(done, replayed(Placement(), moves_of(done)), strict=True):
        touched = {(step.diff, step.server, byte) for byte in range(step.start, step.stop)}
        expected = expected | touched if step.action == "copy" else expected - touched
        assert single_bytes(stored) == expected
        assert stored == tuple(sorted(stored))
        assert apply_step(stored, step) == stored  # to do it twice is to do it once


def test_bytes_are_summed_by_what_is_done_with_them() -> None:
    moves = moves_of(
        [
            Step(action="copy", diff="x", server="a", start=0, stop=10, source="b"),
            Step(action="copy", diff="x", server="c", start=5, stop=10, source="b"),
            Step(action="delete", diff="x", server="b", start=0, stop=3),
        ]
    )
    assert (moves.copied_bytes, moves.deleted_bytes) == (15, 3)


@settings(max_examples=30)
@given(st.lists(steps(), max_size=5))
def test_moves_are_read_as_they_were_written(done: list[Step]) -> None:
    moves = moves_of(done)
    assert read_moves(moves_text(moves)) == moves


def test_the_keys_in_a_file_are_those_that_were_promised() -> None:
    step = Step(action="delete", diff="x", server="a", start=0, stop=10)
    assert moves_text(Moves(copied_bytes=0, deleted_bytes=10, steps=(step,))) == (
        '{\n  "format": "spareplace/moves/1",\n  "copied_bytes": 0,\n  "deleted_bytes": 10,\n'
        '  "steps": [\n    {"action": "delete", "diff": "x", "server": "a", "start": 0, '
        '"stop": 10, "from": null}\n  ]\n}\n'
    )
    assert list(MOVES_FILE.keys) == ["format", "copied_bytes", "deleted_bytes", "steps"]
