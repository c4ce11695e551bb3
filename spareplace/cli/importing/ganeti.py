"""``spareplace import ganeti``: from a text file of htools."""

from __future__ import annotations

import click

from spareplace.cli.arguments import FILE
from spareplace.cli.described import Described
from spareplace.cli.importing.host_options import HostOptions, host_options
from spareplace.cli.importing.one_file import source_from
from spareplace.cli.importing.result_options import ResultOptions, result_options
from spareplace.cli.importing.stopped_option import stopped_option
from spareplace.cli.standard_error import StandardError
from spareplace.importers.ganeti.importing import Mirrors, import_ganeti
from spareplace.importers.stopped import Stopped


@click.command("ganeti", cls=Described)
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
@stopped_option
@result_options
@click.pass_obj
def command(
    err: StandardError,
    path: str,
    hosts: HostOptions,
    mirrors: Mirrors,
    zone_kind: str | None,
    stopped: Stopped,
    result: ResultOptions,
) -> None:
    """Make a cluster of a text file of Ganeti's htools.

    PATH is a file that hscan or hbal -S wrote, and that hbal -t reads; - is standard input.
    """
    result.refuse_nowhere(path, hosts.file)
    imported = import_ganeti(
        source_from(path),
        hosts=hosts.listed(),
        every_host=hosts.every(),
        mirrors=mirrors,
        zone_kind=zone_kind,
        stopped=stopped,
    )
    result.finish(err, imported)
