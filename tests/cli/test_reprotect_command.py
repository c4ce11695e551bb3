from __future__ import annotations

import json
from pathlib import Path

import pytest

from spareplace.cli.exits import Exit
from tests.cli.commands import PAPER, run

QUICK = ("--method", "search", "--iterations", "2", "--allow-unprotected")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("plans") / "plan.json")
    assert run("plan", PAPER, "--method", "greedy", "-o", path).exit_code == Exit.DONE
    return path


@pytest.mark.parametrize(
    "command",
    [("reprotect", "--failed", "Sl"), ("drain", "Sl")],
    ids=["reprotect", "drain"],
)
def test_what_is_left_is_written_as_a_cluster_with_its_plan(
    plan: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    cluster, after = str(tmp_path / "cluster.json"), str(tmp_path / "plan.json")
    name, *rest = command
    out = ("-o", after, "--cluster-output", cluster)
    result = run(name, PAPER, plan, *rest, *QUICK, *out)
    assert (result.exit_code, result.stderr) == (Exit.DONE, "")
    assert "in this order" in result.stdout
    assert run("check", cluster, after).exit_code == Exit.DONE
    names = [server["name"] for server in json.loads(Path(cluster).read_text())["servers"]]
    assert names == ["Si", "Sj", "Sk"]


def test_what_stays_on_a_drained_server_is_told(plan: str) -> None:
    stored = [it for it in json.loads(Path(plan).read_text())["stored"] if it["server"] == "Sl"]
    assert stored
    document = json.loads(run("drain", PAPER, plan, "Sl", *QUICK, "--json").stdout)
    assert document["left"] == stored
    steps = document["moves"]["steps"] + document["deletions"]["steps"]
    assert "Sl" not in {step["server"] for step in steps}
    left = sum(it["stop"] - it["start"] for it in stored) / 10**9
    people = run("drain", PAPER, plan, "Sl", *QUICK).stdout
    assert f"then server Sl can go, with {left:g} GB that nobody needs; the plan" in people


def test_several_servers_may_have_failed(plan: str) -> None:
    result = run("reprotect", PAPER, plan, "--failed", "Sl", "Sj", *QUICK, "--json")
    document = json.loads(result.stdout)
    assert document["recovery"]["failed"] == ["Sj", "Sl"]
    assert [server["name"] for server in document["cluster"]["servers"]] == ["Si", "Sk"]


def test_what_cannot_be_protected_is_infeasible_and_no_file_is_written(
    plan: str, tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    result = run("reprotect", PAPER, plan, "--failed", "Sk", "-o", str(out))
    assert result.exit_code == Exit.INFEASIBLE
    assert "disk" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [("reprotect", PAPER, "{plan}", "--failed", "Sx"), ("drain", PAPER, "{plan}", "Sx")],
    ids=["reprotect", "drain"],
)
def test_an_unknown_server_is_wrong_usage(plan: str, arguments: tuple[str, ...]) -> None:
    result = run(*(word.format(plan=plan) for word in arguments))
    assert result.exit_code == Exit.USAGE
    assert "'Sx'" in result.stderr


def test_all_servers_failed_is_wrong_usage(plan: str) -> None:
    result = run("reprotect", PAPER, plan, "--failed", "Si", "Sj", "Sk", "Sl")
    assert result.exit_code == Exit.USAGE
    assert "--failed: no server would be left" in result.stderr


def test_to_drain_the_only_server_is_wrong_usage(tmp_path: Path) -> None:
    cluster, made = str(tmp_path / "cluster.json"), str(tmp_path / "plan.json")
    Path(cluster).write_text(
        '{"format": "spareplace/cluster/1", "servers": [{"name": "a", "disk": 1}]}'
    )
    assert run("plan", cluster, "-o", made).exit_code == 0
    result = run("drain", cluster, made, "a")
    assert result.exit_code == Exit.USAGE
    assert "SERVER: no server would be left" in result.stderr


def test_a_plan_of_another_cluster_is_refused_where_it_is_taken_for_granted(
    plan: str, tmp_path: Path
) -> None:
    other = tmp_path / "cluster.json"
    other.write_text(Path(PAPER).read_text().replace('"disk": "40GB"', '"disk": "39GB"', 1))
    result = run("reprotect", str(other), plan, "--failed", "Sl", *QUICK)
    assert result.exit_code == Exit.OTHER_CLUSTER


def test_the_plan_alone_does_not_replace_the_one_that_is_read(plan: str) -> None:
    before = Path(plan).read_bytes()
    result = run("drain", PAPER, plan, "Sl", *QUICK, "-o", plan)
    assert result.exit_code == Exit.USAGE
    assert "needs --cluster-output as well" in result.stderr
    assert Path(plan).read_bytes() == before
