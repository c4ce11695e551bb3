"""``spareplace frontier``: what stored bytes buy."""

from __future__ import annotations

import csv
import io

import click

from spareplace.cli.arguments import (
    cluster_argument,
    failures_option,
    json_option,
    max_pieces_option,
    verbose_option,
    with_failures,
)
from spareplace.cli.columns import table
from spareplace.cli.described import Described
from spareplace.cli.planning_options import answering
from spareplace.cli.printing import say
from spareplace.cli.sources import cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.cli.telling import progress_option
from spareplace.cli.values import read_seconds
from spareplace.explaining.frontier_file import frontier_text
from spareplace.explaining.trading import DEFAULT_POINTS, Frontier, frontier
from spareplace.failures import Kind
from spareplace.options import DEFAULT_TIME_LIMIT
from spareplace.units import format_bytes

BAR = 36
"""The longest bar of the chart, in characters."""


@click.command("frontier", cls=Described)
@cluster_argument
@click.option(
    "--points",
    type=click.IntRange(2, 1000),
    default=DEFAULT_POINTS,
    show_default=True,
    metavar="N",
    help="How many limits on what is stored.",
)
@click.option(
    "--time-limit",
    callback=read_seconds,
    default=f"{DEFAULT_TIME_LIMIT:g}",
    show_default=True,
    metavar="S",
    help="Seconds for all of it, or none.",
)
@max_pieces_option
@failures_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@json_option
@progress_option
@verbose_option
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    points: int,
    time_limit: float | None,
    max_pieces: int,
    kinds: tuple[Kind, ...] | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show the expected transfer for more and more stored bytes, each point a checked plan.

    CLUSTER is a file, or - for standard input. Each point has its own limit on what is stored,
    from the least that protects every VM to as much as is of use; those that store more and
    transfer no less are left out. With --json each point has its plan, as a plan file.
    """
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, not both")
    given = with_failures(cluster_from(cluster), kinds)
    with answering(err, as_json) as told:
        found = frontier(
            given, points=points, time_limit=time_limit, max_pieces=max_pieces, progress=told
        )
    if as_json:
        say(frontier_text(found).rstrip("\n").encode())
    else:
        say(_csv(found) if as_csv else _chart(found))


def _csv(found: Frontier) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    names = ("stored_bytes", "expected_transfer_bytes", "lower_bound_bytes", "status")
    rows.writerow(names)
    for point in found.points:
        rows.writerow([getattr(point, name) for name in names])
    return out.getvalue().rstrip("\n")


def _chart(found: Frontier) -> str:
    most = max((it.expected_transfer_bytes for it in found.points), default=0.0)
    rows = [("stored", "expected transfer", "proven", "")]
    for it in found.points:
        bar = "#" * round(BAR * it.expected_transfer_bytes / most) if most else ""
        proven = "least" if it.status == "optimal" else ""
        rows.append(
            (format_bytes(it.stored_bytes), format_bytes(it.expected_transfer_bytes), proven, bar)
        )
    return "\n".join(table(rows, right={0, 1}))
