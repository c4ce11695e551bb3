from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from spareplace.cli.generate_command import KNOBS
from spareplace.files import cluster_text, load_cluster
from spareplace.generate import generate_cluster
from tests.cli.commands import run

SMALL = ("--servers", "4", "--vms-per-server", "2")


def test_every_knob_of_the_function_is_an_option_with_the_same_default() -> None:
    parameters = inspect.signature(generate_cluster).parameters
    assert list(KNOBS) == list(parameters)
    text = " ".join(run("generate", "--help").stdout.split())
    for name, parameter in parameters.items():
        assert f"--{name.replace('_', '-')} " in text
        assert f"[default: {parameter.default}]" in text


def test_without_a_file_the_cluster_is_printed_alone() -> None:
    for more in ((), ("-o", "-")):
        result = run("generate", *SMALL, "--seed", "7", *more)
        assert (result.exit_code, result.stderr) == (0, "")
        expected = generate_cluster(servers=4, vms_per_server=2, seed=7)
        assert result.stdout == cluster_text(expected)


def test_into_a_file_with_a_summary(tmp_path: Path) -> None:
    path = tmp_path / "cluster.json"
    result = run("generate", *SMALL, "-o", str(path))
    assert result.exit_code == 0
    assert result.stdout.startswith("4 servers, 8 VMs, ")
    assert load_cluster(path) == generate_cluster(servers=4, vms_per_server=2)


def test_every_knob_is_passed_on() -> None:
    knobs = {
        "servers": 6, "vms_per_server": 3, "seed": 5, "depth": 2, "fanout": 2, "sharing": 0.5,
        "disk_slack": 1.5, "load": 0.4, "zones": 2, "groups": 0.2, "residents": 0.5,
    }  # fmt: skip
    assert set(knobs) == set(KNOBS)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in knobs.items()]
    expected = generate_cluster(
        servers=6, vms_per_server=3, seed=5, depth=2, fanout=2, sharing=0.5,
        disk_slack=1.5, load=0.4, zones=2, groups=0.2, residents=0.5,
    )  # fmt: skip
    assert run("generate", *options).stdout == cluster_text(expected)


def test_what_is_made_can_be_planned_and_checked(tmp_path: Path) -> None:
    cluster, plan = str(tmp_path / "cluster.json"), str(tmp_path / "plan.json")
    assert run("generate", *SMALL, "--load=0.3", "--disk-slack=2", "-o", cluster).exit_code == 0
    assert run("plan", cluster, "--time-limit", "5", "-o", plan).exit_code == 0
    assert run("check", cluster, plan).exit_code == 0


@pytest.mark.parametrize(
    "option",
    ["--servers=0", "--servers=x", "--depth=0", "--load=nan", "--load=-1", "--sharing=2"],
)
def test_an_unusable_knob_is_wrong_usage_and_named(option: str) -> None:
    result = run("generate", option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option.partition("=")[0] in result.stderr


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    result = run("generate", *SMALL, "-o", str(tmp_path / "none" / "cluster.json"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no folder" in result.stderr
