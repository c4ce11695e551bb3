from __future__ import annotations

import os
from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.sources import Source, read_source, read_sources, text_of


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


def test_a_path_that_leads_nowhere_is_refused(hosts: Path) -> None:
    with pytest.raises(InvalidInput, match=r"found no such file or directory, expected a file"):
        read_source(str(hosts / "c.json"))


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


def test_text_that_is_no_utf8_is_told_with_its_line() -> None:
    with pytest.raises(InvalidInput, match=r"f: line 2: found no UTF-8: 0xff, expected text"):
        text_of(Source(path="f", content=b"a\n\xff"))
