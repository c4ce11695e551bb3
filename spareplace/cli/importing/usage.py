"""``spareplace import usage``: demands from measured use."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from spareplace.cli.arguments import FILE, cluster_argument
from spareplace.cli.described import Described
from spareplace.cli.importing.one_file import source_from
from spareplace.cli.importing.result_options import ResultOptions, result_options
from spareplace.cli.sources import STANDARD_INPUT, cluster_from
from spareplace.cli.standard_error import StandardError
from spareplace.importers.usage import LABELS, import_usage


def _read_percentile(_ctx: click.Context, _param: click.Parameter, text: str) -> Decimal:
    try:
        percentile = Decimal(text)
    except InvalidOperation:
        percentile = Decimal(0)
    if not percentile.is_finite() or not 0 < percentile <= 100:
        raise click.BadParameter(f"found {text!r}, expected a number above 0 and at most 100")
    return percentile


@click.command("usage", cls=Described)
@cluster_argument
@click.argument("usage", nargs=-1, required=True, type=FILE)
@click.option(
    "--percentile",
    default="95",
    show_default=True,
    callback=_read_percentile,
    metavar="P",
    help="A VM demands what it did not exceed in P % of the samples.",
)
@click.option(
    "--resource",
    metavar="NAME",
    help="What answers of Prometheus measure, if no label resource says it.",
)
@click.option(
    "--vm-label",
    "labels",
    multiple=True,
    default=LABELS,
    show_default=True,
    metavar="LABEL",
    help="Prometheus' label that names the VM; given again, the first found.",
)
@result_options
@click.pass_obj
def command(
    err: StandardError,
    cluster: str,
    usage: tuple[str, ...],
    percentile: Decimal,
    resource: str | None,
    labels: tuple[str, ...],
    result: ResultOptions,
) -> None:
    """Replace demands by a percentile of measured use.

    CLUSTER is a cluster file, and USAGE files with samples: CSV with the columns time, vm,
    resource and value, or what Prometheus answers to a query; - is standard input.
    """
    if (cluster, *usage).count(STANDARD_INPUT) > 1:
        raise click.UsageError("only one of CLUSTER and USAGE can be read from standard input")
    result.refuse_nowhere(*usage)
    imported = import_usage(
        cluster_from(cluster),
        [source_from(path) for path in usage],
        percentile=percentile,
        resource=resource,
        labels=labels,
    )
    result.finish(err, imported)
