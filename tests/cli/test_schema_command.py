from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from spareplace.schemas import FORMATS, document_schema
from tests.cli.commands import FULL, PAPER, TINY, run
from tests.saving.strategies import write_raw

QUICK = ("--method", "search", "--iterations", "0", "--allow-unprotected")


@pytest.mark.parametrize("file", FORMATS)
def test_the_schema_is_printed(file: str) -> None:
    result = run("schema", file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == document_schema(file)
    assert file in run("schema", "--help").stdout


@pytest.fixture
def plans(tmp_path: Path) -> tuple[str, str]:
    made = str(tmp_path / "level.json"), str(tmp_path / "greedy.json")
    for method, path in zip(("level", "greedy"), made, strict=True):
        assert run("plan", PAPER, "--method", method, "-o", path).exit_code == 0
    return made


def validate(file: str, *arguments: str, given: str = "") -> None:
    result = run(*arguments, "--json", given=given)
    document = json.loads(result.stdout)
    assert document["format"] == f"spareplace/{file}/1"
    jsonschema.validate(document, document_schema(file))


def test_what_is_printed_of_plans_and_changes_is_valid(plans: tuple[str, str]) -> None:
    plan, other = plans
    validate("plan", "plan", PAPER, "--method", "level")
    validate("diff", "diff", plan, other, "--cluster", PAPER)
    validate("moves", "runbook", PAPER, plan, "--to", other)
    validate("recovery", "recover", PAPER, plan, "--failed", "Sk")
    validate("status", "status", PAPER, plan)
    validate("change", "replan", PAPER, plan, "--move-limit", "10GB", *QUICK)
    validate("reprotection", "reprotect", PAPER, plan, "--failed", "Sl", *QUICK)
    validate("drain", "drain", PAPER, plan, "Sl", *QUICK)


def test_what_is_printed_of_questions_is_valid(plans: tuple[str, str]) -> None:
    plan, _ = plans
    validate("explanation", "explain", PAPER, plan, "--failure", "Sk")
    validate("explanation", "explain", "-", given=FULL)
    validate("whatif", "whatif", PAPER, plan, "--disk", "Sl=+1GB", "--method", "greedy")
    validate("capacity", "capacity", "-", "--like", "web", "--with-server", "1", given=TINY)
    validate("frontier", "frontier", "-", "--points", "2", "--max-pieces", "1", given=TINY)
    short = ("--months", "1", "--iterations", "0", "--policy", "greedy")
    validate("simulation", "simulate", "-", *short, given=TINY)


def test_what_is_printed_of_rules_and_solvers_is_valid(
    plans: tuple[str, str], tmp_path: Path
) -> None:
    validate("check", "check", PAPER, plans[0])
    validate("solvers", "solvers")
    validate("infeasible", "plan", "-", given=FULL)
    wrong = json.loads(Path(plans[0]).read_text())
    wrong["stored"][0]["server"] = "Sj"
    wrong["recoveries"][0]["transfer_bytes"] = 1
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert run("check", PAPER, str(tmp_path / "wrong.json")).exit_code == 6
    validate("check", "check", PAPER, str(tmp_path / "wrong.json"))


def test_lines_of_progress_are_valid() -> None:
    result = run("plan", "-", "--progress", "json", given=TINY + " ")
    failed = run("plan", "-", "--progress", "json", given=FULL)
    lines = [json.loads(line) for line in (result.stderr + failed.stderr).splitlines()]
    assert {line["format"].split("/")[1] for line in lines} == {"progress", "message"}
    for line in lines:
        jsonschema.validate(line, document_schema(line["format"].split("/")[1]))


def test_what_is_read_and_what_comes_of_it_is_valid(plans: tuple[str, str], tmp_path: Path) -> None:
    vm = {"name": "new", "server": "Si", "diff": "a9", "disk": "1GB"}
    news = {"format": "spareplace/registration/1", "vms": [vm]}
    jsonschema.validate(news, document_schema("registration"))
    validate("registered", "register", PAPER, plans[0], "-", given=json.dumps(news))
    jsonschema.validate(json.loads(Path(PAPER).read_text()), document_schema("cluster"))
    validate("difftree", "difftree", write_raw(tmp_path / "base.raw", "aaab"))


def test_lists_of_hosts_and_images_that_are_taken_are_valid(tmp_path: Path) -> None:
    sources = str(Path(PAPER).parent / "three_hosts" / "gamma")
    disk = {"file": "/var/lib/libvirt/images/own.img", "host": "far", "vm": "mail"}
    paths = []
    for name, entry in (
        ("hosts", {"name": "far", "disk": "1TB", "capacity": {"cpu": 8}, "sources": [sources]}),
        ("images", disk),
    ):
        document = {"format": f"spareplace/{name}/1", name: [entry]}
        jsonschema.validate(document, document_schema(name))
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        paths += [f"--{name}", str(tmp_path / f"{name}.json")]
    validate("cluster", "import", "qemu", *paths)


def test_another_format_is_wrong_usage() -> None:
    assert run("schema", "excel").exit_code == 2
