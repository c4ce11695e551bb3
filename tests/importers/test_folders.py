from __future__ import annotations

import os
from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers import folders
from spareplace.importers.folders import read_sources
from spareplace.importers.proxmox import read_dump
from spareplace.importers.sources import Source


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    for host in ("a", "b"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "x.json").write_text(host)
    (tmp_path / "hosts.csv").write_text("name\n")
    return tmp_path


def _found(sources: tuple[Source, ...]) -> list[tuple[str | None, bytes]]:
    return [(source.host, source.content) for source in sources]


def test_a_folder_of_folders_has_one_for_each_host(hosts: Path) -> None:
    assert _found(read_sources([str(hosts)])) == [("a", b"a"), ("b", b"b")]


def test_a_folder_of_files_is_that_of_one_host(hosts: Path) -> None:
    assert _found(read_sources([str(hosts / "b")])) == [("b", b"b")]
    assert _found(read_sources([f"{hosts / 'b'}/"])) == [("b", b"b")]


def test_a_file_is_from_the_host_that_its_folder_is_named_after(hosts: Path) -> None:
    assert _found(read_sources([str(hosts / "a" / "x.json")])) == [("a", b"a")]


def test_a_named_host_counts_more_than_the_folder(hosts: Path) -> None:
    assert _found(read_sources([], {str(hosts / "a"): "c"})) == [("c", b"a")]


def test_a_file_of_which_nothing_says_the_host_is_refused(
    hosts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hosts / "a")
    with pytest.raises(InvalidInput, match=r"x\.json: .*in no folder that is named after a host"):
        read_sources(["x.json"])
    assert _found(read_sources(["."])) == [("a", b"a")]


def test_hidden_files_are_passed_over(hosts: Path) -> None:
    (hosts / "a" / ".x.json.swp").write_text("no")
    (hosts / ".git").mkdir()
    assert len(read_sources([str(hosts)])) == 2


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a folder without files"):
        read_sources([str(tmp_path)])


def test_a_folder_of_any_name_is_a_host(tmp_path: Path) -> None:
    name = 'rack 1\'s "ü"\n'
    (tmp_path / name).mkdir()
    (tmp_path / name / "x.json").write_text("{}")
    assert [source.host for source in read_sources([str(tmp_path)])] == [name]


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_folder_whose_name_is_no_text_is_told_as_such(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)
    with open(folder + b"/x.json", "w") as file:
        file.write("{}")
    (source,) = read_sources([str(tmp_path)])
    assert source.host == "\udcff"  # refused when a server is made of it


@pytest.mark.parametrize("target", ["away", "x.json"], ids=["nowhere", "itself"])
def test_what_cannot_be_looked_at_is_refused_and_not_passed_over(
    tmp_path: Path, target: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").symlink_to(target)
    for read in (read_sources, read_dump):
        with pytest.raises(InvalidInput, match=r"a/x\.json: .* expected a file or a folder"):
            read([str(tmp_path)])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may look at everything")
def test_a_folder_that_may_be_listed_but_not_entered_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").write_text("[]")
    (tmp_path / "a").chmod(0o444)
    for read in (read_sources, read_dump):
        with pytest.raises(InvalidInput, match=r"x\.json: .*permission denied"):
            read([str(tmp_path)])
    (tmp_path / "a").chmod(0o755)


def test_what_all_files_hold_is_bounded(hosts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_BYTES", 1)
    with pytest.raises(InvalidInput, match=r"b/x\.json: .*too much to read with this file"):
        read_sources([str(hosts)])
    monkeypatch.setattr(folders, "MOST_BYTES", 2)
    monkeypatch.setattr(folders, "MOST_FILES", 1)
    with pytest.raises(InvalidInput, match="at most 1 files, of 2 bytes in all"):
        read_sources([str(hosts)])
