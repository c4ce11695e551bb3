from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.files import (
    LARGEST_FILE,
    load_cluster,
    load_plan,
    read_cluster,
    read_plan,
    save_cluster,
    save_plan,
)

from .bad_input import GOOD_CLUSTER, GOOD_PLAN

CLUSTER = read_cluster(GOOD_CLUSTER)
PLAN = read_plan(GOOD_PLAN)


def test_what_is_saved_is_loaded_by_text_or_path(tmp_path: Path) -> None:
    save_cluster(CLUSTER, tmp_path / "cluster.json")
    save_plan(PLAN, str(tmp_path / "plan.json"))
    assert load_cluster(str(tmp_path / "cluster.json")) == CLUSTER
    assert load_plan(tmp_path / "plan.json") == PLAN
    assert sorted(os.listdir(tmp_path)) == ["cluster.json", "plan.json"]


def test_a_file_that_cannot_be_read_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_cluster(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError):
        load_plan(tmp_path)


def test_the_message_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("{}")
    with pytest.raises(InvalidInput) as caught:
        load_plan(path)
    assert all(line.startswith(f"{path}: $.") for line in str(caught.value).splitlines())


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with open(path, "wb") as file:
        file.truncate(100 * LARGEST_FILE)  # a hole: it takes no room on the disk
    with pytest.raises(InvalidInput, match="64 MiB"):
        load_cluster(path)


def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    def no_space(_handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space"):
        save_plan(PLAN, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_write_where_no_folder_is_fails_as_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save_cluster(CLUSTER, tmp_path / "none" / "cluster.json")


def test_the_rights_on_a_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o640)
    save_plan(PLAN, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    save_plan(PLAN, tmp_path / "plan.json")
    assert (tmp_path / "plan.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("plan.json")
    save_plan(PLAN, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert load_plan(tmp_path / "plan.json") == PLAN


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_written_to_and_read_from_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=save_plan, args=(PLAN, pipe))
    writer.start()
    assert load_plan(pipe) == PLAN
    writer.join()
    assert pipe.is_fifo()
