from __future__ import annotations

import os
from pathlib import Path

import pytest

from spareplace.saving.forest_file import read_forest
from tests.cli.commands import run
from tests.saving.strategies import write_raw


@pytest.fixture
def images(tmp_path: Path) -> list[str]:
    texts = {"base": "aaaaaa", "web": "aaabbb"}
    return [write_raw(tmp_path / f"{name}.raw", text) for name, text in texts.items()]


def test_people_see_what_is_built_on_what_and_what_that_saves(images: list[str]) -> None:
    result = run("difftree", *images)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "alone           1.44 MB",
        "as differences  1.25 MB, 13.6% less",
    ]
    assert [line.split()[:3] for line in lines[3:]] == [
        ["diff", "on", "bytes"],
        ["base", "-", "720896"],
        ["web", "base", "524288"],
    ]


def test_json_is_the_document(images: list[str]) -> None:
    forest = read_forest(run("difftree", *images, "--json").stdout)
    assert [(it.name, it.parent, it.file) for it in forest.diffs] == [
        ("base", None, None),
        ("web", "base", None),
    ]


def test_the_depth_is_limited(images: list[str]) -> None:
    result = run("difftree", *images, "--depth-limit", "0", "--json")
    assert all(it.parent is None for it in read_forest(result.stdout).diffs)


def test_a_tree_takes_new_images(images: list[str], tmp_path: Path) -> None:
    tree = tmp_path / "tree.json"
    tree.write_text(run("difftree", images[0], "--json").stdout)
    result = run("difftree", images[1], "--base", str(tree), "--json")
    assert result.exit_code == 0, result.stderr
    assert read_forest(result.stdout).diffs[1].parent == "base"


def test_a_tree_is_not_written_in_the_place_of_another(images: list[str], tmp_path: Path) -> None:
    tree = tmp_path / "difftree.json"
    tree.write_text(run("difftree", images[0], "--json").stdout)
    held = tree.read_bytes()
    result = run("difftree", images[1], "-o", str(tmp_path))
    assert result.exit_code == 2
    assert "has base, too: add to it with --base" in result.stderr
    assert tree.read_bytes() == held


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.raw")
    result = run("difftree", str(tmp_path / "x.raw"))
    assert result.exit_code == 3
    assert "found a pipe" in result.stderr


def test_a_name_that_is_no_text_is_invalid_input(tmp_path: Path) -> None:
    result = run("difftree", os.fsdecode(os.fsencode(tmp_path / "x") + b"\xff.raw"))
    assert result.exit_code == 3
    assert "a name in UTF-8" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["{0}", "{0}"], 3, "a name of its own"),
        (["nowhere.raw"], 3, "nowhere.raw: found no such file or directory"),
        (["{0}", "--base", "nowhere.json"], 3, "nowhere.json: found no such file"),
        (["{0}", "--format", "qcow2"], 3, "no qcow2 file"),
        (["{0}", "-o", "nowhere"], 2, "there is no folder"),
        (["{0}", "--base", "x.json", "-o", "/"], 2, "-o must name that"),
        (["{0}", "--depth-limit", "-1"], 2, "--depth-limit"),
        ([], 2, "IMAGE"),
    ],
)
def test_what_cannot_be_done_is_said(
    images: list[str], words: list[str], code: int, said: str
) -> None:
    result = run("difftree", *[word.format(*images) for word in words])
    assert result.exit_code == code
    assert said in result.stderr
