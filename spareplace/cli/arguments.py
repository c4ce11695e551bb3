"""The arguments and options that several commands share."""

from __future__ import annotations

import logging
from dataclasses import replace

import click

from spareplace.cli.sources import STANDARD_INPUT
from spareplace.cli.values import complete_kinds, read_kinds, read_size
from spareplace.cluster import Cluster
from spareplace.errors import InvalidInput
from spareplace.failures import Kind, failures_of
from spareplace.options import MOST_PIECES
from spareplace.placement import DEFAULT_MAX_PIECES

FILE = click.Path(readable=False, allow_dash=True)
"""Not looked at by click: one that cannot be read is invalid input, no wrong usage."""

cluster_argument = click.argument("cluster", type=FILE)

failures_option = click.option(
    "--failures",
    "kinds",
    callback=read_kinds,
    shell_complete=complete_kinds,
    metavar="KINDS",
    help="Take all failures of these kinds instead of the cluster's: single, zones, pairs, with "
    "commas between.",
)

max_pieces_option = click.option(
    "--max-pieces",
    type=click.IntRange(1, MOST_PIECES),
    default=DEFAULT_MAX_PIECES,
    show_default=True,
    metavar="K",
    help="Into how many pieces a diff may be cut; 1: whole copies only.",
)

stored_limit_option = click.option(
    "--stored-limit",
    callback=read_size,
    metavar="SIZE",
    help="The most to store in all, such as 2TB.  [default: no limit]",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else."
)


def _log_more(_ctx: click.Context, _param: click.Parameter, verbose: bool) -> None:
    if verbose:
        logging.getLogger("spareplace").setLevel(logging.INFO)


verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_log_more,
    help="Tell more on standard error.",
)


def with_failures(cluster: Cluster, kinds: tuple[Kind, ...] | None) -> Cluster:
    """Replace the failures of a cluster by those of some kinds; ``None`` keeps its own."""
    if kinds is None:
        return cluster
    return replace(cluster, failures=failures_of(cluster.servers, kinds))


def wrong_usage(bad: InvalidInput) -> click.UsageError:
    """Turn what a function says about its arguments into a message about our options."""
    problems = [
        replace(problem, path="--" + problem.path.replace("_", "-")) for problem in bad.problems
    ]
    return click.UsageError("\n".join(str(problem) for problem in problems))


def refuse_two_dashes(*arguments: str) -> None:
    """Refuse to read standard input twice.

    Raises
    ------
    click.UsageError
        If more than one of these is ``-``.
    """
    if arguments.count(STANDARD_INPUT) > 1:
        raise click.UsageError("only one of CLUSTER and PLAN can be read from standard input")
