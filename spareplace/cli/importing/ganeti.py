"""``spareplace import ganeti``: from a text file of htools."""

from __future__ import annotations

from typing import cast

import click

from spareplace.cli.arguments import FILE
from spareplace.cli.importing.taking import (
    every_host,
    finish,
    host_options,
    listed_hosts,
    refuse_nowhere,
    result_options,
)
from spareplace.cli.standard_error import StandardError
from spareplace.importers.ganeti.importing import Mirrors, import_ganeti
from spareplace.importers.sources import read_source


@click.command("ganeti")
@click.argument("path", type=FILE)
@host_options
@click.option(
    "--mirrors",
    type=click.Choice(["kept", "planned"]),
    default="kept",
    show_default=True,
    help="DRBD: fail over to the mirror alone, or plan copies instead of it.",
)
@click.option(
    "--zone-kind",
    metavar="KIND",
    help="Which location tags give the zones, if there are several kinds.",
)
@result_options
@click.pass_obj
def command(
    err: StandardError,
    path: str,
    hosts_file: str | None,
    disk: int | None,
    capacity: dict[str, str],
    mirrors: str,
    zone_kind: str | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Make a cluster of a text file of Ganeti's htools.

    PATH is a file that hscan or hbal -S wrote, and that hbal -t reads.
    """
    refuse_nowhere(output, as_json, path)
    imported = import_ganeti(
        read_source(path),
        hosts=listed_hosts(hosts_file),
        every_host=every_host(disk, capacity),
        mirrors=cast("Mirrors", mirrors),
        zone_kind=zone_kind,
    )
    finish(err, imported, output, as_json)
