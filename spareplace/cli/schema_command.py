"""``spareplace schema``: the JSON Schemas of the documents."""

from __future__ import annotations

import click

from spareplace.cli.described import Described
from spareplace.cli.documents import json_bytes
from spareplace.cli.printing import say
from spareplace.schemas import FORMATS, document_schema


@click.command(
    "schema",
    cls=Described,
    help=f"""Print the JSON Schema of a file format, for editors and other programs.

    FORMAT is the word in the middle of the format that a file names: {", ".join(FORMATS)}.
    """,
)
@click.argument("file", metavar="FORMAT", type=click.Choice(FORMATS))
def command(file: str) -> None:
    """Print the schema."""
    say(json_bytes(document_schema(file)))
