from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from spareplace.lifecycle.schemas import FORMATS, document_schema
from tests.cli.commands import PAPER, run


@pytest.mark.parametrize("file", FORMATS)
def test_the_schema_is_printed(file: str) -> None:
    result = run("schema", file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == document_schema(file)
    jsonschema.Draft202012Validator.check_schema(json.loads(result.stdout))
    assert json.loads(result.stdout)["$id"] == f"urn:spareplace:{file}:1"
    assert file in run("schema", "--help").stdout


def validate(file: str, *arguments: str) -> None:
    result = run(*arguments, "--json")
    document = json.loads(result.stdout)
    assert document["format"] == f"spareplace/{file}/1"
    jsonschema.validate(document, json.loads(run("schema", file).stdout))


def test_what_commands_print_is_valid_under_the_printed_schema(tmp_path: Path) -> None:
    plan, other = str(tmp_path / "plan.json"), str(tmp_path / "other.json")
    run("plan", PAPER, "--method", "level", "-o", plan)
    run("plan", PAPER, "--method", "greedy", "-o", other)
    quick = ("--method", "search", "--iterations", "0", "--allow-unprotected")
    validate("plan", "plan", PAPER, "--method", "level")
    validate("diff", "diff", plan, other, "--cluster", PAPER)
    validate("recovery", "recover", PAPER, plan, "--failed", "Sk")
    validate("status", "status", PAPER, plan)
    validate("change", "replan", PAPER, plan, "--move-limit", "10GB", *quick)
    validate("reprotection", "reprotect", PAPER, plan, "--failed", "Sl", *quick)
    validate("drain", "drain", PAPER, plan, "Sl", *quick)
    cluster = json.loads(Path(PAPER).read_text())
    jsonschema.validate(cluster, json.loads(run("schema", "cluster").stdout))


def test_another_format_is_wrong_usage() -> None:
    assert run("schema", "excel").exit_code == 2
