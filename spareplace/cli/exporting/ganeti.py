"""``spareplace export ganeti``: to a text file of htools."""

from __future__ import annotations

from pathlib import Path

import click

from spareplace.cli.arguments import FILE, cluster_argument, refuse_two_dashes
from spareplace.cli.described import Described
from spareplace.cli.printing import one_line, say
from spareplace.cli.results import refuse_unwritable, writing
from spareplace.cli.sources import STANDARD_INPUT, cluster_from, plan_from
from spareplace.cli.standard_error import StandardError
from spareplace.importers.ganeti.exporting import export_ganeti
from spareplace.importers.imported import told


@click.command("ganeti", cls=Described)
@cluster_argument
@click.option(
    "--plan", "plan_file", type=FILE, metavar="PLAN", help="Take what it stores off the disks."
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write to this file and sum it up.")
@click.pass_obj
def command(err: StandardError, cluster: str, plan_file: str | None, output: str | None) -> None:
    """Write a cluster in the text format of Ganeti's htools.

    hcheck -t and hbal -t read it. What the format has no word for is told on standard error.
    """
    inputs = [cluster] if plan_file is None else [cluster, plan_file]
    refuse_two_dashes(*inputs)
    if output == STANDARD_INPUT:
        output = None
    refuse_unwritable(output, *inputs)
    given = cluster_from(cluster)
    exported = export_ganeti(given, None if plan_file is None else plan_from(plan_file))
    for line in told(exported.notes):
        err.message(f"note: {one_line(line)}")
    if output is None:
        say(exported.text.removesuffix("\n").encode())
        return
    with writing(output):
        Path(output).write_bytes(exported.text.encode())
    say(f"{len(given.servers)} nodes, {len(given.vms)} instances")
