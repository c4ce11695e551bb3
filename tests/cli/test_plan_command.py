from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from spareplace.files import load_plan, read_cluster, read_plan
from spareplace.verify import check
from tests.cli.commands import FULL, PAPER, TINY, hard_cluster, run

LEVEL = ("--method", "level")


def test_the_papers_example_by_level() -> None:
    """Published, but for the b diffs: 15 / 10 / 65 / 20 GB for losing Si / Sj / Sk / Sl."""
    result = run("plan", PAPER, *LEVEL)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["expected", "transfer", "27.5", "GB"] in lines
    assert ["method", "level"] in lines
    costs = {line[0]: " ".join(line[3:]) for line in lines if line[1:2] == ["0.25"]}
    assert costs == {"Sk": "65 GB", "Sl": "20 GB", "Si": "15 GB", "Sj": "10 GB"}


def test_what_is_proven_is_said() -> None:
    result = run("plan", "-", given=TINY)
    assert result.exit_code == 0
    assert "optimal: the expected transfer is proven least" in result.stdout
    assert "method             milp, solver cp-sat" in result.stdout
    assert "expected transfer  0 B" in result.stdout


def test_json_is_the_plan_file_alone() -> None:
    result = run("plan", PAPER, *LEVEL, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    plan = read_plan(result.stdout_bytes)
    assert plan.expected_transfer_bytes == 27.5e9
    assert check(read_cluster(Path(PAPER).read_bytes()), plan) == ()


def test_a_plan_file_is_written_and_the_summary_is_still_printed(tmp_path: Path) -> None:
    output = tmp_path / "plan.json"
    result = run("plan", PAPER, *LEVEL, "-o", str(output))
    assert result.exit_code == 0
    assert "27.5 GB" in result.stdout
    assert load_plan(output).method == "level"
    result = run("plan", PAPER, *LEVEL, "--json", "-o", str(output))
    assert read_plan(result.stdout_bytes) == load_plan(output)


def test_a_cluster_is_read_from_standard_input() -> None:
    result = run("plan", "-", *LEVEL, given=Path(PAPER).read_bytes())
    assert result.exit_code == 0
    assert "27.5 GB" in result.stdout


def test_every_option_reaches_the_planner() -> None:
    options = (
        "--method=milp --time-limit=20.5 --gap=0.5 --seed=7 --solver=cp-sat --workers=1 "
        "--max-pieces=1 --stored-limit=0.00004MB --stored-cost=0.001 --failures=single "
        "--allow-unprotected --json -v"
    )
    result = run("plan", "-", *options.split(), given=TINY)
    assert result.exit_code == 0
    plan = json.loads(result.stdout)
    assert (plan["method"], plan["seed"]) == ("milp", 7)
    assert plan["stored"] == [{"diff": "base", "server": "b", "start": 0, "stop": 40}]


def test_what_is_stored_can_be_priced_and_limited() -> None:
    """Base saves 40 bytes in one of two failures, so 20 of them for 40 stored."""
    dear = json.loads(run("plan", "-", "--stored-cost", "0.6", "--json", given=TINY).stdout)
    cheap = json.loads(run("plan", "-", "--stored-cost", "0.4", "--json", given=TINY).stdout)
    assert (len(cheap["stored"]), cheap["expected_transfer_bytes"]) == (1, 0)
    assert sum(extent["stop"] - extent["start"] for extent in dear["stored"]) == 40
    limited = run("plan", "-", "--stored-limit", "39B", given=TINY)
    assert limited.exit_code == 4


def test_there_may_be_no_time_limit() -> None:
    assert run("plan", "-", "--time-limit", "none", given=TINY).exit_code == 0


def test_the_failures_of_the_cluster_are_replaced() -> None:
    result = run("plan", "-", "--failures", "zones, single", "--json", given=TINY)
    names = [recovery["failure"] for recovery in json.loads(result.stdout)["recoveries"]]
    assert names == ["zone r1", "zone r2"]
    result = run("plan", "-", "--failures", "pairs", given=TINY)
    assert result.exit_code == 4  # both servers fail together


def test_a_cluster_may_list_no_failures() -> None:
    none = TINY.replace('"diffs"', '"failures": [], "diffs"')
    result = run("plan", "-", given=none)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no failures to be ready for" in result.stdout


def test_what_is_short_is_named() -> None:
    result = run("plan", "-", given=FULL)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "failure 'a'" in result.stderr
    assert "server 'b' lacks 1 of disk: needed 40, available 39 (for 'web')" in result.stderr


def test_what_is_short_is_given_as_json() -> None:
    result = run("plan", "-", "--json", given=FULL)
    assert result.exit_code == 4
    document = json.loads(result.stdout)
    assert document["format"] == "spareplace/infeasible/1"
    shortage = {
        "failure": "a",
        "server": "b",
        "resource": "disk",
        "needed": 40,
        "available": 39,
        "missing": 1,
        "vms": ["web"],
    }
    assert shortage in document["shortages"]


def test_vms_left_out_are_listed_with_the_reason() -> None:
    result = run("plan", "-", "--allow-unprotected", given=FULL)
    assert result.exit_code == 0
    assert "unprotected: 1 (VM, failure) pair\n  web in a\n" in result.stdout
    assert "lacks 1 of disk" in result.stdout


def test_no_plan_within_the_time_ends_with_5() -> None:
    result = run("plan", "-", "--time-limit", "1", given=hard_cluster())
    assert (result.exit_code, result.stdout) == (5, "")
    assert "greedy found no plan" in result.stderr


def test_what_is_left_unproven_is_said() -> None:
    result = run("plan", "-", "--time-limit", "1", "--allow-unprotected", given=hard_cluster())
    assert result.exit_code == 0
    assert "whether more VMs could be protected is not proven" in result.stdout


def test_a_solver_that_is_not_here_ends_with_5_and_an_unknown_one_with_2() -> None:
    absent = run("plan", PAPER, "--solver", "pulp:NONE_CMD")
    assert absent.exit_code == 5
    assert "pulp:NONE_CMD" in absent.stderr
    unknown = run("plan", PAPER, "--solver", "cp-sta")
    assert unknown.exit_code == 2
    assert "did you mean 'cp-sat'?" in unknown.stderr


@pytest.mark.parametrize(
    "option",
    [
        "--method=best",
        "--time-limit=-1",
        "--time-limit=nan",
        "--time-limit=inf",
        "--time-limit=soon",
        "--gap=1.5",
        "--gap=nan",
        "--seed=-1",
        "--seed=0.5",
        "--seed=99999999999",
        "--workers=0",
        "--workers=1000000",
        "--max-pieces=0",
        "--max-pieces=65",
        "--stored-limit=-1",
        "--stored-limit=40Gb",
        "--stored-limit=0.5B",
        "--stored-limit=10000TB",
        "--stored-cost=-0.1",
        "--stored-cost=inf",
        "--failures=racks",
        "--failures=single,,zones",
        "--failures=",
    ],
)
def test_an_unusable_value_is_wrong_usage_and_named(option: str) -> None:
    result = run("plan", "/nowhere", option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option.partition("=")[0] in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("none/plan.json", "there is no folder"),
        (".", "it is a folder"),
        ("cluster.json", "it is what is read"),
        ("-", "use --json"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cluster.json").write_text(TINY)
    result = run("plan", "cluster.json", "-o", output)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert Path("cluster.json").read_text() == TINY


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is permitted to root")
def test_an_output_without_permission_is_refused_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run("plan", PAPER, "-o", str(tmp_path / "plan.json"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "permission denied" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_plan_that_cannot_be_saved_is_still_told() -> None:
    result = run("plan", PAPER, *LEVEL, "-o", "/dev/full")
    assert result.exit_code == 2
    assert "27.5 GB" in result.stdout
    assert "No space left" in result.stderr


def test_warnings_of_the_library_are_shown() -> None:
    overcommitted = TINY.replace('"a", "disk": 100', '"a", "disk": 30')
    result = run("plan", "-", *LEVEL, given=overcommitted)
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: overcommitted as given")
    assert "server 'a' lacks 10 of disk" in result.stderr


def test_names_from_the_file_cannot_act_on_the_terminal() -> None:
    for given in (TINY, FULL):
        given = given.replace("web", "w\\u001b[2J").replace('"a"', '"a\\n\\u009b"')
        for more in ((), ("--allow-unprotected",)):
            result = run("plan", "-", *more, given=given)
            for text in (result.stdout, result.stderr):
                assert text.replace("\n", "").isprintable()
