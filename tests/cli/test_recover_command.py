from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from spareplace import load_cluster, load_plan, recover
from spareplace.lifecycle.recovering.schedule_file import read_recovery, recovery_text
from tests.cli.commands import FULL, PAPER, TINY, run


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A plan for the paper's example, by ``level``."""
    path = tmp_path / "plan.json"
    assert run("plan", PAPER, "--method", "level", "-o", str(path)).exit_code == 0
    return str(path)


def _named(tmp_path: Path, *names: str) -> tuple[str, str]:
    """A cluster of servers of these names, and its plan."""
    servers = [{"name": name, "disk": 100} for name in names]
    vms = [{"name": "web", "server": names[0], "disk": 5}]
    document = {"format": "spareplace/cluster/1", "servers": servers, "vms": vms}
    paths = str(tmp_path / "named.json"), str(tmp_path / "named-plan.json")
    Path(paths[0]).write_text(json.dumps(document))
    assert run("plan", paths[0], "--method", "greedy", "-o", paths[1]).exit_code == 0
    return paths


def _failed(result: Result) -> list[str]:
    assert result.exit_code in (0, 4), result.stderr
    failed = json.loads(result.stdout)["failed"]
    assert isinstance(failed, list)
    return failed


def test_the_document_is_that_of_the_library(plan: str) -> None:
    result = run("recover", PAPER, plan, "--failed", "Sk", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = recover(load_cluster(PAPER), load_plan(plan), ["Sk"])
    assert result.stdout == recovery_text(found)
    document = json.loads(result.stdout)
    assert document["transfer_bytes"] == 65 * 10**9
    assert [one["vm"] for one in document["rebuilds"]] == ["G", "H", "I"]
    assert document["transfers"]


@pytest.mark.parametrize(
    "words",
    [
        ["{c}", "{p}", "--failed", "Si", "Sk", "--json"],
        ["{c}", "{p}", "--failed", "Si", "--json", "--failed", "Sk"],
        ["{c}", "{p}", "--failed=Si", "--failed=Sk", "--json"],
        ["{c}", "--json", "{p}", "--failed", "Si", "Sk"],
        ["--json", "--failed", "Sk", "Si", "Si", "--", "{c}", "{p}"],
        ["--failed", "Si", "Sk", "--json", "{c}", "{p}"],
    ],
)
def test_failed_servers_are_named_up_to_the_next_option(plan: str, words: list[str]) -> None:
    given = [word.format(c=PAPER, p=plan) for word in words]
    assert _failed(run("recover", *given)) == ["Si", "Sk"]


def test_names_may_hold_commas_and_spaces_and_dashes(tmp_path: Path) -> None:
    cluster, plan = _named(tmp_path, "rack 1, top", "-o", "--json", "c")
    both = run("recover", cluster, plan, "--failed", "rack 1, top", "c", "--json")
    assert _failed(both) == ["rack 1, top", "c"]
    dashes = run("recover", cluster, plan, "--json", "--failed", "-o", "--failed=--json")
    assert _failed(dashes) == ["-o", "--json"]


def test_people_see_who_is_up_where_and_when(tmp_path: Path) -> None:
    rates = TINY.replace('"zone": "r2"', '"net_in": 4')
    cluster, plan = tmp_path / "cluster.json", tmp_path / "plan.json"
    cluster.write_text(rates.replace('"b", "disk": 100', '"b", "disk": 60'))
    third = '{"name": "c", "disk": 100, "accept_rebuilds": false}, {"name": "b"'
    cluster.write_text(cluster.read_text().replace('{"name": "b"', third))
    assert run("plan", str(cluster), "--method", "greedy", "-o", str(plan)).exit_code == 0
    result = run("recover", str(cluster), str(plan), "--failed", "a")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "failed        a\n"
        "VMs           1 rebuilt\n"
        "transfers     1, 40 B\n"
        "time          10 s\n"
        "busiest link  in of b: 40 B in 10 s at least\n"
        "\n"
        "up after  VM   on server\n"
        "    10 s  web  b\n"
    )


def test_times_without_rates_are_not_passed_off_as_known(plan: str) -> None:
    result = run("recover", PAPER, plan, "--failed", "Sk")
    assert "time       unknown: no server on the way has a net_in or net_out" in result.stdout


def test_vms_that_cannot_be_rebuilt_end_with_4_and_the_document_is_printed(plan: str) -> None:
    result = run("recover", PAPER, plan, "--failed", "Si", "Sk", "--json")
    assert result.exit_code == 4
    document = json.loads(result.stdout)
    assert document["lost"][0]["reason"] == "data lost"
    assert document["rebuilds"]
    assert "error: 5 of 6 protected VMs cannot be rebuilt" in result.stderr
    people = run("recover", PAPER, plan, "--failed", "Si", "Sk")
    assert people.exit_code == 4
    assert "  A: 5000000000 bytes of diff 'a9' are on no surviving server" in people.stdout


def test_when_everything_failed_every_vm_is_lost(plan: str) -> None:
    result = run("recover", PAPER, plan, "--failed", "Si", "Sj", "Sk", "Sl")
    assert result.exit_code == 4
    assert "every server failed" in result.stderr
    assert "0 rebuilt, 10 cannot be" in result.stdout


def test_a_recovery_is_written_to_a_file(plan: str, tmp_path: Path) -> None:
    target = tmp_path / "recovery.json"
    result = run("recover", PAPER, plan, "--failed", "Sk", "-o", str(target), "--json")
    assert result.exit_code == 0
    assert target.read_text() == result.stdout
    assert read_recovery(target.read_bytes()).failed == ("Sk",)


def test_a_file_that_is_read_is_not_written(plan: str) -> None:
    before = Path(plan).read_bytes()
    assert run("recover", PAPER, plan, "--failed", "Sk", "-o", plan).exit_code == 2
    assert run("recover", PAPER, plan, "--failed", "Sk", "-o", "-").exit_code == 2
    assert Path(plan).read_bytes() == before


def test_an_unknown_server_ends_with_2_and_what_was_probably_meant(
    plan: str, tmp_path: Path
) -> None:
    target = tmp_path / "recovery.json"
    result = run("recover", PAPER, plan, "--failed", "Skk", "-o", str(target))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--failed: found 'Skk'" in result.stderr
    assert "did you mean 'Sk'?" in result.stderr
    commas = run("recover", PAPER, plan, "--failed", "Si,Sx")
    assert commas.exit_code == 2
    assert "name each server by itself, without a comma: Si Sx" in commas.stderr
    assert not target.exists()


def test_a_plan_of_another_cluster_ends_with_7_unless_it_may_be_stale(plan: str) -> None:
    refused = run("recover", PAPER, plan, "--failed", "Sk", "--failures", "pairs")
    assert (refused.exit_code, refused.stdout) == (7, "")
    taken = run("recover", PAPER, plan, "--failed", "Sk", "--failures", "pairs", "--stale-plan")
    assert taken.exit_code == 0
    assert run("recover", PAPER, plan, "--failed", "Sk", "--failures", "single").exit_code == 0


def test_wrong_usage_ends_with_2(plan: str) -> None:
    assert run("recover", PAPER, plan).exit_code == 2
    assert run("recover", PAPER, plan, "--failed").exit_code == 2
    assert run("recover", PAPER, plan, "--failed", "Sk", "--time-limit", "-1").exit_code == 2
    assert run("recover", PAPER, plan, "--failed", "Sk", "--seed", "x").exit_code == 2
    assert run("recover", "-", "-", "--failed", "a", given=TINY).exit_code == 2


def test_the_cluster_may_come_from_standard_input(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("plan", "-", "--allow-unprotected", "-o", str(plan), given=FULL).exit_code == 0
    result = run("recover", "-", str(plan), "--failed", "a", given=FULL)
    assert result.exit_code == 4
    assert "web: 40 bytes of diff 'base' are on no surviving server" in result.stdout
