"""Every document that has a format of ours has a schema, and the docs list it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import spareplace
from spareplace.errors import InvalidInput
from spareplace.schemas import FORMATS, document_schema
from tests.examples import EXAMPLES

PACKAGE = Path(spareplace.__file__).parent

NAMED = re.compile(r"spareplace/([a-z]+)/1\b")


def test_every_format_that_is_named_in_the_code_has_a_schema() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    named = {name for text in texts for name in NAMED.findall(text)}
    assert named == set(FORMATS)


def test_the_page_of_the_files_lists_every_format() -> None:
    page = (EXAMPLES.parent / "docs" / "files.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([a-z]+)`", " ".join(rows))) == sorted(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_a_schema_of_that_format_alone(name: str) -> None:
    schema = document_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:spareplace:{name}:1"
    errors = Draft202012Validator(schema).iter_errors({"format": "spareplace/other/1"})
    assert ["format"] in [list(error.path) for error in errors]


def test_of_another_name_there_is_none() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'recovery'"):
        document_schema("recovrey")
