from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from spareplace.cli.simulation_summary import progress_line
from spareplace.files import save_cluster
from spareplace.generate import generate_cluster
from spareplace.lifecycle.simulating import simulate
from spareplace.lifecycle.simulating.running import SimulationProgress
from spareplace.lifecycle.simulating.simulation_file import read_simulation
from tests.cli.commands import TINY, run

CLUSTER = generate_cluster(servers=4, vms_per_server=2, load=0.4, disk_slack=1.5)
SHORT = ("--months", "1", "--iterations", "0", "--failures-per-month", "4")


@pytest.fixture
def cluster(tmp_path: Path) -> str:
    path = tmp_path / "cluster.json"
    save_cluster(CLUSTER, path)
    return str(path)


def test_a_table_has_a_column_for_each_policy(cluster: str) -> None:
    result = run("simulate", cluster, *SHORT, "--policy", "greedy,search+replan")
    assert (result.exit_code, result.stderr) == (0, "")
    first, _, head, *rows = result.stdout.splitlines()
    assert first.startswith("1 month, seed 0: ")
    assert head.split() == ["greedy", "search+replan"]
    assert rows[0].startswith("sent to rebuild VMs")
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_the_json_document_is_the_simulation(cluster: str) -> None:
    result = run("simulate", cluster, *SHORT, "--seed", "3", "--policy", "level", "--json")
    expected = simulate(
        CLUSTER, months=1, seed=3, policies=["level"], failures_per_month=4, iterations=0
    )
    assert read_simulation(result.stdout) == expected
    assert json.loads(result.stdout)["format"] == "spareplace/simulation/1"


def test_csv_files_hold_policies_and_events(cluster: str, tmp_path: Path) -> None:
    table, events = tmp_path / "table.csv", tmp_path / "events.csv"
    result = run(
        "simulate", cluster, *SHORT, "--policy", "greedy,level",
        "--csv", str(table), "--events-csv", str(events),
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    with table.open(newline="") as file:
        assert [row["policy"] for row in csv.DictReader(file)] == ["greedy", "level"]
    with events.open(newline="") as file:
        assert next(csv.DictReader(file))["kind"] == "start"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--policy", "serach"), "did you mean 'search'"),
        (("--months", "0"), "--months: found 0, expected an integer from 1"),
        (("--repair-hours", "-1"), "--repair-hours: found -1.0"),
        (("--seed", "-1"), "--seed: found -1"),
        (("--csv", "-"), "--csv: for standard output, use --json"),
        (("--csv", "no/such/folder/t.csv"), "--csv"),
        (("--csv", "t.csv", "--events-csv", "./t.csv"), "name the same file"),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_done(
    options: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("simulate", "-", *options, given=TINY)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_cluster_that_is_not_valid_ends_with_3() -> None:
    assert run("simulate", "-", given="{}").exit_code == 3


def test_a_cluster_that_cannot_be_protected_is_simulated_all_the_same() -> None:
    given = TINY.replace('"b", "disk": 100', '"b", "disk": 39')
    result = run("simulate", "-", *SHORT, "--policy", "greedy,level,search", given=given)
    assert result.exit_code == 0, result.stderr


def test_the_progress_line_fits_on_a_terminal() -> None:
    progress = SimulationProgress(policy="search+replan", hours=8000.0, done=1, events=3)
    line = progress_line(progress)
    assert line == "[######              ]  33 %  search+replan, month 11"
