from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spareplace.errors import InvalidInput
from spareplace.saving import difference_forest, save_differences
from spareplace.saving.contents import BLOCK, blocks_of
from spareplace.saving.writing import ToolFailed
from tests.cli.commands import run
from tests.qcow2.needs import needs_qemu_img
from tests.saving.strategies import IMAGES, write_raw

pytestmark = needs_qemu_img


def qemu_img(*words: str | Path) -> str:
    done = subprocess.run(["qemu-img", *map(str, words)], check=True, capture_output=True)
    return done.stdout.decode()


def same(first: Path, second: Path) -> None:
    qemu_img("compare", "-f", "qcow2", "-F", "raw", first, second)


@pytest.mark.parametrize(
    "options",
    [
        ["-o", "cluster_size=512"],
        ["-o", "cluster_size=4k"],
        ["-o", "cluster_size=2M"],
        ["-o", "compat=0.10"],
        ["-o", "preallocation=metadata"],
        ["-c"],
        ["-c", "-o", "cluster_size=8k"],
    ],
    ids=" ".join,
)
def test_a_qcow2_image_has_the_blocks_of_the_raw_one(tmp_path: Path, options: list[str]) -> None:
    raw = write_raw(tmp_path / "x.raw", "ab..c" + "." * 40 + "dd.e", tail=1536)
    qemu_img("convert", "-f", "raw", "-O", "qcow2", *options, raw, tmp_path / "x.qcow2")
    blocks = [it for it in blocks_of(str(tmp_path / "x.qcow2"), "qcow2") if any(it[1])]
    assert blocks == [it for it in blocks_of(raw, "raw") if any(it[1])]


def test_what_qemu_marked_as_zeros_is_zeros(tmp_path: Path) -> None:
    image = tmp_path / "x.qcow2"
    qemu_img("create", "-f", "qcow2", image, "4M")
    for word in ("write -P 7 0 1M", "write -z 64k 64k", "discard 256k 64k"):
        subprocess.run(["qemu-io", "-c", word, str(image)], check=True, capture_output=True)
    filled = {number for number, block in blocks_of(str(image), "qcow2") if any(block)}
    assert filled == set(range(16)) - {1, 4}


@settings(max_examples=8)
@given(images=IMAGES, limit=st.integers(0, 2))
def test_what_is_written_reads_as_the_images_and_is_as_large_as_was_said(
    tmp_path_factory: pytest.TempPathFactory, images: list[str], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("saving")
    paths = {
        f"{at} {text}": write_raw(folder / f"{at}.raw", text + "c", tail=512)
        for at, text in enumerate(images)
    }
    forest = difference_forest(paths, depth_limit=limit)
    saved = save_differences(forest, folder)
    for said, diff in zip(forest.diffs, saved.diffs, strict=True):
        assert diff.file is not None
        same(Path(diff.file), Path(diff.image))
        taken = Path(diff.file).stat()
        assert diff.size == taken.st_size == taken.st_blocks * 512
        assert abs(diff.size - said.size) <= BLOCK
    assert save_differences(forest, folder) == saved
    assert sorted(path.suffix for path in folder.iterdir()) == sorted(
        [".raw", ".qcow2"] * len(images)
    )


def test_files_of_a_tree_belong_together_in_any_folder(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{name}.raw", text) for name, text in
             {"base": "aaaaa", "web": "aaaab", "shop": "aaabb"}.items()]  # fmt: skip
    (tmp_path / "one").mkdir()
    save_differences(difference_forest(paths), tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "an other")
    for name in ("base", "web", "shop"):
        same(tmp_path / "an other" / f"{name}.qcow2", tmp_path / f"{name}.raw")


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    first = write_raw(tmp_path / "x.raw", "aa")
    save_differences(difference_forest([first]), tmp_path)
    held = (tmp_path / "x.qcow2").read_bytes()
    write_raw(tmp_path / "x.raw", "ab")
    with pytest.raises(ToolFailed, match="mismatch at offset 65536"):
        save_differences(difference_forest([first]), tmp_path)
    assert (tmp_path / "x.qcow2").read_bytes() == held


def test_an_image_is_not_taken_for_the_file_of_its_own_diff(tmp_path: Path) -> None:
    # Both read alike, but it is no difference on the other.
    paths = [write_raw(tmp_path / f"{name}.raw", text) for name, text in
             {"base": "aaaaa", "web": "aaaab"}.items()]  # fmt: skip
    for path in paths:
        qemu_img("convert", "-O", "qcow2", path, path.replace(".raw", ".qcow2"))
    images = [path.replace(".raw", ".qcow2") for path in paths]
    with pytest.raises(InvalidInput, match="the image itself in the folder of the tree"):
        save_differences(difference_forest(images), tmp_path)


def test_a_file_that_reads_alike_but_builds_on_another_is_not_taken(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{name}.raw", text) for name, text in
             {"base": "aaaaa", "web": "aaaab"}.items()]  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    save_differences(difference_forest(paths, depth_limit=0), out)
    with pytest.raises(InvalidInput, match="a file that builds on nothing, expected one that buil"):
        save_differences(difference_forest(paths), out)
    assert not list(out.glob("*.part*"))


def _backed(folder: Path) -> Path:
    raw = write_raw(folder / "base.raw", "aa")
    image = folder / "x.qcow2"
    qemu_img("create", "-f", "qcow2", "-F", "raw", "-b", raw, image)
    return image


def _data_elsewhere(folder: Path) -> Path:
    image = folder / "x.qcow2"
    options = f"data_file={folder}/data.raw,data_file_raw=on"
    qemu_img("create", "-f", "qcow2", "-o", options, image, "1M")
    return image


def _parts(folder: Path) -> Path:
    qemu_img("create", "-f", "qcow2", "-o", "extended_l2=on", folder / "x.qcow2", "1M")
    return folder / "x.qcow2"


def _cut(folder: Path) -> Path:
    raw = write_raw(folder / "base.raw", "aa")
    qemu_img("convert", "-O", "qcow2", raw, folder / "x.qcow2")
    with open(folder / "x.qcow2", "r+b") as file:
        file.truncate(70_000)
    return folder / "x.qcow2"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_backed, "builds on another file"),
        (_data_elsewhere, "its data in another file"),
        (_parts, "features that are not known here"),
        (_cut, "a file that ends before"),
    ],
)
def test_an_image_that_is_not_whole_in_itself_is_refused(
    tmp_path: Path, make: object, said: str
) -> None:
    assert callable(make)
    with pytest.raises(InvalidInput, match=said):
        difference_forest([str(make(tmp_path))])


def test_the_command_saves_a_tree_and_adds_to_it(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{name}.raw", text) for name, text in
             {"base": "aaaaaa", "we b": "aaabbb"}.items()]  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    result = run("difftree", *paths, "-o", str(out))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "as differences  1.25 MB" in result.stdout
    newer = write_raw(tmp_path / "newer.raw", "aaabbc")
    Path(paths[0]).unlink()  # what is saved is not read again
    tree = str(out / "difftree.json")
    added = run("difftree", newer, "--base", tree, "-o", str(out), "--json")
    assert added.exit_code == 0, added.stderr
    assert '"name": "newer", "size": 393216, "parent": "we b"' in added.stdout
    assert added.stdout == (out / "difftree.json").read_text()
    same(out / "newer.qcow2", Path(newer))
