from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace import (
    VM,
    Cluster,
    Diff,
    Extent,
    InvalidInput,
    Moves,
    Placement,
    Server,
    Step,
    moves_between,
)
from spareplace.holding import merged
from spareplace.lifecycle.moves.steps import moves_of
from spareplace.lifecycle.runbook import runbook_script
from tests.lifecycle.runbook.running import Files, files_of, placements, worlds

THREE = Cluster(
    servers=tuple(Server(name=name, disk=10**6) for name in "abc"),
    diffs=(Diff(name="base", size=200),),
    vms=(VM(name="web", server="a", diff="base", disk=200),),
)


def kept(*extents: tuple[str, int, int]) -> Placement:
    return Placement(
        stored=tuple(Extent(diff="base", server=at, start=a, stop=b) for at, a, b in extents)
    )


def stores(files: Files, wanted: Iterable[Extent]) -> bool:
    return merged(files.stored()) == merged(wanted)


@settings(max_examples=8)
@given(world=worlds(), data=st.data())
def test_what_is_stored_in_the_end_is_what_the_moves_lead_to(
    world: tuple[Cluster, Placement], data: st.DataObject
) -> None:
    cluster, before = world
    after = data.draw(placements(cluster))
    moves = _moves(cluster, before, after)
    with TemporaryDirectory() as folder:
        files = files_of(Path(folder), cluster, before)
        code, told = files.run(runbook_script(cluster, moves))
        assert code == 0, told
        assert stores(files, after.stored)
        sent = [it.size for it in moves.steps if it.source not in (None, it.server)]
        assert files.passed == sum(sent)


@settings(max_examples=7)
@given(
    world=worlds(),
    data=st.data(),
    seconds=st.lists(st.floats(0.01, 0.3), min_size=1, max_size=4),
)
def test_moves_that_are_killed_anywhere_go_on_when_they_are_run_again(
    world: tuple[Cluster, Placement], data: st.DataObject, seconds: list[float]
) -> None:
    cluster, before = world
    after = data.draw(placements(cluster))
    script = runbook_script(cluster, _moves(cluster, before, after))
    with TemporaryDirectory() as folder:
        files = files_of(Path(folder), cluster, before)
        files.cut_off(script, seconds)
        code, told = files.run(script)
        assert code == 0, told
        assert stores(files, after.stored)
        code, told = files.run(script)
        assert (code, told) == (0, "everything is stored as it has to be\n")


def _moves(cluster: Cluster, before: Placement, after: Placement) -> Moves:
    """Lead from one placement to another, although that may protect less."""
    # Weights and protection do not matter here: without failures nothing can be lost.
    return moves_between(
        Cluster(servers=cluster.servers, diffs=cluster.diffs, vms=cluster.vms, failures=()),
        before,
        after,
    )


def test_a_way_there_and_back_can_be_gone_again(tmp_path: Path) -> None:
    on_b, on_c = kept(("b", 0, 200)), kept(("c", 50, 200), ("b", 0, 50))
    there, back = (moves_between(THREE, *pair) for pair in ((on_b, on_c), (on_c, on_b)))
    files = files_of(tmp_path, THREE, on_b)
    for moves, goal in ((there, on_c), (back, on_b), (there, on_c), (back, on_b)):
        code, told = files.run(runbook_script(THREE, moves))
        assert code == 0, told
        assert "step 1" in told
        assert stores(files, goal.stored)


def test_what_is_moved_out_of_the_way_and_back_is_not_moved_again_after_a_cut(
    tmp_path: Path,
) -> None:
    # The bytes end where they began: only the journal tells that the first step was done.
    steps = moves_of(
        [
            Step(action="copy", diff="base", server="c", start=0, stop=200, source="b"),
            Step(action="delete", diff="base", server="b", start=0, stop=200),
            Step(action="copy", diff="base", server="b", start=0, stop=200, source="c"),
            Step(action="delete", diff="base", server="c", start=0, stop=200),
            Step(action="copy", diff="base", server="a", start=0, stop=10, source="b"),
        ]
    )
    files = files_of(tmp_path, THREE, kept(("b", 0, 200)))
    script = runbook_script(THREE, steps)
    assert files.run(script.replace("copy 5 b a", "die; copy 5 b a"))[0] == 1
    sent = files.passed
    assert sent == 400
    assert files.run(script)[0] == 0
    assert stores(files, kept(("b", 0, 200), ("a", 0, 10)).stored)


def test_bytes_that_change_on_the_way_are_not_stored(tmp_path: Path) -> None:
    moves = moves_between(THREE, kept(), kept(("b", 0, 200)))
    files = files_of(tmp_path, THREE, kept())
    code, told = files.run(
        runbook_script(THREE, moves).replace("${THROUGH:-cat}", "tr '[:alpha:]' x")
    )
    assert code == 1
    assert "are not on b what they are on a" in told
    assert not list(files.stored())


def test_what_is_to_be_stored_is_looked_at_again_in_the_end(tmp_path: Path) -> None:
    moves = moves_between(THREE, kept(), kept(("b", 0, 200)))
    files = files_of(tmp_path, THREE, kept())
    script = runbook_script(THREE, moves)
    assert files.run(script)[0] == 0
    next(files.of("b").glob("store/base/0-*")).unlink()
    code, told = files.run(script)
    assert code == 0, told
    assert stores(files, kept(("b", 0, 200)).stored)


def test_bytes_that_nobody_has_end_it(tmp_path: Path) -> None:
    moves = moves_between(THREE, kept(("b", 0, 200)), kept(("b", 0, 200), ("c", 0, 200)))
    files = files_of(tmp_path, THREE, kept())
    (files.of("a") / "saved" / "base.qcow2").unlink()
    code, told = files.run(runbook_script(THREE, moves))
    assert code == 1
    assert "there is no record of base" in told


@pytest.mark.parametrize(
    "step",
    [
        Step(action="copy", diff="base", server="z", start=0, stop=10, source="a"),
        Step(action="copy", diff="base", server="b", start=0, stop=10, source="z"),
        Step(action="copy", diff="nothing", server="b", start=0, stop=10, source="a"),
        Step(action="copy", diff="base", server="b", start=0, stop=201, source="a"),
    ],
)
def test_moves_of_another_cluster_are_refused(step: Step) -> None:
    with pytest.raises(InvalidInput, match=r"moves.steps\[0\]"):
        runbook_script(THREE, moves_of([step]))


def test_a_record_goes_with_the_last_bytes(tmp_path: Path) -> None:
    moves = moves_between(THREE, kept(("b", 0, 200), ("c", 0, 200)), kept(("c", 0, 200)))
    files = files_of(tmp_path, THREE, kept(("b", 0, 200), ("c", 0, 200)))
    assert files.run(runbook_script(THREE, moves))[0] == 0
    assert not (files.of("b") / "records" / "base.record").exists()
    assert (files.of("c") / "records" / "base.record").exists()


def test_bytes_that_rotted_are_not_stored_elsewhere_with_a_sum_that_makes_them_right(
    tmp_path: Path,
) -> None:
    steps = [
        Step(action="copy", diff="base", server="c", start=0, stop=120, source="b"),
        Step(action="delete", diff="base", server="b", start=0, stop=200),
    ]
    files = files_of(tmp_path, THREE, kept(("b", 0, 200)))
    stored = files.of("b") / "store" / "base" / "0-200"
    held = bytearray(stored.read_bytes())
    held[150] ^= 1
    stored.write_bytes(held)
    code, told = files.run(runbook_script(THREE, moves_of(steps)))
    assert code == 1
    assert "damaged: " in told
    assert not list(files.of("c").glob("store/base/*-*"))
    assert stored.exists()


def test_steps_of_a_run_that_was_cut_off_count_no_longer_when_another_run_undid_them(
    tmp_path: Path,
) -> None:
    on_b, on_c = kept(("b", 0, 200)), kept(("c", 0, 200))
    files = files_of(tmp_path, THREE, on_b)
    (files.of("a") / "saved" / "base.qcow2").unlink()
    steps = moves_of(
        [
            Step(action="copy", diff="base", server="c", start=0, stop=200, source="b"),
            Step(action="delete", diff="base", server="b", start=0, stop=200),
        ]
    )
    script = runbook_script(THREE, steps)
    assert files.run(script.replace("    drop 2", "    die; drop 2"))[0] == 1
    back = moves_of([Step(action="delete", diff="base", server="c", start=0, stop=200)])
    assert files.run(runbook_script(THREE, back))[0] == 0
    # To go on behind the first step would delete the last copy.
    assert files.run(script)[0] == 0
    assert stores(files, on_c.stored)
