from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from spareplace.cli import pair_of_files
from spareplace.files import load_cluster, load_plan
from spareplace.verify import check
from tests.cli.commands import PAPER, run

NEWS = """{"format": "spareplace/registration/1",
"diffs": [{"name": "c1", "size": "5GB", "parent": "a9"}],
"vms": [{"name": "A", "server": "Si", "diff": "c1", "disk": "40GB"}]}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """The paper's cluster, a plan for it, and a registration: a new generation of A."""
    plan = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "greedy", "-o", str(plan)).exit_code == 0
    cluster, news = tmp_path / "cluster.json", tmp_path / "news.json"
    cluster.write_bytes(Path(PAPER).read_bytes())
    news.write_text(NEWS)
    return str(cluster), str(plan), str(news)


def test_cluster_and_plan_are_written_together(files: tuple[str, str, str], tmp_path: Path) -> None:
    new_plan, new_cluster = str(tmp_path / "p2.json"), str(tmp_path / "c2.json")
    result = run("register", *files, "-o", new_plan, "--cluster-output", new_cluster)
    assert result.exit_code == 0, result.stderr
    assert "c1" in result.stdout
    cluster, plan = load_cluster(new_cluster), load_plan(new_plan)
    assert check(cluster, plan) == ()
    assert {vm.name: vm.diff for vm in cluster.vms}["A"] == "c1"


def test_both_may_be_replaced_in_place(files: tuple[str, str, str]) -> None:
    cluster, plan, _ = files
    os.chmod(plan, 0o640)
    result = run("register", *files, "-o", plan, "--cluster-output", cluster)
    assert result.exit_code == 0, result.stderr
    assert check(load_cluster(cluster), load_plan(plan)) == ()
    assert os.stat(plan).st_mode & 0o777 == 0o640
    assert len(os.listdir(Path(plan).parent)) == 3


def test_without_output_nothing_is_written(files: tuple[str, str, str]) -> None:
    before = [Path(name).read_bytes() for name in files]
    result = run("register", *files)
    assert result.exit_code == 0
    assert "new or changed" in result.stdout
    assert [Path(name).read_bytes() for name in files] == before


def test_what_was_done_is_given_as_json(files: tuple[str, str, str]) -> None:
    result = run("register", *files, "--json")
    document = json.loads(result.stdout)
    assert document["format"] == "spareplace/registered/1"
    assert "c1" in [one["diff"] for one in document["added"]]
    assert document["expected_transfer_bytes_after"] == document["expected_transfer_bytes_before"]


def test_the_registration_may_come_from_standard_input(files: tuple[str, str, str]) -> None:
    assert run("register", *files[:2], "-", given=NEWS).exit_code == 0
    assert run("register", "-", files[1], "-", given=NEWS).exit_code == 2


def test_errors_leave_the_files_as_they_were(files: tuple[str, str, str]) -> None:
    cluster, plan, news = files
    outputs = ("-o", plan, "--cluster-output", cluster)
    before = [Path(name).read_bytes() for name in (cluster, plan)]
    Path(news).write_text(NEWS.replace("Si", "Sx"))
    unknown = run("register", *files, *outputs)
    assert (unknown.exit_code, unknown.stdout) == (3, "")
    assert f"{news}: $.vms[0].server" in unknown.stderr
    Path(news).write_text(NEWS.replace("Si", "Sx").replace("5GB", "5 loaves"))
    both = run("register", *files, *outputs)
    assert both.exit_code == 3
    assert f"{news}: $.diffs[0].size" in both.stderr
    assert f"{news}: $.vms[0].server" in both.stderr
    Path(news).write_text(NEWS.replace("40GB", "400GB"))
    no_room = run("register", *files, *outputs)
    assert no_room.exit_code == 5
    assert "VM 'A' fits on no server" in no_room.stderr
    assert [Path(name).read_bytes() for name in (cluster, plan)] == before


def test_a_plan_of_another_cluster_ends_with_7(files: tuple[str, str, str]) -> None:
    result = run("register", *files, "--failures", "pairs")
    assert result.exit_code == 7


def test_what_is_read_is_replaced_with_its_other_half_alone(
    files: tuple[str, str, str], tmp_path: Path
) -> None:
    new = str(tmp_path / "new.json")
    assert run("register", *files, "-o", files[1]).exit_code == 2
    assert run("register", *files, "--cluster-output", files[0]).exit_code == 2
    assert run("register", *files, "-o", new, "--cluster-output", new).exit_code == 2
    assert run("register", *files, "-o", files[2], "--cluster-output", new).exit_code == 2
    assert run("register", *files, "-o", new, "--cluster-output", files[1]).exit_code == 2
    assert not Path(new).exists()
    assert run("register", *files, "-o", new).exit_code == 0
    assert Path(new).exists()


def test_a_file_that_cannot_be_read_is_invalid_input(files: tuple[str, str, str]) -> None:
    result = run("register", *files[:2], "no such file")
    assert result.exit_code == 3
    assert "no such file" in result.stderr


def test_neither_file_is_replaced_if_one_draft_cannot_be_written(
    files: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, plan, _ = files
    before = [Path(name).read_bytes() for name in (cluster, plan)]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pair_of_files, "save_plan", full)
    result = run("register", *files, "-o", plan, "--cluster-output", cluster)
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert [Path(name).read_bytes() for name in (cluster, plan)] == before
    assert len(os.listdir(Path(plan).parent)) == 3
