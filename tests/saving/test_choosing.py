from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from spareplace.errors import InvalidInput
from spareplace.parts import Diff
from spareplace.saving import DifferenceForest, difference_forest
from spareplace.saving.contents import BLOCK
from spareplace.saving.forest_file import forest_text, read_forest
from spareplace.saving.sharing import FIXED
from tests.saving.strategies import IMAGES, write_raw


def size(data: int, tables: int = 1) -> int:
    """Give the size of a file of some clusters of data and of second tables."""
    return (data + tables + FIXED) * BLOCK


def _other(image: str, base: str) -> list[tuple[str, str]]:
    pairs = zip(image, base.ljust(len(image), "."), strict=False)
    return [pair for pair in pairs if pair[0] != pair[1]]


@settings(max_examples=40)
@given(images=IMAGES)
def test_a_difference_has_a_cluster_for_each_block_that_differs(images: list[str]) -> None:
    with TemporaryDirectory() as folder:
        paths = {
            f"{at}": write_raw(Path(folder) / f"{at}.raw", text) for at, text in enumerate(images)
        }
        forest = difference_forest(paths)
    for diff in forest.diffs:
        text = images[int(diff.name)]
        other = _other(text, "" if diff.parent is None else images[int(diff.parent)])
        data = sum(letter != "." for letter, _ in other)
        assert diff.size == size(data, tables=bool(other))
        assert diff.virtual_size == len(text) * BLOCK
    assert forest.total_bytes <= forest.alone_bytes


@pytest.fixture
def web(tmp_path: Path) -> DifferenceForest:
    paths = [
        write_raw(tmp_path / f"{name}.raw", text)
        for name, text in {"base": "aaaaaa", "web": "aaabbb", "other": "cccccc"}.items()
    ]
    return difference_forest(paths)


def test_images_that_share_blocks_are_differences_and_others_are_not(
    web: DifferenceForest,
) -> None:
    assert [(it.name, it.parent, it.size) for it in web.diffs] == [
        ("base", None, size(6)),
        ("web", "base", size(3)),
        ("other", None, size(6)),
    ]
    assert (web.total_bytes, web.alone_bytes) == (size(6) * 2 + size(3), size(6) * 3)
    assert web.as_diffs()[1] == Diff(name="web", size=size(3), parent="base")


def test_a_new_generation_picks_the_best_base_that_is_stored(
    web: DifferenceForest, tmp_path: Path
) -> None:
    newer = write_raw(tmp_path / "web-2.raw", "aaabbd")
    again = difference_forest([newer], base=web)
    assert again.diffs[:3] == web.diffs
    assert (again.diffs[3].parent, again.diffs[3].size) == ("web", size(1))
    shallow = difference_forest([newer], base=web, depth_limit=1)
    assert (shallow.diffs[3].parent, shallow.diffs[3].size) == ("base", size(3))


def test_with_digests_the_images_of_the_base_are_not_read_again(tmp_path: Path) -> None:
    old = write_raw(tmp_path / "old.raw", "aaaa")
    kept = tmp_path / "kept"
    kept.mkdir()
    base = difference_forest([old], digests=kept)
    Path(old).unlink()
    new = write_raw(tmp_path / "new.raw", "aaab")
    assert difference_forest([new], base=base, digests=kept).diffs[1].parent == "old"
    (kept / "old.blocks").write_bytes(b"12345678")
    with pytest.raises(InvalidInput, match="found 8 bytes, expected the digests of 'old'"):
        difference_forest([new], base=base, digests=kept)
    (kept / "old.blocks").unlink()
    with pytest.raises(InvalidInput, match="found no such file"):
        difference_forest([new], base=base, digests=kept)


def test_a_forest_written_reads_back_equal(web: DifferenceForest) -> None:
    assert read_forest(forest_text(web)) == web
    text = forest_text(web).replace('"parent": null', '"parent": "web"', 1)
    with pytest.raises(InvalidInput, match=r"\$\.diffs\[0\]\.parent.*a diff before it"):
        read_forest(text)


def test_progress_is_told_of_every_image(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{name}.raw", "ab") for name in "xy"]
    told: list[tuple[str, int, int]] = []
    difference_forest(paths, progress=lambda *one: told.append(one))
    assert told == [("x", 2 * BLOCK, 2 * BLOCK), ("y", 2 * BLOCK, 2 * BLOCK)]


def test_a_name_is_used_once(tmp_path: Path, web: DifferenceForest) -> None:
    (tmp_path / "else").mkdir()
    paths = [write_raw(tmp_path / part, "a") for part in ("new.raw", "else/new.img")]
    with pytest.raises(InvalidInput, match="a name of its own"):
        difference_forest(paths)
    again = write_raw(tmp_path / "else" / "web.raw", "a")
    with pytest.raises(InvalidInput, match="the stored tree has it"):
        difference_forest([again], base=web)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "x\udcff.raw")
    with pytest.raises(InvalidInput, match=r"x.udcff.raw.*a name in UTF-8"):
        difference_forest([path])


def test_the_digests_of_an_image_that_is_saved_are_not_replaced_by_those_of_another(
    tmp_path: Path,
) -> None:
    path, folder = write_raw(tmp_path / "x.raw", "aa"), tmp_path / "saved"
    folder.mkdir()
    difference_forest([path], digests=folder)
    write_raw(tmp_path / "x.raw", "ab")
    difference_forest([path], digests=folder)  # nothing is saved of it yet
    held = (folder / "x.blocks").read_bytes()
    (folder / "x.qcow2").write_bytes(b"the file of x")
    difference_forest([path], digests=folder)
    write_raw(tmp_path / "x.raw", "bb")
    with pytest.raises(InvalidInput, match="an image of other contents has it"):
        difference_forest([path], digests=folder)
    assert {it.name for it in folder.iterdir()} == {"x.blocks", "x.qcow2"}
    assert (folder / "x.blocks").read_bytes() == held


def test_memory_does_not_grow_with_the_disks(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{name}.raw", f"a{name}") for name in "xyz"]
    for path in paths:
        os.truncate(path, 2**38)
    (tmp_path / "saved").mkdir()
    tracemalloc.start()
    try:
        forest = difference_forest(paths, digests=tmp_path / "saved")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [it.parent for it in forest.diffs] == [None, "x", "x"]
    assert peak < 2**23  # a whole one has 2^22 blocks, with digests of 8 bytes


@pytest.mark.parametrize("limit", [-1, 1.5, True])
def test_a_limit_that_is_none_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput, match="depth_limit"):
        difference_forest([], depth_limit=limit)
