"""``spareplace export``: a cluster for other tools. Each tool has a module of its own."""

from __future__ import annotations

import click

from spareplace.cli.described import DescribedGroup
from spareplace.cli.exporting.ganeti import command as ganeti


@click.group("export", cls=DescribedGroup)
def command() -> None:
    """Write a cluster for other tools.

    What their formats have no word for is told on standard error.
    """


for exporter in (ganeti,):
    command.add_command(exporter)
