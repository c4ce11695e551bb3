"""``spareplace schema``: the JSON Schemas of the files."""

from __future__ import annotations

from typing import Literal

import click

from spareplace.cli.documents import json_bytes
from spareplace.cli.printing import say
from spareplace.files import schema


@click.command("schema")
@click.argument("file", type=click.Choice(["cluster", "plan"]))
def command(file: Literal["cluster", "plan"]) -> None:
    """Print the JSON Schema of a file format, for editors and other programs."""
    say(json_bytes(schema(file)))
