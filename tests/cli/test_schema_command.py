from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import jsonschema
import pytest

from spareplace.files import schema
from tests.cli.commands import PAPER, run


@pytest.mark.parametrize("file", ["cluster", "plan"])
def test_the_schema_is_printed(file: Literal["cluster", "plan"]) -> None:
    result = run("schema", file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == schema(file)


def test_a_printed_plan_is_valid_under_the_printed_schema() -> None:
    plan = json.loads(run("plan", PAPER, "--method", "level", "--json").stdout)
    jsonschema.validate(plan, json.loads(run("schema", "plan").stdout))
    cluster = json.loads(Path(PAPER).read_text())
    jsonschema.validate(cluster, json.loads(run("schema", "cluster").stdout))


def test_another_format_is_wrong_usage() -> None:
    assert run("schema", "excel").exit_code == 2
