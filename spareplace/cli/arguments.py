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

_log = logging.getLogger(__name__)

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
    """Replace the failures of a cluster by those of some kinds; ``None`` keeps its own.

    A kind of which there is no failure is told; if there is none of any kind, that is wrong usage:
    it would be a plan for nothing, or praise for one.

    Raises
    ------
    click.BadParameter
        If there would be no failure.
    """
    if kinds is None:
        return cluster
    failures = failures_of(cluster.servers, kinds)
    vain = {kind: why for kind in kinds if (why := _why_none(cluster, kind))}
    if not failures:
        hint = "choose other kinds, or list the failures in the cluster"
        text = f"found {','.join(kinds)}, but {', and '.join(vain.values())}; {hint}"
        raise click.BadParameter(text, param_hint="--failures")
    for kind, why in vain.items():
        _log.warning("--failures %s adds no failure: %s", kind, why)
    return replace(cluster, failures=failures)


def _why_none(cluster: Cluster, kind: Kind) -> str:
    """Say why there is no failure of a kind; nothing if there is one."""
    if kind == "zones" and all(server.zone is None for server in cluster.servers):
        return "no server has a zone"
    if kind == "pairs" and len(cluster.servers) == 1:
        return "there is only one server"
    return ""


def wrong_usage(bad: InvalidInput) -> click.UsageError:
    """Turn what a function says about its arguments into a message about our options."""
    problems = [replace(problem, path=_option(problem.path)) for problem in bad.problems]
    return click.UsageError("\n".join(str(problem) for problem in problems))


def _option(path: str) -> str:
    """Give the option for an argument; one of several values is told by what was found."""
    return "--" + path.partition("[")[0].replace("_", "-")


def refuse_two_dashes(*arguments: str) -> None:
    """Refuse to read standard input twice.

    Raises
    ------
    click.UsageError
        If more than one of these is ``-``.
    """
    if arguments.count(STANDARD_INPUT) > 1:
        raise click.UsageError("only one of CLUSTER and PLAN can be read from standard input")
